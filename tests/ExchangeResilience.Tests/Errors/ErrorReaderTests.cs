using System.Text;

namespace ExchangeResilience.Tests.Errors;

public sealed class ErrorReaderTests
{
    private static ErrorReading Read(string body) => ErrorReader.Read(Encoding.UTF8.GetBytes(body));

    private static string MessageOf(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return ErrorReader.Read(bytes).Message(bytes);
    }

    [Theory]
    [InlineData("", nameof(BodyShape.Empty))]
    [InlineData(" \r\n\t", nameof(BodyShape.Empty))]
    [InlineData("\uFEFF", nameof(BodyShape.Empty))]
    [InlineData("{}", nameof(BodyShape.Object))]
    [InlineData("\uFEFF {\"code\":-1}", nameof(BodyShape.Object))]
    [InlineData("[]", nameof(BodyShape.Array))]
    [InlineData(" [1] ", nameof(BodyShape.Array))]
    [InlineData("SUCCESS", nameof(BodyShape.Text))]
    [InlineData("null", nameof(BodyShape.Text))]
    [InlineData("\"code\":-1111", nameof(BodyShape.Text))]
    [InlineData("<html></html>", nameof(BodyShape.Html))]
    [InlineData("\n<!DOCTYPE html>", nameof(BodyShape.Html))]
    [InlineData("{", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid symbol.\"", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121} {\"code\":-1007}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121,}", nameof(BodyShape.Malformed))]
    [InlineData("{'code':-1121}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-01}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-0121,\"msg\":\"x\"}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121,\"msg\":\"a\nb\"}", nameof(BodyShape.Malformed))]
    [InlineData("[{\"orderId\":1}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1121}\0", nameof(BodyShape.Malformed))]
    public void The_shape_is_told(string body, string shape) => Read(body).Shape.ToString().ShouldBe(shape);

    [Theory]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", -1121)]
    [InlineData("{\"msg\":\"Invalid symbol.\",\"code\":-1121}", -1121)]
    [InlineData(" { \"code\" : -1121 , \"msg\" : \"Invalid symbol.\" } ", -1121)]
    [InlineData("{\"code\":\"-1121\"}", -1121)]
    [InlineData("{\"\\u0063ode\":\"\\u002d1121\"}", -1121)]
    [InlineData("{\"code\":200,\"msg\":\"success\"}", 200)]
    [InlineData("{\"code\":\"200\",\"algoId\":1}", 200)]
    [InlineData("{\"code\":0,\"msg\":\"Service unavailable from a restricted location\"}", 0)]
    [InlineData("{\"error\":{\"code\":-4024,\"msg\":\"Limit price\"},\"status\":400}", -4024)]
    [InlineData("{\"code\":-999999999,\"msg\":\"\"}", -999999999)]
    [InlineData("{\"code\":-1121,\"code\":-1121}", -1121)]
    [InlineData("{\"data\":{\"code\":-9},\"code\":-1121}", -1121)]
    public void A_code_in_a_whole_object_is_trusted(string body, int code)
    {
        var reading = Read(body);

        reading.Code.ShouldBe(code);
        reading.CodeIsTrusted.ShouldBeTrue();
        reading.ErrorCode.ShouldBe(code < 0 ? code : null);
    }

    [Theory]
    [InlineData("{\"code\":-99999999999999999999,\"msg\":\"x\"}")]
    [InlineData("{\"code\":-2147483648,\"msg\":\"x\"}")]
    [InlineData("{\"code\":-1000000000,\"msg\":\"x\"}")]
    [InlineData("{\"code\":-1121.5}")]
    [InlineData("{\"code\":-1e3}")]
    [InlineData("{\"code\":\"-1121x\"}")]
    [InlineData("{\"code\":\"\"}")]
    [InlineData("{\"code\":true}")]
    [InlineData("{\"code\":[-1121]}")]
    [InlineData("{\"code\":{\"a\":-1121}}")]
    public void An_absurd_code_is_none(string body)
    {
        var reading = Read(body);

        reading.Shape.ShouldBe(BodyShape.Object);
        reading.Code.ShouldBeNull();
        reading.CodeIsUnreadable.ShouldBeTrue();
        reading.ErrorCode.ShouldBeNull();
    }

    [Theory]
    [InlineData("{\"code\":null,\"msg\":\"x\"}")]
    [InlineData("{\"Code\":-1121}")]
    [InlineData("{\"data\":{\"code\":-1121}}")]
    [InlineData("{\"codes\":-1121,\"xcode\":-1}")]
    [InlineData("{\"countdownTime\\ud83d\\ude00\":\"1\"}")]
    public void Without_a_code_there_is_none(string body)
    {
        Read(body).Code.ShouldBeNull();
        Read(body).CodeIsUnreadable.ShouldBeFalse();
        Read(body).Proof.ShouldBe(default);
    }

    [Theory]
    [InlineData("{\"code\":-1121,\"code\":-1007}")]
    [InlineData("{\"code\":200,\"code\":-1007}")]
    [InlineData("{\"code\":200,\"error\":{\"code\":-1007}}")]
    [InlineData("{\"orderId\":5,\"code\":-2019}")]
    [InlineData("{\"code\":-2019,\"leverage\":5}")]
    public void Two_statements_that_exclude_each_other_make_the_code_untrusted(string body)
    {
        var reading = Read(body);

        reading.IsContradictory.ShouldBeTrue();
        reading.CodeIsTrusted.ShouldBeFalse();
        reading.Code.ShouldNotBeNull().ShouldBeLessThan(0);
    }

    [Theory]
    [InlineData("{\"orderId\":22542179,\"status\":\"NEW\"}", (int)SuccessProof.OrderId)]
    [InlineData("{\"orderId\":\"22542179\"}", (int)SuccessProof.OrderId)]
    [InlineData("{\"orderId\":0}", 0)]
    [InlineData("{\"orderId\":-1}", 0)]
    [InlineData("{\"orderId\":null}", 0)]
    [InlineData("{\"orderId\":\"\"}", 0)]
    [InlineData("{\"orderId\":1.5}", 0)]
    [InlineData("{\"order\":{\"orderId\":1}}", 0)]
    [InlineData("{\"error\":{\"orderId\":1}}", 0)]
    [InlineData("{\"algoId\":3,\"code\":\"200\"}", (int)(SuccessProof.AlgoId | SuccessProof.Code200))]
    [InlineData("{\"code\":200,\"msg\":\"success\"}", (int)SuccessProof.Code200)]
    [InlineData("{\"code\":201,\"msg\":\"success\"}", 0)]
    [InlineData("{\"amount\":100.0,\"code\":200,\"msg\":\"Successfully modify position margin.\",\"type\":1}", (int)SuccessProof.Code200)]
    [InlineData("{\"leverage\":21,\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}", (int)SuccessProof.Leverage)]
    [InlineData("{\"leverage\":0}", 0)]
    [InlineData("{\"symbol\":\"BTCUSDT\",\"countdownTime\":\"100000\"}", (int)SuccessProof.CountdownTime)]
    [InlineData("{\"symbol\":\"BTCUSDT\",\"countdownTime\":0}", (int)SuccessProof.CountdownTime)]
    [InlineData("{\"listenKey\":\"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1\"}", (int)SuccessProof.ListenKey)]
    [InlineData("{\"listenKey\":\"\"}", 0)]
    [InlineData("{}", (int)SuccessProof.EmptyObject)]
    [InlineData("{\"a\":1}", 0)]
    [InlineData("SUCCESS", (int)SuccessProof.SuccessText)]
    [InlineData("SUCCESS\n", (int)SuccessProof.SuccessText)]
    [InlineData("SUCCESSFUL", 0)]
    [InlineData("success", 0)]
    [InlineData("[]", 0)]
    [InlineData("[{\"orderId\":1},{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}]", (int)SuccessProof.Items)]
    [InlineData("[{\"code\":200,\"msg\":\"ok\"},{\"algoId\":2}]", (int)SuccessProof.Items)]
    [InlineData("[{\"orderId\":1},{}]", 0)]
    [InlineData("[{\"orderId\":1},7]", 0)]
    [InlineData("[[{\"orderId\":1}]]", 0)]
    [InlineData("{\"orderId\":1", 0)]
    public void Proofs_of_success_are_found_at_the_top_alone(string body, int proof) => Read(body).Proof.ShouldBe((SuccessProof)proof);

    [Theory]
    [InlineData("{\"msg\":\"Unknown error, please check your request or try again later.\"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"code\":-1121,\"msg\":\"  unknown ERROR, please check your request or try again later \"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"msg\":\"Unknown error\\u002c please check your request or try again later.\"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"message\":\"Unknown error, please check your request or try again later.\"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"error\":{\"msg\":\"Unknown error, please check your request or try again later.\"}}", nameof(KnownText.UnknownError))]
    [InlineData("Unknown error, please check your request or try again later.", nameof(KnownText.UnknownError))]
    [InlineData("<html><body>Unknown error, please check your request or try again later.</body></html>", nameof(KnownText.UnknownError))]
    [InlineData("{\"msg\":\"Unknown error, please check your request or try again later.", nameof(KnownText.UnknownError))]
    [InlineData("{\"msg\":\"fine\",\"msg\":\"Unknown error, please check your request or try again later.\"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"msg\":\"Service Unavailable.\",\"msg\":\"Unknown error, please check your request or try again later.\"}", nameof(KnownText.UnknownError))]
    [InlineData("{\"msg\":\"Request occur unknown error.\"}", nameof(KnownText.UnknownErrorOccurred))]
    [InlineData("Request occur unknown error", nameof(KnownText.UnknownErrorOccurred))]
    [InlineData("{\"msg\":\"Service Unavailable.\"}", nameof(KnownText.ServiceUnavailable))]
    [InlineData("{\"code\":-1,\"msg\":\" service unavailable \"}", nameof(KnownText.ServiceUnavailable))]
    [InlineData("{\"msg\":\"Service Unavailable. Maybe.\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\"Service Unavailable.\",\"msg\":\"Perhaps\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\"Service Unavailable.\",\"error\":{\"msg\":\"Perhaps\"}}", nameof(KnownText.None))]
    [InlineData("{\"message\":\"Service Unavailable.\"}", nameof(KnownText.None))]
    [InlineData("{\"error\":\"Service Unavailable.\"}", nameof(KnownText.None))]
    [InlineData("{\"error\":{\"msg\":\"Service Unavailable.\"}}", nameof(KnownText.None))]
    [InlineData("Service Unavailable.", nameof(KnownText.None))]
    [InlineData("<html>Service Unavailable.</html>", nameof(KnownText.None))]
    [InlineData("{\"code\":1,\"msg\":\"System is under maintenance.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"239999\":\"The system is under maintenance, please try again later.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", nameof(KnownText.None))]
    public void Known_texts_are_recognised_and_reassure_only_as_the_objects_own_message(string body, string text) => Read(body).Text.ToString().ShouldBe(text);

    [Fact]
    public void A_reassuring_text_with_a_tail_beyond_sight_reassures_nobody() =>
        Read("{\"msg\":\"Service Unavailable.\\n" + new string(' ', 2000) + "but perhaps done\"}").Text.ShouldBe(KnownText.None);

    [Theory]
    [InlineData("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", "Invalid symbol.")]
    [InlineData("{\"code\":-1121,\"msg\":\"\"}", "")]
    [InlineData("{\"code\":-1121}", "")]
    [InlineData("{\"code\":-1121,\"msg\":12}", "")]
    [InlineData("{\"code\":-5022,\"msg\":\"\\u7531\\u4e8e \\\"x\\\" \\/ \\t\\r\\n y\"}", "由于 \"x\" / y")]
    [InlineData("{\"msg\":\"\\ud83d\\ude00 \\ud83d \\ude00 x\"}", "\U0001F600 \uFFFD \uFFFD x")]
    [InlineData("{\"msg\":\"line\\u0000\\u001b[2J\\u202edone\"}", "line [2Jdone")]
    [InlineData("{\"message\":\"first\",\"msg\":\"second\"}", "second")]
    [InlineData("{\"msg\":\"first\",\"message\":\"second\"}", "first")]
    [InlineData("{\"239999\":\"The system is under maintenance, please try again later.\"}", "The system is under maintenance, please try again later.")]
    [InlineData("\uFEFF{\"code\":-1,\"msg\":\"marked\"}", "marked")]
    [InlineData(" upstream connect error \n", "upstream connect error")]
    [InlineData("<html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway")]
    [InlineData("<html>title></html>", "")]
    [InlineData("{\"code\":-1003,\"msg\":\"Too many requests", "Too many requests")]
    [InlineData("{\"listenKey\":\"abcdef", "")]
    public void The_message_is_decoded_when_asked_for(string body, string message) => MessageOf(body).ShouldBe(message);

    [Fact]
    public void A_long_message_is_cut()
    {
        var message = MessageOf("{\"code\":-1121,\"msg\":\"" + string.Concat(Enumerable.Repeat("word ", 10_000)) + "\"}");

        message.Length.ShouldBeInRange(290, 300);
        message.ShouldStartWith("word word");
    }

    [Theory]
    [InlineData("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")]
    [InlineData("c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71")]
    public void What_looks_like_a_key_or_a_signature_is_masked(string secret)
    {
        foreach (var body in new[]
        {
            $"{{\"code\":-1100,\"msg\":\"Illegal '{secret}' found\"}}",
            $"{{\"code\":-1,\"msg\":\"a{secret}b c\"}}",
            $"Cannot POST /fapi/v1/order?timestamp=1&signature={secret} now",
            $"{{\"msg\":\"signature={secret}\"",
            $"<title>{secret}</title>",
            $"{{\"code\":-1,\"msg\":\"{new string('.', 270)} {secret}\"}}",
            $"{{\"code\":-1,\"msg\":\"{new string('.', 250)}{secret}\"}}",
        })
        {
            var message = MessageOf(body);
            message.ShouldNotContain(secret[..12]);
            message.ShouldNotContain(secret[^12..]);
        }
    }

    [Fact]
    public void A_query_is_masked_and_the_words_around_it_stay() =>
        MessageOf("Cannot POST /fapi/v1/order?symbol=BTCUSDT&signature=abc/def== today").ShouldBe("Cannot POST /fapi/v1/order?*** today");

    [Fact]
    public void Broken_UTF8_makes_a_body_malformed_and_its_code_untrusted()
    {
        byte[] body = [.. "{\"code\":-1121,\"msg\":\""u8, 0xFF, 0xC3, .. "\"}"u8];

        var reading = ErrorReader.Read(body);

        reading.Shape.ShouldBe(BodyShape.Malformed);
        reading.Code.ShouldBe(-1121);
        reading.CodeIsTrusted.ShouldBeFalse();
    }

    [Fact]
    public void Nesting_without_end_is_malformed_and_harmless() =>
        Read(string.Concat(Enumerable.Repeat("{\"error\":", 10_000))).Shape.ShouldBe(BodyShape.Malformed);

    [Fact]
    public void An_object_beyond_64_KiB_counts_as_cut_off()
    {
        var padding = new string('x', ErrorReader.MaxBytes);

        Read($"{{\"orderId\":1,\"pad\":\"{padding}\"}}").Shape.ShouldBe(BodyShape.Malformed);
        Read($"{{\"code\":-1121,\"msg\":\"{padding}\"}}").Shape.ShouldBe(BodyShape.Malformed);
        Read($"{{\"orderId\":1}}{padding.Replace('x', ' ')}and more").Shape.ShouldBe(BodyShape.Malformed);
        Read($"{{\"orderId\":1,\"pad\":\"{padding[..60_000]}\"}}").Proof.ShouldBe(SuccessProof.OrderId);
    }

    [Fact]
    public void Items_are_read_one_by_one_with_their_places()
    {
        var body = Encoding.UTF8.GetBytes("\uFEFF [ {\"orderId\":1,\"x\":[{\"code\":-1}]}, {\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"},7 ]");
        List<(int? Code, SuccessProof Proof, string Message, string Text)> items = [];

        foreach (var (reading, bytes) in List(body))
        {
            items.Add((reading.Code, reading.Proof, reading.Message(body), Encoding.UTF8.GetString(body[bytes])));
        }

        items.ShouldBe(
        [
            (null, SuccessProof.OrderId, "", "{\"orderId\":1,\"x\":[{\"code\":-1}]}"),
            (-2022, default, "ReduceOnly Order is rejected.", "{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}"),
            (null, default, "", "7"),
        ]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":[{\"orderId\":1}]}")]
    [InlineData("[{\"orderId\":1},")]
    [InlineData("[]")]
    public void What_is_no_whole_array_has_no_items(string body) => List(Encoding.UTF8.GetBytes(body)).ShouldBeEmpty();

    private static List<(ErrorReading Reading, Range Bytes)> List(byte[] body)
    {
        List<(ErrorReading, Range)> items = [];
        var enumerator = new ReplyItems(body);
        while (enumerator.MoveNext())
        {
            items.Add((enumerator.Current, enumerator.Bytes));
        }

        return items;
    }
}
