using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience.Tests.Errors;

public sealed class RecordedReplyTests
{
    private static readonly ReplyVocabulary Vocabulary = ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary;

    private static readonly ExchangeEndpoint Place = new(HttpMethod.Post, "/fapi/v1/order", OperationKind.Place) { Proof = SuccessProof.OrderId };

    public static TheoryData<int> Ids => [.. RecordedReply.All.Select(reply => reply.Id)];

    [Fact]
    public void The_collection_is_whole() => RecordedReply.All.Count.ShouldBe(157);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_recorded_code_and_message_come_out_as_they_are(int id)
    {
        var reply = RecordedReply.All.Single(r => r.Id == id);
        var body = Encoding.UTF8.GetBytes(reply.Body);

        var reading = ErrorReader.Read(body, Vocabulary);
        var message = reading.Message(body);

        if (Expected(reply.Body) is not { } expected)
        {
            reading.CodeIsTrusted.ShouldBeFalse();
            return;
        }

        reading.Shape.ShouldBe(BodyShape.Object);
        reading.Code.ShouldBe(expected.Code);
        message.ShouldBe(string.Join(' ', expected.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_recorded_reply_to_an_order_is_never_taken_for_a_success(int id)
    {
        var reply = RecordedReply.All.Single(r => r.Id == id);
        var body = Encoding.UTF8.GetBytes(reply.Body);

        foreach (var status in reply.Status is { } recorded ? [recorded] : new[] { 200, 400, 408, 429, 503 })
        {
            var verdict = ReplyClassifier.Classify(status, body, Place, ExchangeVenue.BinanceUsdFutures.Errors);

            verdict.IsSuccess.ShouldBeFalse();
            var error = ReplyClassifier.ToError(verdict, body, status, null, null);
            error.StatusCode.ShouldBe((HttpStatusCode)status);
            error.ToString().ShouldNotContain("\n");
            if (status is 200 or 408 or 503)
            {
                var isListed = Expected(reply.Body) is { Code: < 0 } e && ExchangeVenue.BinanceUsdFutures.Errors.Find(e.Code) is { Execution: ExecutionStatus.NotExecuted };
                verdict.Execution.ShouldBe(isListed && status != 408 ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown, $"under {status}");
            }
        }
    }

    [Fact]
    public void A_code_in_what_was_cut_off_or_printed_badly_is_shown_and_not_trusted()
    {
        foreach (var (id, code) in new[] { (103, -1003), (111, -1003), (131, -1111), (140, -4084), (191, -9000), (215, -1104), (220, -9000), (275, -1003) })
        {
            var reading = ErrorReader.Read(Encoding.UTF8.GetBytes(RecordedReply.All.Single(r => r.Id == id).Body), Vocabulary);

            reading.Code.ShouldBe(code, $"reply {id}");
            reading.CodeIsTrusted.ShouldBeFalse($"reply {id}");
        }
    }

    [Fact]
    public void The_title_of_a_proxys_page_is_its_message()
    {
        var body = Encoding.UTF8.GetBytes(RecordedReply.All.Single(r => r.Id == 84).Body);

        ErrorReader.Read(body, Vocabulary).Message(body).ShouldBe("502 Bad Gateway");
    }

    [Fact]
    public void Every_ban_on_record_yields_its_instant()
    {
        var banned = RecordedReply.All.Where(r => r.Body.Contains("banned until", StringComparison.OrdinalIgnoreCase)).ToList();

        banned.Count.ShouldBeGreaterThan(5);
        foreach (var reply in banned)
        {
            var text = reply.Body[(reply.Body.IndexOf("banned until ", StringComparison.OrdinalIgnoreCase) + 13)..];
            var expected = long.Parse(text[..13], CultureInfo.InvariantCulture);
            HoldHint.Read(null, null, Encoding.UTF8.GetBytes(reply.Body), Vocabulary).BannedUntilMs.ShouldBe(expected);
        }
    }

    private static (int Code, string Message)? Expected(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            root = root.TryGetProperty("error", out var nested) ? nested : root;
            return root.TryGetProperty("code", out var code)
                ? (code.GetInt32(), root.TryGetProperty("msg", out var message) ? message.GetString()! : "")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
