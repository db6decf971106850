using System.Threading.Channels;
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>Tells whoever started this bot how it stands: twice a second, and at once when something happens.</summary>
internal sealed class MemberReporter : IAsyncDisposable
{
    /// <summary>What it wants to hear of the library's log although it is for those who look closely: also a hold that only extends another.</summary>
    public static readonly int[] Details = [LibraryEvents.LaneClosed, LibraryEvents.HoldTold];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly TextWriter _output;
    private readonly WireCounter _wire;
    private readonly MemberGauges _gauges = new();
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly Channel<MemberEvent?> _news = Channel.CreateUnbounded<MemberEvent?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Timer _timer;
    private readonly Task _writing;
    private volatile IInDoubtOrders? _inDoubt;
    private volatile HealthCheckService? _health;
    private volatile TradingRun? _run;
    private volatile bool _hasJoined;

    /// <param name="output">Where the lines go.</param>
    /// <param name="wire">Counts this process's requests.</param>
    public MemberReporter(TextWriter output, WireCounter wire)
    {
        (_output, _wire) = (output, wire);
        _timer = new Timer(_ => _news.Writer.TryWrite(null), state: null, TimeSpan.Zero, Pause);
        _writing = WriteAsync();
    }

    /// <summary>From now on its orders in doubt and its lease are known.</summary>
    public void Follow(IServiceProvider services, string run)
    {
        var inDoubt = services.GetRequiredService<IInDoubtOrders>();
        _inDoubt = inDoubt;
        _health = services.GetRequiredService<HealthCheckService>();
        inDoubt.Settled += (_, settled) =>
        {
            if (settled.Order.Since < _began || !settled.Order.ClientOrderId.StartsWith(run + "-", StringComparison.Ordinal))
            {
                Tell(MemberEventKind.Settled, $"{settled.Order.ClientOrderId}: {settled.Execution}, {settled.Evidence}");
            }
        };
    }

    /// <summary>It is a member, and waits.</summary>
    public void Joined()
    {
        _hasJoined = true;
        _news.Writer.TryWrite(null);
    }

    /// <summary>From now on it trades.</summary>
    public void Follow(TradingRun run) => _run = run;

    /// <summary>The library says something.</summary>
    public void Hear(EventId id, string text)
    {
        switch (id.Id)
        {
            // An overloaded host is a matter of moments, and there are many.
            case LibraryEvents.LaneClosed or LibraryEvents.HoldTold or LibraryEvents.HoldRestored when text.StartsWith("Host", StringComparison.Ordinal):
                break;
            case LibraryEvents.LaneClosed:
                Tell(MemberEventKind.Told, text);
                break;
            case LibraryEvents.HoldTold or LibraryEvents.HoldRestored:
                Tell(MemberEventKind.Heard, text);
                break;
            case LibraryEvents.RecoveryStarted:
                Tell(MemberEventKind.TookOver, text);
                break;
            case LibraryEvents.InDoubt or LibraryEvents.Settled:
                break;
            default:
                Tell(MemberEventKind.Warned, text);
                break;
        }
    }

    /// <summary>Writes how it stands for the last time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _news.Writer.TryWrite(null);
        _news.Writer.TryComplete();
        await _writing;
        _gauges.Dispose();
    }

    // Whoever tells may stand in the middle of what is asked here.
    private void Tell(MemberEventKind kind, string text) => _news.Writer.TryWrite(new MemberEvent(kind, text, TimeProvider.System.GetTimestamp()));

    private async Task WriteAsync()
    {
        await foreach (var happened in _news.Reader.ReadAllAsync())
        {
            var (store, lease) = await AskStoreAsync();
            var run = _run;
            var activity = run is null ? (_hasJoined ? MemberActivity.Ready : MemberActivity.Starting) : run.IsOver ? MemberActivity.Done : MemberActivity.Trading;
            var report = new MemberReport(
                activity, run?.Executed ?? 0, run?.Rejected ?? 0, run?.UnderWay ?? 0, _inDoubt?.List().Count ?? 0, _wire.Requests, _gauges.ReadHeldSeconds(), lease, store, happened);
            await _output.WriteLineAsync(report.ToJson());
            await _output.FlushAsync();
        }
    }

    /// <summary>Why the database cannot be reached, null while it can, and what is left of the lease.</summary>
    private async Task<(string? Fault, double? LeaseSeconds)> AskStoreAsync()
    {
        if (_health is not { } health)
        {
            return (null, null);
        }

        var store = (await health.CheckHealthAsync()).Entries.Values.Single();
        return (store.Status == HealthStatus.Healthy ? null : store.Description, store.Data.GetValueOrDefault("lease_left_seconds") is double left ? Math.Round(left, 3) : null);
    }
}
