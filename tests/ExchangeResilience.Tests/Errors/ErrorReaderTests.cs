using System.Text;

namespace ExchangeResilience.Tests.Errors;

public sealed class ErrorReaderTests
{
    private static readonly ReplyVocabulary Vocabulary = ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary;

    private static ErrorReading Read(string body) => ErrorReader.Read(Encoding.UTF8.GetBytes(body), Vocabulary);

    private static string MessageOf(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return ErrorReader.Read(bytes, Vocabulary).Message(bytes);
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
    [InlineData("{\"code\":,\"msg\":\"x\"}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-,\"msg\":\"x\"}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1,\"msg\":\"}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\":-1,\"msg\":\"x\"}\t\r\n ", nameof(BodyShape.Object))]
    [InlineData("\t\r\n {}", nameof(BodyShape.Object))]
    [InlineData("{\"error\":{\"code\":-1}", nameof(BodyShape.Malformed))]
    [InlineData("{\"error\":{\"code\":-1", nameof(BodyShape.Malformed))]
    [InlineData("{\"data\":[{\"a\":1}", nameof(BodyShape.Malformed))]
    [InlineData("{\"code\"", nameof(BodyShape.Malformed))]
    [InlineData("{\"data\":{\"a\":1}}", nameof(BodyShape.Object))]
    [InlineData("[{\"orderId\":1},[{\"a\":1}", nameof(BodyShape.Malformed))]
    [InlineData("[{\"orderId\":1}]]", nameof(BodyShape.Malformed))]
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
    [InlineData("{\"code\":-1121,\"data\":{\"code\":-9}}", -1121)]
    [InlineData("{\"code\":-1121,\"code\":null}", -1121)]
    [InlineData("{\"code\":5,\"msg\":\"x\"}", 5)]
    [InlineData("{\"code\":-123456789,\"msg\":\"x\"}", -123456789)]
    [InlineData("{\"code\":999999999}", 999999999)]
    [InlineData("{\"code\":\"999999999\"}", 999999999)]
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
    [InlineData("{\"code\":1000000000,\"msg\":\"x\"}")]
    [InlineData("{\"code\":\"-00000001121\"}")]
    [InlineData("{\"code\":\" -1121\"}")]
    [InlineData("{\"code\":\"-1,121\"}")]
    [InlineData("{\"code\":\"\\u002d1121\\u0078\"}")]
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
    [InlineData("{\"error\":{\"error\":{\"code\":-1121}}}")]
    [InlineData("{\"error\":[{\"code\":-1121}]}")]
    [InlineData("{\"msg\":{\"code\":-1121}}")]
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
    [InlineData("{\"code\":-1007,\"code\":-1121}")]
    [InlineData("{\"code\":-1121,\"code\":-1007,\"code\":-1121}")]
    [InlineData("{\"code\":-1121,\"code\":-1007,\"code\":-1007}")]
    [InlineData("{\"error\":{\"code\":-1007},\"code\":200}")]
    [InlineData("{\"code\":-2019,\"algoId\":5}")]
    [InlineData("{\"code\":-2019,\"listenKey\":\"x\"}")]
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
    [InlineData("{\"orderId\":5,\"code\":0}", (int)SuccessProof.OrderId)]
    [InlineData("{\"orderId\":5,\"code\":200}", (int)(SuccessProof.OrderId | SuccessProof.Code200))]
    [InlineData("{\"code\":200,\"code\":200}", (int)SuccessProof.Code200)]
    public void A_code_that_is_no_failure_contradicts_no_proof(string body, int proof)
    {
        Read(body).IsContradictory.ShouldBeFalse();
        Read(body).Proof.ShouldBe((SuccessProof)proof);
    }

    [Theory]
    [InlineData("{\"code\":-1121,\"code\":-1007}", -1121)]
    [InlineData("{\"code\":-1007,\"code\":-1121}", -1121)]
    [InlineData("{\"code\":200,\"code\":-5,\"code\":7}", -5)]
    [InlineData("{\"code\":7,\"code\":3}", 3)]
    public void Of_two_codes_the_lower_is_shown(string body, int code) => Read(body).Code.ShouldBe(code);

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
    [InlineData("{\"error\":{\"algoId\":1}}", 0)]
    [InlineData("{\"error\":{\"leverage\":1}}", 0)]
    [InlineData("{\"error\":{\"countdownTime\":1}}", 0)]
    [InlineData("{\"error\":{\"listenKey\":\"x\"}}", 0)]
    [InlineData("{\"error\":{},\"orderId\":1}", (int)SuccessProof.OrderId)]
    [InlineData("{\"orderId\":1,\"leverage\":2}", (int)(SuccessProof.OrderId | SuccessProof.Leverage))]
    [InlineData("{\"orderId\":1,\"orderId\":2}", (int)SuccessProof.OrderId)]
    [InlineData("{\"orderId\":[1]}", 0)]
    [InlineData("{\"orderId\":true}", 0)]
    [InlineData("{\"orderId\":\"+1\"}", 0)]
    [InlineData("{\"orderId\":\" 1\"}", 0)]
    [InlineData("{\"orderId\":99999999999999999999}", 0)]
    [InlineData("{\"orderid\":1}", 0)]
    [InlineData("{\"algoid\":1}", 0)]
    [InlineData("{\"Leverage\":1}", 0)]
    [InlineData("{\"listenkey\":\"x\"}", 0)]
    [InlineData("{\"countdowntime\":1}", 0)]
    [InlineData("{\"algoId\":3,\"code\":\"200\"}", (int)(SuccessProof.AlgoId | SuccessProof.Code200))]
    [InlineData("{\"code\":200,\"msg\":\"success\"}", (int)SuccessProof.Code200)]
    [InlineData("{\"code\":201,\"msg\":\"success\"}", 0)]
    [InlineData("{\"amount\":100.0,\"code\":200,\"msg\":\"Successfully modify position margin.\",\"type\":1}", (int)SuccessProof.Code200)]
    [InlineData("{\"leverage\":21,\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}", (int)SuccessProof.Leverage)]
    [InlineData("{\"leverage\":0}", 0)]
    [InlineData("{\"symbol\":\"BTCUSDT\",\"countdownTime\":\"100000\"}", (int)SuccessProof.CountdownTime)]
    [InlineData("{\"symbol\":\"BTCUSDT\",\"countdownTime\":0}", (int)SuccessProof.CountdownTime)]
    [InlineData("{\"symbol\":\"BTCUSDT\",\"countdownTime\":-1}", 0)]
    [InlineData("{\"listenKey\":5}", 0)]
    [InlineData("{\"listenKey\":\"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1\"}", (int)SuccessProof.ListenKey)]
    [InlineData("{\"listenKey\":\"\"}", 0)]
    [InlineData("{}", (int)SuccessProof.EmptyObject)]
    [InlineData("{\"a\":1}", 0)]
    [InlineData("SUCCESS", (int)SuccessProof.SuccessText)]
    [InlineData("SUCCESS\n", (int)SuccessProof.SuccessText)]
    [InlineData(" \tSUCCESS \t\r\n", (int)SuccessProof.SuccessText)]
    [InlineData("SUCCESSFUL", 0)]
    [InlineData("success", 0)]
    [InlineData("[]", 0)]
    [InlineData("[{\"orderId\":1},{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}]", (int)SuccessProof.Items)]
    [InlineData("[{\"code\":200,\"msg\":\"ok\"},{\"algoId\":2}]", (int)SuccessProof.Items)]
    [InlineData("[{\"orderId\":1},{}]", 0)]
    [InlineData("[{\"orderId\":1},7]", 0)]
    [InlineData("[{},{\"orderId\":1}]", 0)]
    [InlineData("[7]", 0)]
    [InlineData("[{\"leverage\":1}]", 0)]
    [InlineData("[{\"orderId\":1,\"code\":-2019}]", 0)]
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
    [InlineData("{\"code\":-1,\"msg\":\"System is under maintenance.\"}", nameof(KnownText.None))]
    [InlineData("{\"code\":0,\"msg\":\"System is under maintenance.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"System is under maintenance.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"System is under maintenance.\",\"error\":\"more\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"error\":\"more\",\"msg\":\"System is under maintenance.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"System is under maintenance.\",\"error\":\"Service Unavailable.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"Service Unavailable.\",\"error\":\"System is under maintenance.\"}", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"Unknown error, please check your request or try again later.\",\"error\":\"System is under maintenance.\"}", nameof(KnownText.UnknownError))]
    [InlineData("System is Under Maintenance", nameof(KnownText.Maintenance))]
    [InlineData("<html>under maintenance</html>", nameof(KnownText.Maintenance))]
    [InlineData("{\"msg\":\"under maintenance", nameof(KnownText.Maintenance))]
    [InlineData("<html>Request occur unknown error</html>", nameof(KnownText.UnknownErrorOccurred))]
    [InlineData("under maintenance. Request occur unknown error", nameof(KnownText.UnknownErrorOccurred))]
    [InlineData("{\"msg\":\"Service Unavailable.\",\"msg\":\"Service Unavailable.\"}", nameof(KnownText.ServiceUnavailable))]
    [InlineData("{\"msg\":\"\\u0053ervice Unavailable.\"}", nameof(KnownText.ServiceUnavailable))]
    [InlineData("{\"msg\":\"\\tService Unavailable.\\r\\n\"}", nameof(KnownText.ServiceUnavailable))]
    [InlineData("{\"msg\":\"Service Unavailable..\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\"Service Unavailable!\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\"Unknown error\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\"Request occurred\"}", nameof(KnownText.None))]
    [InlineData("{\"msg\":\" \"}", nameof(KnownText.None))]
    [InlineData("{\"data\":\"Unknown error, please check your request or try again later.\"}", nameof(KnownText.None))]
    [InlineData("[{\"msg\":\"Unknown error, please check your request or try again later.\"},{\"orderId\":1}]", nameof(KnownText.UnknownError))]
    [InlineData("[{\"orderId\":1},{\"msg\":\"Request occur unknown error\"}]", nameof(KnownText.UnknownErrorOccurred))]
    [InlineData("[{\"msg\":\"Service Unavailable.\"}]", nameof(KnownText.None))]
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
    [InlineData("{\"msg\":\"first\",\"msg\":\"second\"}", "second")]
    [InlineData("{\"message\":\"first\",\"error\":\"second\"}", "first")]
    [InlineData("{\"error\":{\"msg\":\"inner\"},\"msg\":\"outer\"}", "outer")]
    [InlineData("{\"msg\":\"outer\",\"error\":{\"msg\":\"inner\"}}", "outer")]
    [InlineData("{\"error\":{\"msg\":\"inner\"}}", "inner")]
    [InlineData("{\"error\":\"plain\"}", "plain")]
    [InlineData("{\"code\":-1,\"msg\":\"a\",\"x\":\"b\"}", "a")]
    [InlineData("{\"code\":-1,\"msg\":\"a\\\"b\"}", "a\"b")]
    [InlineData("{\"code\":-1,\"msg\":\" ~!\"}", "~!")]
    [InlineData("{\"12\":\"x\"}", "")]
    [InlineData("{\"123\":\"x\"}", "x")]
    [InlineData("{\"1234\":\"x\"}", "x")]
    [InlineData("{\"12345\":\"x\"}", "x")]
    [InlineData("{\"1234567\":\"x\"}", "x")]
    [InlineData("{\"12345678\":\"x\"}", "x")]
    [InlineData("{\"123456789\":\"x\"}", "x")]
    [InlineData("{\"1234567890\":\"x\"}", "")]
    [InlineData("{\"12a\":\"x\"}", "")]
    [InlineData("{\"\\u0032\\u0033\\u0039\\u0039\\u0039\\u0039\":\"x\"}", "x")]
    [InlineData("{\"msg\":\"first\",\"message\":\"second\"}", "first")]
    [InlineData("{\"239999\":\"The system is under maintenance, please try again later.\"}", "The system is under maintenance, please try again later.")]
    [InlineData("\uFEFF{\"code\":-1,\"msg\":\"marked\"}", "marked")]
    [InlineData(" upstream connect error \n", "upstream connect error")]
    [InlineData("<html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway")]
    [InlineData("<html>title></html>", "")]
    [InlineData("\n<html><TITLE>503</TITLE></html>", "503")]
    [InlineData("<html><title></title></html>", "")]
    [InlineData("<html><title>endless", "")]
    [InlineData("<html></html>", "")]
    [InlineData("\uFEFF upstream connect error", "upstream connect error")]
    [InlineData(@"cannot open C:\new", @"cannot open C:\new")]
    [InlineData(@"<title>C:\new</title>", @"C:\new")]
    [InlineData("{\"msg\"", "")]
    [InlineData("{\"msg\":", "")]
    [InlineData("{'msg':'single quotes'}", "single quotes'")]
    [InlineData("{msg=no quotes}", "no quotes")]
    [InlineData("{\"msg\":\"\",\"x\":", ",")]
    [InlineData("{\"code\":-1003,\"msg\":\"Too many requests", "Too many requests")]
    [InlineData("{\"listenKey\":\"abcdef", "")]
    public void The_message_is_decoded_when_asked_for(string body, string message) => MessageOf(body).ShouldBe(message);

    [Theory]
    [InlineData("Error: {code: -1021, msg: late}", -1021)]
    [InlineData("code -7", -7)]
    [InlineData("CODE=-7", -7)]
    [InlineData("'code'=>'-7'", -7)]
    [InlineData("\"code\":\t\r\n-7", -7)]
    [InlineData("code:\\\"-7", -7)]
    [InlineData("code 5 and code -7", -7)]
    [InlineData("code -99999999999, code -7", -7)]
    [InlineData("code -999999999", -999999999)]
    [InlineData("status code: -7, code: -9", -7)]
    [InlineData("code-7", null)]
    [InlineData("code 7", null)]
    [InlineData("code -", null)]
    [InlineData("code x-7", null)]
    [InlineData("code", null)]
    [InlineData("code ", null)]
    [InlineData("no such thing", null)]
    public void A_code_in_text_is_shown_if_it_is_written_as_one(string body, int? code)
    {
        var reading = Read(body);

        reading.Shape.ShouldBe(BodyShape.Text);
        reading.Code.ShouldBe(code);
        reading.CodeIsTrusted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("[{\"code\":-2022},{\"orderId\":1}]", true)]
    [InlineData("[{\"orderId\":1},{\"code\":-2022}]", true)]
    [InlineData("[{\"code\":-2022},{\"code\":-2019}]", true)]
    [InlineData("[{\"error\":{\"code\":-2019}}]", true)]
    [InlineData("[{\"code\":0},{\"code\":200}]", false)]
    [InlineData("[{\"orderId\":1}]", false)]
    [InlineData("[-2022]", false)]
    [InlineData("{\"code\":-2022}", false)]
    public void An_item_with_a_negative_code_is_noticed(string body, bool hasErrors) => Read(body).HasItemErrors.ShouldBe(hasErrors);

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

        var reading = ErrorReader.Read(body, Vocabulary);

        reading.Shape.ShouldBe(BodyShape.Malformed);
        reading.Code.ShouldBe(-1121);
        reading.CodeIsTrusted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("{\"code\":-1121,\"msg\":\"", "\"}", nameof(BodyShape.Malformed))]
    [InlineData("upstream ", " error", nameof(BodyShape.Malformed))]
    [InlineData("<html>", "</html>", nameof(BodyShape.Html))]
    public void A_byte_that_is_no_UTF8_breaks_everything_but_a_page(string before, string after, string shape)
    {
        foreach (var b in new byte[] { 0x80, 0xBE, 0xFF })
        {
            ErrorReader.Read([.. Encoding.UTF8.GetBytes(before), b, .. Encoding.UTF8.GetBytes(after)], Vocabulary).Shape.ToString().ShouldBe(shape);
        }
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

        const int Frame = 23; // {"code":-1121,"msg":""}
        Read($"{{\"code\":-1121,\"msg\":\"{padding[Frame..]}\"}}").ErrorCode.ShouldBe(-1121);
        Read($"{{\"code\":-1121,\"msg\":\"{padding[(Frame - 1)..]}\"}}").ErrorCode.ShouldBeNull();
        Read($"{{\"msg\":\"{padding[Frame..]}\",\"code\":-1121}}").ErrorCode.ShouldBe(-1121);
        Read($"{{\"msg\":\"{padding[(Frame - 1)..]}\",\"code\":-1121}}").ErrorCode.ShouldBeNull();
    }

    [Fact]
    public void Text_beyond_64_KiB_is_read_as_far_as_that()
    {
        // Cut in the middle of a character, which makes it no worse.
        var text = Read($"code -7{new string('x', ErrorReader.MaxBytes - 8)}éUnknown error, please check your request or try again later");

        text.Shape.ShouldBe(BodyShape.Text);
        text.Code.ShouldBe(-7);
        text.Text.ShouldBe(KnownText.None);
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
        var enumerator = new ReplyItems(body, Vocabulary);
        while (enumerator.MoveNext())
        {
            items.Add((enumerator.Current, enumerator.Bytes));
        }

        return items;
    }
}
