using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Everything a refusal can say about waiting: its status, Retry-After, Date and body; and what headers tell of usage.</summary>
internal sealed partial class HoldsTarget : FuzzTarget<HoldsTarget.Outcome>
{
    private const char Separator = '\x1F';
    private static readonly TimeSpan Ceiling = TimeSpan.FromDays(3);

    // What a lane adds to what it was told: the exchange's own second, and what spreads the reopening.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private static readonly int[] Statuses = [429, 418, 403, 503, 400, 200];
    private static readonly TrafficLane[] Lanes = [TrafficLane.Ip, TrafficLane.Orders, TrafficLane.Host];
    private static readonly LimitSettings Limits = new() { WeightPerMinute = 2400, OrdersPer10Seconds = 300, OrdersPerMinute = 1200 };

    public override string Name => "holds";

    public override int Inputs => 40_000;

    public override int SelectorBytes => 1;

    public override IReadOnlyList<byte[]> Seeds { get; } =
        Corpus.With(1, new[]
        {
            ("60", "Thu, 01 Jan 2026 00:00:00 GMT", "{\"code\":-1003,\"msg\":\"Way too many requests; IP(1.2.3.4) banned until 1767225660000. Please use the websocket.\"}", "x-mbx-used-weight-1m: 2399"),
            ("Thu, 01 Jan 2026 00:01:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT", "{\"code\":-1015,\"msg\":\"Too many new orders; current limit is 300 orders per TEN_SECONDS.\"}", "X-MBX-ORDER-COUNT-10S: 300\nX-MBX-ORDER-COUNT-1M: 301"),
            ("0", "", "banned until 1767225660", "X-MBX-USED-WEIGHT-1M: 3000"),
            ("", "Fri, 31 Dec 9999 23:59:59 GMT", "{\"code\":-1008}", "X-MBX-USED-WEIGHT-1D: 7"),
            ("-1", "Mon, 01 Jan 0001 00:00:00 GMT", "orders per 1 MINUTE", "X-MBX-USED-WEIGHT: 7\nX-MBX-ORDER-COUNT-999D: 2147483647"),
            ("9999999999", "Thu, 01 Jan 1970 00:00:00 GMT", "banned until 99999999999999999", ""),
        }.Select(part => string.Join(Separator, part.Item1, part.Item2, part.Item3, part.Item4)));

    public override IReadOnlyList<string> Words => ["orders per ", "TEN_SECONDS", "MINUTE", "999999999 DAY", "banned until 0000000000", "259200", "259201", "Thu, 01 Jan 2026 00:00:01 GMT", "\x1F", "GMT"];

    public override IReadOnlyList<string> Milestones => ["a Retry-After", "a ban", "a date", "a lane full by its headers", "a lane with room"];

    protected override Outcome Act(byte[] input)
    {
        var (retryAfter, date, body, usage) = Read(input);
        using var response = new HttpResponseMessage((HttpStatusCode)StatusOf(input));
        response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        response.Headers.TryAddWithoutValidation("Date", date);
        foreach (var line in usage.Split('\n'))
        {
            if (line.Split(": ", 2) is [var name, var value] && name.Length > 0)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var header = response.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.ToString() : null;
        var hint = HoldHint.Read(header, response.Headers.Date, body, ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary);
        var time = new ManualTimeProvider();
        using var control = new GateRegistry(time, new Random(1));
        var gate = control.GateFor(new TrafficScope("live", "default", "fapi", "a"));
        var order = new TrafficRequest(TrafficClass.Order, 1, 1, 1, Limits);
        gate.TryEnter(order, time.GetTimestamp(), out var admission);
        gate.Observe(admission, response.Headers);
        gate.Leave(admission);
        var next = gate.TryEnter(order, time.GetTimestamp(), out var entered) ? entered : gate.WaitAsync(order, waitUntil: 0, default).AsTask().GetAwaiter().GetResult();
        gate.Leave(next);

        var told = new List<TimeSpan>();
        var holds = new List<TimeSpan>();
        foreach (var lane in Lanes)
        {
            foreach (var code in (ReadOnlySpan<int>)[-1003, -1015, 0])
            {
                var request = new HoldRequest(code, StatusOf(input), hint.RetryAfter, hint.BannedUntilMs, hint.Date, code == 0 ? null : time.GetUtcNow().ToUnixTimeMilliseconds(), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), hint.Window);
                told.Add(HoldLength.Requested(lane, request, time.GetUtcNow().ToUnixTimeMilliseconds(), isLearned: code != -1015));
                holds.Add(gate.Close(lane, request).Remaining);
            }
        }

        return new(hint, told, holds, next.Granted ? null : next.RetryAt - time.GetUtcNow());
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        var (retryAfter, date, body, _) = Read(input);
        var text = Wire.Latin(body.AsSpan(0, Math.Min(body.Length, Wire.LongestError)));
        if (outcome.Hint.RetryAfter is { } wait)
        {
            Reach("a Retry-After");
            if (wait <= TimeSpan.Zero || wait > Ceiling || !(Digits().IsMatch(retryAfter) || HttpDate().IsMatch(retryAfter)))
            {
                return "a Retry-After that the header does not say, or beyond the ceiling";
            }
        }

        if (outcome.Hint.BannedUntilMs is { } until)
        {
            Reach("a ban");
            if (until < 0 || !Ban().IsMatch(text))
            {
                return "a ban that the body does not name";
            }
        }

        if (outcome.Hint.Date is not null)
        {
            Reach("a date");
            if (!date.Any(char.IsAsciiDigit))
            {
                return "a date out of nothing";
            }
        }

        if (outcome.Hint.Window is { } window && (window <= TimeSpan.Zero || window > Ceiling || !text.Contains("orders per ", StringComparison.OrdinalIgnoreCase)))
        {
            return "a window that the body does not name, or beyond the ceiling";
        }

        Reach(outcome.FullFor is null ? "a lane with room" : "a lane full by its headers");
        return outcome.Told.Any(told => told < TimeSpan.Zero || told > Ceiling) ? "a hold beyond the ceiling, or below nothing"
            : outcome.Holds.Any(hold => hold < TimeSpan.Zero || hold > Ceiling + Margin) ? "a lane is closed for longer than the ceiling"
            : outcome.FullFor is { } full && full > Ceiling + Margin ? "a header fills a lane for longer than the ceiling"
            : null;
    }

    private static int StatusOf(byte[] input) => Statuses[Choice(input, 0) % Statuses.Length];

    private (string RetryAfter, string Date, byte[] Body, string Usage) Read(byte[] input)
    {
        var parts = Encoding.Latin1.GetString(Content(input)).Split(Separator);
        return (Part(0), Part(1), Encoding.Latin1.GetBytes(Part(2)), Part(3));

        string Part(int place) => place < parts.Length ? parts[place] : "";
    }

    // A zero byte in a header ends the connection before it comes here.
    [GeneratedRegex(@"(^|,)\s*[0-9.]*[1-9][0-9.]*[\s\0]*(,|\z)")]
    private static partial Regex Digits();

    [GeneratedRegex(@"[0-9].*[0-9]:[0-9]", RegexOptions.Singleline)]
    private static partial Regex HttpDate();

    [GeneratedRegex(@"banned(\s|\\[tnrf]|\\u00[0-9A-F]{2})+until([\s:]|\\[tnrf]|\\u00[0-9A-F]{2})+[0-9]{10,16}(?![0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Ban();

    internal sealed record Outcome(HoldHint Hint, IReadOnlyList<TimeSpan> Told, IReadOnlyList<TimeSpan> Holds, TimeSpan? FullFor)
    {
        public override string ToString() => $"{Hint}, told {string.Join(' ', Told)}, holds {string.Join(' ', Holds)}, full for {FullFor}";
    }
}
