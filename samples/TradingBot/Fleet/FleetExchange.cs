using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>The one exchange all members trade at, on a loopback port: a bad day by profile, and on top of it what the show is about.</summary>
internal sealed class FleetExchange : IAsyncDisposable
{
    /// <summary>Requests that are on their way while somebody is told to wait cannot know of it.</summary>
    public static readonly TimeSpan OnTheirWay = TimeSpan.FromMilliseconds(250);

    private readonly SimulatedExchangeServer _server;
    private readonly long _opened;
    private readonly Dictionary<string, Fault> _planned;
    private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _silences;

    private FleetExchange(SimulatedExchange exchange, long opened, SimulatedExchangeServer server, Dictionary<string, Fault> planned, FaultPlan profile)
    {
        (Exchange, _opened, _server, _planned) = (exchange, opened, server, planned);
        _silences = planned.Values.Count(IsSilence);
        exchange.Faults.Plan = FaultPlan.Custom(request => PlannedFor(request) ?? profile.Choose(request));
    }

    public SimulatedExchange Exchange { get; }

    public Uri Address => _server.Address;

    /// <summary>Every order that is never answered has arrived.</summary>
    public Task Silent => _silent.Task;

    /// <summary>When the address was banned, by the clock that processes of this machine share; null while it was not.</summary>
    public long? BannedAt => Exchange.Requests.FirstOrDefault(static request => request.Fault?.Name == nameof(Fault.Ban)) is { } banned ? AtOf(banned.Elapsed) : null;

    /// <param name="planned">What the first attempt of an order meets, by its client order id.</param>
    /// <param name="profile">What all others meet.</param>
    public static async Task<FleetExchange> OpenAsync(Dictionary<string, Fault> planned, FaultPlan profile)
    {
        // The exchange counts from here, however long it takes to listen.
        var opened = TimeProvider.System.GetTimestamp();

        // The engine takes its time, so that a bot that is killed has orders under way. The limits of one account are no part of the show.
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions
        {
            HoldGrace = OnTheirWay,
            Latency = TimeSpan.FromMilliseconds(20),
            EngineDelay = TimeSpan.FromMilliseconds(250),
            WeightPerMinute = 100_000,
            OrdersPer10Seconds = 100_000,
            OrdersPerMinute = 100_000,
        });
        return new FleetExchange(exchange, opened, await exchange.ListenAsync(), planned, profile);
    }

    /// <summary>When something happened by the exchange's count, by the clock that processes of this machine share.</summary>
    public long AtOf(TimeSpan elapsed) => _opened + (long)(elapsed.TotalSeconds * TimeProvider.System.TimestampFrequency);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static bool IsSilence(Fault fault) => fault == Fault.Silence || fault == Fault.SilenceBeforeExecute;

    private Fault? PlannedFor(FaultContext request)
    {
        if (!request.IsPlace || request.Attempt > 1 || request.ClientOrderId is not { } id || !_planned.TryGetValue(id, out var fault))
        {
            return null;
        }

        if (IsSilence(fault) && --_silences == 0)
        {
            _silent.TrySetResult();
        }

        return fault;
    }
}
