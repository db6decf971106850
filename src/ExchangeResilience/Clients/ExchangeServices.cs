using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// What outlives requests, handlers and configuration: one of each per service provider. Handlers are recreated every two minutes by the client
/// factory and pipelines on every reload; a hold or a claim must survive both.
/// </summary>
internal sealed class ExchangeServices(
    TimeProvider time,
    RandomSource random,
    GateRegistry traffic,
    ExchangeClocks clocks,
    ClaimTable claims,
    ClaimJournal journal,
    Reconciler reconciler,
    AccountCodes accounts,
    IInternalRequestSender channel,
    ExchangeMetrics metrics,
    ILoggerFactory loggers,
    IHostApplicationLifetime? lifetime = null)
{
    private readonly ConcurrentDictionary<string, ObservedLimits> _limits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ExchangeClient> _signers = new(StringComparer.Ordinal);

    public TimeProvider Time { get; } = time;
    public RandomSource Random { get; } = random;
    public GateRegistry Traffic { get; } = traffic;
    public ExchangeClocks Clocks { get; } = clocks;
    public ClaimTable Claims { get; } = claims;
    public ClaimJournal Journal { get; } = journal;
    public Reconciler Reconciler { get; } = reconciler;
    public AccountCodes Accounts { get; } = accounts;
    public IInternalRequestSender Channel { get; } = channel;
    public ExchangeMetrics Metrics { get; } = metrics;
    public RefusalLogThrottle Refusals { get; } = new();
    public ILogger Logger { get; } = loggers.CreateLogger("ExchangeResilience");

    public FirewallRefusals Firewall { get; } = new(time);

    public HostSilences Silences { get; } = new(time, loggers.CreateLogger("ExchangeResilience"));

    public AdditiveRequests Additions { get; } = new(time);

    public AccountSettings AccountSettings { get; } = new();

    public DecisionFeed Decisions { get; } = new(time);

    /// <summary>The host has been told to stop, which ends what its services are doing.</summary>
    public bool IsEnding => lifetime?.ApplicationStopping.IsCancellationRequested is true;

    /// <summary>Counts attempts for the dashboard; null where there is none.</summary>
    public AttemptPulse? Pulse { get; set; }

    public TradingHalt Halt { get; } = new(time, loggers.CreateLogger<TradingHalt>());

    /// <summary>The client that signs with a key; null where none does.</summary>
    public ExchangeClient? ClientOf(string keyHash) => _signers.GetValueOrDefault(keyHash);

    /// <summary>A client is made: it can look up what its key has sent.</summary>
    public void Introduce(ExchangeClient client)
    {
        if (client.Credentials is { } credentials)
        {
            _signers.TryAdd(credentials.AccountId, client);
            Accounts.Book.Sign(client.Name, credentials.AccountId);
        }

        if (client.Settings.Current.Options.Account is { } name)
        {
            Accounts.Book.Use(name, client.Credentials?.AccountId);
        }
    }

    public ObservedLimits LimitsOf(string environment, ExchangeVenue venue) => _limits.GetOrAdd(
        environment,
        static (_, given) => new ObservedLimits(given.Time, given.venue.WeightPerMinute, given.venue.OrdersPer10Seconds, given.venue.OrdersPerMinute),
        (Time, venue));
}
