using System.Runtime.InteropServices;

namespace TradingBot;

/// <summary>Ctrl-C and SIGTERM: the first lets orders under way finish for a moment and begins nothing new, the second ends them too.</summary>
internal sealed class StopSignal : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly PosixSignalRegistration[] _signals;

    public StopSignal() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear),
    ];

    /// <summary>Begin nothing new.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>End what has begun.</summary>
    public CancellationToken Abort => _abort.Token;

    /// <summary>As the first Ctrl-C does; however often.</summary>
    public void Request()
    {
        if (!_stop.IsCancellationRequested)
        {
            _abort.CancelAfter(Grace);
            _stop.Cancel();
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _stop.Dispose();
        _abort.Dispose();
    }

    private void Hear(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            _abort.Cancel();
            return;
        }

        Request();
    }
}
