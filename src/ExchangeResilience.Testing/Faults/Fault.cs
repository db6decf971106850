using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>
/// One thing that can go wrong with one request: what the exchange does with the request (<see cref="Executes"/>) and what the client sees.
/// The set is closed; its members are made by the methods and properties of this class.
/// </summary>
/// <remarks>
/// Where a fault executes the request and the exchange refuses it at its gate (signature, time window, malformed parameters), a fault that replaces
/// the reply lets that refusal through; a fault that loses the reply loses it too.
/// </remarks>
public sealed record Fault
{
    private const string ServiceUnavailable = "Service Unavailable.";

    private Fault(string name, FaultEffect effect, FaultEnding ending)
    {
        Name = name;
        Effect = effect;
        Ending = ending;
    }

    /// <summary>The request is served as if there were no faults. In a script it lets one request pass.</summary>
    public static Fault None { get; } = new(nameof(None), FaultEffect.Executed, FaultEnding.Reply);

    /// <summary>Executed; answered 408 with -1007, "execution status unknown".</summary>
    public static Fault ExecutedTimeout { get; } =
        ExecuteThenReply(408, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.") with { Name = nameof(ExecutedTimeout) };

    /// <summary>Executed; answered 503 with -1007.</summary>
    public static Fault ExecutedTimeout503 { get; } =
        ExecuteThenReply(503, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.") with { Name = nameof(ExecutedTimeout503) };

    /// <summary>Executed; answered 503 "Unknown error, please check your request or try again later." without any code, as seen on the wire.</summary>
    public static Fault ExecutedUnknown { get; } =
        ExecuteThenReply(503, null, "Unknown error, please check your request or try again later.") with { Name = nameof(ExecutedUnknown) };

    /// <summary>Executed; answered -1006, an unexpected response from the message bus.</summary>
    public static Fault ExecutedUnexpectedResponse { get; } =
        ExecuteThenReply(503, -1006, "An unexpected response was received from the message bus. Execution status unknown.") with { Name = nameof(ExecutedUnexpectedResponse) };

    /// <summary>Not executed; answered 503 with -1008, the overload protection.</summary>
    public static Fault Throttled { get; } =
        RefuseWithCode(503, -1008, "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.") with { Name = nameof(Throttled) };

    /// <summary>Not executed; answered 503 "Service Unavailable." with -1008.</summary>
    public static Fault Unavailable { get; } = RefuseWithCode(503, -1008, ServiceUnavailable) with { Name = nameof(Unavailable) };

    /// <summary>Executed; the connection is then reset without a byte of reply.</summary>
    public static Fault ExecuteThenDrop { get; } = new(nameof(ExecuteThenDrop), FaultEffect.Executed, FaultEnding.Reset);

    /// <summary>Executed; the connection is then closed in good order (FIN) without a byte of reply.</summary>
    /// <remarks>.NET's own handler sends a request without content again when it meets this, up to three times.</remarks>
    public static Fault ExecuteThenFin { get; } = new(nameof(ExecuteThenFin), FaultEffect.Executed, FaultEnding.Fin);

    /// <summary>Not executed; the connection is reset.</summary>
    public static Fault DropBeforeExecute { get; } = new(nameof(DropBeforeExecute), FaultEffect.None, FaultEnding.Reset);

    /// <summary>Not executed; the connection is closed in good order (FIN).</summary>
    public static Fault FinBeforeExecute { get; } = new(nameof(FinBeforeExecute), FaultEffect.None, FaultEnding.Fin);

    /// <summary>Executed; the reply's headers arrive, half of its body, and then the connection closes.</summary>
    public static Fault HalfBody { get; } = new(nameof(HalfBody), FaultEffect.Executed, FaultEnding.HalfBody);

    /// <summary>Executed; nothing is ever answered, and the connection stays open.</summary>
    public static Fault Silence { get; } = new(nameof(Silence), FaultEffect.Executed, FaultEnding.Silence);

    /// <summary>Not executed; nothing is ever answered, and the connection stays open.</summary>
    public static Fault SilenceBeforeExecute { get; } = new(nameof(SilenceBeforeExecute), FaultEffect.None, FaultEnding.Silence);

    /// <summary>The fault's name; faults made alike share it.</summary>
    public string Name { get; private init; }

    /// <summary>Whether the request takes effect: true, false, or null where the matching engine decides later.</summary>
    public bool? Executes => Effect switch
    {
        FaultEffect.None => false,
        FaultEffect.Executed => true,
        _ => null,
    };

    /// <summary>How much later than usual the request reaches the matching engine; zero for most faults.</summary>
    public TimeSpan EngineDelay { get; private init; }

    internal FaultEffect Effect { get; private init; }

    internal FaultEnding Ending { get; private init; }

    internal CannedReply? Reply { get; private init; }

    /// <summary>Between the bytes of a drip.</summary>
    internal TimeSpan Interval { get; private init; }

    internal TimeSpan? BanDuration { get; private init; }

    internal bool BanTellsRetryAfter { get; private init; }

    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>What the items of a batch meet, in its order.</summary>
    internal IReadOnlyList<Fault> Items { get; private init; } = [];

    /// <summary>
    /// Each item of a batch meets a fault of its own: it takes effect or not as that fault says, and its place in the array holds that fault's code and message. An item whose
    /// fault loses the reply is missing from the array. Delays of the engine are kept only where the item is accepted late.
    /// </summary>
    /// <param name="items">The faults, in the order of the batch; <see cref="None"/> serves an item, as are those beyond the last.</param>
    /// <param name="reply">The fault whose ending, or whose reply, the client sees in place of the array; the array unless given.</param>
    /// <exception cref="ArgumentException">An item's fault concerns more than one item, or the reply's has items of its own.</exception>
    public static Fault OfItems(IReadOnlyList<Fault> items, Fault? reply = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Any(static item => item.BanDuration is not null || item.Items.Count > 0))
        {
            throw new ArgumentException("A fault of one item can neither ban the address nor have items of its own.", nameof(items));
        }

        return reply is { BanDuration: not null } or { Items.Count: > 0 }
            ? throw new ArgumentException("The reply can be lost or made up, and no more.", nameof(reply))
            : (reply ?? None) with { Name = nameof(OfItems), Effect = FaultEffect.Executed, EngineDelay = TimeSpan.Zero, Items = [.. items] };
    }

    /// <summary>Not executed; answered with an error.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The exchange's code; null leaves it out of the body.</param>
    /// <param name="message">The exchange's message.</param>
    public static Fault RefuseWithCode(int status, int? code, string message) =>
        new(nameof(RefuseWithCode), FaultEffect.None, FaultEnding.Reply) { Reply = new CannedReply(status, code, message) };

    /// <summary>Executed, but answered with an error.</summary>
    /// <inheritdoc cref="RefuseWithCode" path="/param" />
    public static Fault ExecuteThenReply(int status, int? code, string message) =>
        new(nameof(ExecuteThenReply), FaultEffect.Executed, FaultEnding.Reply) { Reply = new CannedReply(status, code, message) };

    /// <summary>Executed; the reply's headers arrive at once and its body byte by byte.</summary>
    /// <param name="interval">Between two bytes, by the exchange's <see cref="TimeProvider"/>; a second unless given.</param>
    public static Fault Drip(TimeSpan? interval = null) =>
        new(nameof(Drip), FaultEffect.Executed, FaultEnding.Drip) { Interval = interval ?? TimeSpan.FromSeconds(1) };

    /// <summary>Answered with a page of HTML, as a proxy or a firewall in front of the exchange does.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="executed">Whether the request got through to the exchange all the same.</param>
    public static Fault HtmlReply(int status, bool executed = false) =>
        new(nameof(HtmlReply), executed ? FaultEffect.Executed : FaultEffect.None, FaultEnding.Reply) { Reply = new CannedReply(status, null, ServiceUnavailable, IsHtml: true) };

    /// <summary>
    /// The reply is lost at once, and the request reaches the matching engine only later: executed if its window still holds then
    /// (<c>recvWindow + timestamp >= engine time</c>), refused with an unseen -5028 otherwise.
    /// </summary>
    /// <param name="after">How much later.</param>
    /// <param name="reply">The fault whose ending the client sees; a reset connection unless given.</param>
    /// <exception cref="ArgumentException">With <paramref name="reply"/> the client would wait for the engine's own answer.</exception>
    public static Fault LateAccept(TimeSpan after, Fault? reply = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        if (reply is { Reply: null, Ending: FaultEnding.Reply or FaultEnding.HalfBody or FaultEnding.Drip })
        {
            throw new ArgumentException("The reply must be lost or made up: the engine's own comes too late.", nameof(reply));
        }

        return (reply ?? ExecuteThenDrop) with { Name = nameof(LateAccept), Effect = FaultEffect.Late, EngineDelay = after };
    }

    /// <summary>The matching engine is that much later with this request, and the true reply comes after it: -5028 if the window has passed.</summary>
    /// <param name="delay">How much later, on top of <see cref="SimulatedExchangeOptions.EngineDelay"/>.</param>
    public static Fault SlowEngine(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new(nameof(SlowEngine), FaultEffect.Executed, FaultEnding.Reply) { EngineDelay = delay };
    }

    /// <summary>Not executed; answered 307 with a Location on some other host.</summary>
    /// <param name="location">Where it points.</param>
    public static Fault Redirect307(string location) =>
        (new Fault(nameof(Redirect307), FaultEffect.None, FaultEnding.Reply) { Reply = new CannedReply(307, null, "Temporary Redirect", IsHtml: true) }).WithHeader("Location", location);

    /// <summary>Not executed; answered 429 with -1003. The address is to keep quiet for that time, or to the end of the minute.</summary>
    /// <param name="retryAfter">What Retry-After says, in whole seconds, rounded up; null sends none.</param>
    public static Fault TooManyRequests(TimeSpan? retryAfter = null)
    {
        var fault = new Fault(nameof(TooManyRequests), FaultEffect.None, FaultEnding.Reply)
        {
            Reply = new CannedReply(429, -1003, Message: null),
        };
        return retryAfter is { } wait ? fault.WithHeader("Retry-After", Seconds(wait)) : fault;
    }

    /// <summary>Not executed; the address is banned from now on: answered 418 with -1003 and "banned until", as is every request until the ban ends.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="retryAfter">Whether the replies carry Retry-After.</param>
    public static Fault Ban(TimeSpan duration, bool retryAfter = true) =>
        new(nameof(Ban), FaultEffect.None, FaultEnding.Reply) { BanDuration = duration, BanTellsRetryAfter = retryAfter };

    /// <summary>The same fault with one more header on its reply, in place of the exchange's own of that name.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="value">Its value, sent as it is.</param>
    public Fault WithHeader(string name, string value) => this with { Headers = [.. Headers, new(name, value)] };

    /// <summary>The fault's name, with the status and code it answers.</summary>
    public override string ToString() => Reply is null ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}({Reply.Status} {Reply.Code})");

    internal static string Seconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
