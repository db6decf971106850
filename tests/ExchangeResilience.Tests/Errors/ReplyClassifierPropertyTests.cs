using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ExchangeResilience.Tests.Errors;

/// <summary>Bodies nobody has thought of: assembled, mutated and random bytes, against a second, slow reading of the rules.</summary>
public sealed class ReplyClassifierPropertyTests
{
    private static readonly string[] Names = ["code", "msg", "orderId", "algoId", "error", "status", "symbol", "\\u0063ode", "239999", "leverage", "message"];
    private static readonly string[] Values =
    [
        "-1121", "-1007", "-2019", "-1008", "-1000", "-4408", "200", "\"200\"", "0", "7", "\"-2013\"", "-99999999999", "null", "true", "1.5", "\"\"", "[]", "{}",
        "\"Service Unavailable.\"", "\"Unknown error, please check your request or try again later.\"", "\"Request occur unknown error\"", "\"Invalid symbol.\"",
        "{\"code\":-1007,\"msg\":\"x\"}", "{\"orderId\":5}", "123456", "\"NEW\"", "[{\"code\":-1121}]",
    ];

    private static readonly string[] Wholes =
    [
        "SUCCESS", "Service Unavailable.", "<html><title>503 Service Unavailable</title></html>", "Unknown error, please check your request or try again later.",
        "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", "{\"orderId\":1,\"status\":\"NEW\"}", "[{\"orderId\":1},{\"code\":-2022,\"msg\":\"x\"}]", "",
    ];

    private static readonly int[] Statuses = [200, 201, 204, 302, 400, 401, 403, 404, 408, 409, 418, 429, 451, 500, 502, 503, 504];
    private static readonly SuccessProof[] Proofs = [SuccessProof.OrderId, SuccessProof.Code200, SuccessProof.Items, SuccessProof.NoNegativeCode, SuccessProof.AlgoId | SuccessProof.EmptyObject];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_body_is_read_more_leniently_than_its_bytes_allow(int seed)
    {
        var random = new Random(seed);
        var catalog = ExchangeVenue.BinanceUsdFutures.Errors;
        var successes = 0;
        var certainFailures = 0;
        for (var round = 0; round < 25_000; round++)
        {
            var body = Body(random);
            var status = Pick(random, Statuses);
            var endpoint = new ExchangeEndpoint(HttpMethod.Post, "/fapi/v1/any", OperationKind.Place) { Proof = Pick(random, Proofs) };

            var verdict = ReplyClassifier.Classify(status, body, endpoint, catalog);

            (verdict.Definition is null).ShouldBe(verdict.IsSuccess);
            (verdict.Execution == ExecutionStatus.Executed).ShouldBe(verdict.IsSuccess);
            ReplyClassifier.Items(body, status, catalog).ShouldNotBeNull();
            if (verdict.IsSuccess)
            {
                successes++;
                MaySucceed(status, body, endpoint.Proof).ShouldBeTrue(Show(status, body));
            }
            else
            {
                ReplyClassifier.ToError(verdict, body, status, null, null).Message.Length.ShouldBeLessThanOrEqualTo(300);
                if (verdict.Execution == ExecutionStatus.NotExecuted)
                {
                    certainFailures++;
                    MayHaveFailed(status, body, catalog).ShouldBeTrue(Show(status, body));
                }
            }
        }

        successes.ShouldBeGreaterThan(500);
        certainFailures.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void The_short_way_through_a_plain_error_ends_where_the_long_way_does()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var body = Encoding.UTF8.GetBytes($"{{\"code\":{Pick(random, Values)},\"msg\":{Pick(random, Values)}}}");
            if (random.Next(2) == 0)
            {
                Mutate(random, body);
            }

            ErrorReader.Read(body, ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary).ShouldBe(ErrorReader.ReadAny(body, ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary), Show(0, body));
        }
    }

    private static byte[] Body(Random random)
    {
        var text = random.Next(4) == 0 ? Pick(random, Wholes) : Object(random);
        if (random.Next(8) == 0)
        {
            text = $"[{text},{Object(random)}]";
        }

        var body = Encoding.UTF8.GetBytes(text);
        switch (random.Next(5))
        {
            case 0:
                Mutate(random, body);
                break;
            case 1:
                body = body[..random.Next(body.Length + 1)];
                break;
            case 2 when random.Next(4) == 0:
                body = new byte[random.Next(64)];
                random.NextBytes(body);
                break;
        }

        return body;
    }

    private static string Object(Random random) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Pick(random, Names)}\":{Pick(random, Values)}")) + "}";

    private static void Mutate(Random random, byte[] body)
    {
        for (var i = random.Next(3); i >= 0 && body.Length > 0; i--)
        {
            body[random.Next(body.Length)] = (byte)random.Next(256);
        }
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static string Show(int status, byte[] body) => $"{status} {Encoding.Latin1.GetString(body)}";

    /// <summary>A success needs 2xx, no code below zero and no word of ignorance, and the thing the endpoint answers with.</summary>
    private static bool MaySucceed(int status, byte[] body, SuccessProof proof)
    {
        var text = Encoding.Latin1.GetString(body);
        if (status is < 200 or >= 300 || AdmitsIgnorance(text))
        {
            return false;
        }

        using var document = Parse(body);
        if (document is null)
        {
            return proof == SuccessProof.NoNegativeCode && !text.TrimStart().StartsWith('{') && !text.TrimStart().StartsWith('[') && !text.TrimStart().StartsWith('<');
        }

        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array)
        {
            var isJudged = root.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object
                && (Codes(item).Any(c => c < 0) || Has(item, "orderId") || Has(item, "algoId") || Codes(item).Contains(200)));
            return proof.HasFlag(SuccessProof.Items) ? root.GetArrayLength() > 0 && isJudged : proof == default;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return proof == default;
        }

        return !Codes(root).Any(c => c < 0) && (proof == default
            || proof.HasFlag(SuccessProof.OrderId) && Has(root, "orderId")
            || proof.HasFlag(SuccessProof.AlgoId) && Has(root, "algoId")
            || proof.HasFlag(SuccessProof.Code200) && Codes(root).Contains(200)
            || proof.HasFlag(SuccessProof.EmptyObject) && !root.EnumerateObject().Any());
    }

    /// <summary>A certain failure needs a plain 4xx, or one definite code of the table in a whole object, or "Service Unavailable." as the only message.</summary>
    private static bool MayHaveFailed(int status, byte[] body, ErrorCatalog catalog)
    {
        if (AdmitsIgnorance(Encoding.Latin1.GetString(body)) || status is 408 or 409 or (>= 300 and < 400))
        {
            return false;
        }

        using var document = Parse(body);
        var isObject = document?.RootElement.ValueKind == JsonValueKind.Object;
        var codes = isObject ? Codes(document!.RootElement).Distinct().ToList() : [];
        if (codes.Any(c => catalog.Find((int)c)?.Execution == ExecutionStatus.Unknown))
        {
            return false;
        }

        if (status is >= 400 and < 500)
        {
            return codes.Count < 2;
        }

        var hasFailed = codes is [< 0] && catalog.Find((int)codes[0]) is { Execution: ExecutionStatus.NotExecuted };
        var wasTurnedAway = status == 503 && isObject && Members(document!.RootElement, "msg").ToList() is { Count: > 0 } messages
            && messages.All(m => m.ValueKind != JsonValueKind.String || m.GetString()!.Trim().Equals("Service Unavailable.", StringComparison.OrdinalIgnoreCase));
        return (hasFailed || wasTurnedAway) && !Has(document!.RootElement, "orderId");
    }

    private static bool AdmitsIgnorance(string text) =>
        text.Contains("Unknown error, please check your request or try again later", StringComparison.OrdinalIgnoreCase) && !text.Contains('{', StringComparison.Ordinal)
        || text.Contains("\"msg\":\"Unknown error, please check your request or try again later", StringComparison.OrdinalIgnoreCase)
        || text.Contains("\"msg\":\"Request occur unknown error", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<JsonElement> Members(JsonElement root, string name) => root.EnumerateObject().Where(p => p.NameEquals(name)).Select(p => p.Value);

    private static IEnumerable<long> Codes(JsonElement root) =>
        Members(root, "code")
            .Concat(Members(root, "error").Where(e => e.ValueKind == JsonValueKind.Object).SelectMany(e => Members(e, "code")))
            .Select(c => long.TryParse(c.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) < 1_000_000_000 ? value : (long?)null)
            .OfType<long>();

    private static bool Has(JsonElement root, string name) =>
        Members(root, name).Any(v => v.ValueKind is JsonValueKind.Number or JsonValueKind.String && long.TryParse(v.ToString(), CultureInfo.InvariantCulture, out var id) && id > 0);

    private static JsonDocument? Parse(byte[] body)
    {
        try
        {
            return Utf8.IsValid(body) ? JsonDocument.Parse(body) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
