using System.Globalization;
using System.Net;
using System.Text;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The caller's own parameters: as the query or the form of every mutation, read, rewritten and bounded in time.</summary>
internal sealed class RequestsTarget : FuzzTarget<RequestsTarget.Outcome>
{
    private static readonly ExchangeEndpoint[] Rows = [.. ExchangeVenue.BinanceUsdFutures.Endpoints.All.Where(row => row.IsMutation)];

    private static readonly string[] Reducing = ["reduceOnly", "closePosition", "positionSide"];

    public override string Name => "requests";

    public override int Inputs => 40_000;

    public override int SelectorBytes => 2;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(2, Corpus.Lines("requests.txt"));

    public override IReadOnlyList<string> Words => ["&symbol=", "reduceOnly=true", "closePosition=TRUE", "positionSide=SHORT", "timestamp=9223372036854775807", "recvWindow=9223372036854775807", "%E2%82%AC", "%u0041", "newClientOrderId=", "+", "%2B"];

    public override IReadOnlyList<string> Milestones => ["a reducing order", "a foreign stamp", "items", "no parameters"];

    // What is rewritten is written in full each time; and an escaped name is decoded for each name that is looked for.
    public override (long Base, long PerByte) Allocation => (64 * 1024, 1536);

    protected override Outcome Act(byte[] input)
    {
        var row = Rows[Choice(input, 0) % Rows.Length];
        var text = Encoding.UTF8.GetString(Content(input)).TrimStart('?');
        var parameters = Choice(input, 1) % 2 == 0 ? new RequestParameters(text, null) : new RequestParameters("?x=1", text);
        var item = row.ItemPath is { } path ? ExchangeVenue.BinanceUsdFutures.Endpoints.Find(row.Method, path) : null;
        var items = item is not null && BatchReader.ParameterOf(row, parameters) is { } name ? BatchReader.Read(row, item, name, parameters, _ => false) : null;
        var operation = OperationReader.Read(row, parameters, items: items);
        var replaced = ParameterText.Replace(text, "timestamp", "1767225600000");

        using var legal = new PooledText();
        ParameterText.AppendLegal(legal, text);
        using var twice = new PooledText();
        ParameterText.AppendLegal(twice, legal.ToString());
        var reread = OperationReader.Read(row, new RequestParameters(null, replaced), items: items);
        return new(row, operation, items, new RequestParameters(null, replaced)["timestamp"], new RequestParameters(null, replaced).CountOf("timestamp"),
 legal.ToString(), twice.ToString(), parameters.CountOf("timestamp") <= 1 && Choice(input, 1) % 2 == 0 ? reread.Fingerprint : operation.Fingerprint);
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        var text = Encoding.UTF8.GetString(Content(input)).TrimStart('?');
        var operation = outcome.Operation;
        if (outcome.Timestamp != "1767225600000" || outcome.Timestamps != 1)
        {
            return "a parameter that was replaced stands otherwise";
        }

        if (outcome.Legal != outcome.LegalTwice || outcome.Legal.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return "text made fit for the wire is not";
        }

        if (outcome.Fingerprint != operation.Fingerprint)
        {
            return "a timestamp makes another intent";
        }

        if (operation.Risk == RiskDirection.Reducing)
        {
            Reach("a reducing order");
            var decoded = WebUtility.UrlDecode(WebUtility.UrlDecode(text));
            if (!Reducing.Any(name => decoded.Contains(name, StringComparison.Ordinal) || WebUtility.UrlDecode(text).Contains("\\u", StringComparison.OrdinalIgnoreCase)))
            {
                return "an order taken for a reducing one that does not say so";
            }
        }

        if (outcome.Items is { } items)
        {
            Reach("items");
            if (items.Items.Any(item => item.Operation.Endpoint.IsBatch))
            {
                return "an item that is a batch";
            }
        }

        if (operation.ForeignStampMs is { } stamp)
        {
            Reach("a foreign stamp");
            var window = new AttemptWindow(stamp, operation.ForeignRecvWindowMs ?? 5000);
            if (window.ClosesMs < stamp || window.OpensMs > stamp || (operation.ForeignRecvWindowMs < 10_000_000 && window.Covers(0) && stamp > 10_000_000))
            {
                return "a window that closes before it opens";
            }
        }

        if (text.Length == 0)
        {
            Reach("no parameters");
        }

        return null;
    }

    internal sealed record Outcome(ExchangeEndpoint Row, ExchangeOperation Operation, BatchItems? Items, string? Timestamp, int Timestamps, string Legal, string LegalTwice, string Fingerprint)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Row} {Operation.Risk} {Operation.ForeignStampMs} {Operation.ForeignRecvWindowMs} {Items?.Items.Count} {Timestamp} {Timestamps} '{Legal}' '{LegalTwice}'");
    }
}
