namespace ExchangeResilience;

/// <summary>
/// Settings of one named client. Configuration writes times as <c>hh:mm:ss</c> or with their unit (<c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>); a bare number is refused.
/// </summary>
public sealed class ExchangeErrorHandlingOptions
{
    /// <summary>The exchange and product. Defaults to <see cref="ExchangeVenue.BinanceUsdFutures"/>.</summary>
    public ExchangeVenue Venue { get; set; } = ExchangeVenue.BinanceUsdFutures;

    /// <summary>Whether calls are protected or only watched. Defaults to <see cref="HandlingMode.Enforce"/>.</summary>
    public HandlingMode Mode { get; set; }

    /// <summary>How long one call may take in all, waits and the search for truth included. Defaults to 30 s.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one attempt may take, the reading of its reply included. Defaults to 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>No attempt, wait or resend of a place or amend starts later than this after the call began. Defaults to 5 s.</summary>
    public TimeSpan SendBefore { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest a query waits for a hold or a limit before it fails with <see cref="ExchangeError.RetryAt"/>. Orders wait at most what is left of <see cref="SendBefore"/>. Defaults to 60 s.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a known error is thrown as <see cref="ExchangeErrorException"/> instead of returned as an annotated response. Defaults to false.</summary>
    public bool ThrowOnError { get; set; }

    /// <summary>What is done with an order that has no client order id. Defaults to <see cref="ClientOrderIdMode.Generate"/>.</summary>
    public ClientOrderIdMode ClientOrderIds { get; set; }

    /// <summary>What generated client order ids start with: 0 to 10 of <c>A-Z a-z 0-9 . _ : / -</c>. Defaults to <c>xr-</c>.</summary>
    public string ClientOrderIdPrefix { get; set; } = "xr-";

    /// <summary>What follows once an order is proven not to have reached the exchange. Defaults to <see cref="AfterProvenAbsent.Report"/>.</summary>
    public AfterProvenAbsent AfterProvenAbsent { get; set; }

    /// <summary>Full type names of handlers that may stand between exchange error handling and the wire. They must never send a request twice.</summary>
    public IList<string> TrustedInnerHandlers { get; } = [];

    /// <summary>Names the environment whose clock, holds and orders under way this client shares; null takes it from the host (live and testnet never mix).</summary>
    public string? Environment { get; set; }

    /// <summary>Names the account; null takes a hash of the API key.</summary>
    public string? Account { get; set; }

    /// <summary>Names the address requests leave from. Clients on different addresses do not share bans. Defaults to <c>default</c>.</summary>
    public string EgressName { get; set; } = "default";

    /// <summary>Overrides of the policy matrix: selector (code, range, category, <c>Http503</c>, <c>Transport</c>, <c>Default</c>) to row.</summary>
    public IDictionary<string, ErrorPolicy> Policies { get; private set; } = new Dictionary<string, ErrorPolicy>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Endpoints of the program's own: a path the built-in table does not know, or a row in place of a built-in one of the same method and path. Set in code only.
    /// </summary>
    public IList<ExchangeEndpoint> Endpoints { get; } = [];

    /// <summary>How the exchange's time is kept.</summary>
    public ClockOptions Clock { get; } = new();

    /// <summary>How unknown outcomes are settled.</summary>
    public ReconciliationOptions Reconciliation { get; } = new();

    /// <summary>What the exchange allows.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>What could not be read from configuration; the validator reports it together with its own findings.</summary>
    internal ICollection<string> ReadFaults { get; } = [];

    /// <summary>The keys, as paths below the section, whose values could not be read from the last section that has them, and those that are unknown.</summary>
    internal ISet<string> Unread { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The paths of the sections that were read, in their order; none where all is made in code.</summary>
    internal IList<string> ReadSections { get; } = [];

    /// <summary>What could not be read has its fault already; a default in its place is not the user's and is judged beside nothing.</summary>
    internal bool WasRead(string key) => !Unread.Contains(key);

    /// <summary>Whether everything below the key was read, too.</summary>
    internal bool WasReadWhole(string key) => WasRead(key) && !Unread.Any(unread => unread.StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The same settings, to be changed for one request: what a request cannot change is shared, and its policies are its own.</summary>
    internal ExchangeErrorHandlingOptions Copy()
    {
        var copy = (ExchangeErrorHandlingOptions)MemberwiseClone();
        copy.Policies = new Dictionary<string, ErrorPolicy>(Policies, StringComparer.OrdinalIgnoreCase);
        return copy;
    }
}
