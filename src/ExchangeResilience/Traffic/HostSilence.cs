using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Since when a host has given no reply. One lost attempt is no silence, and neither is a host that nobody asks: attempts have to fail in transit over half a minute, with no reply among them.
/// </summary>
internal sealed class HostSilence(string host, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _sync = new();
    private volatile Run? _run;

    public string Host { get; } = host;

    /// <summary>The silence; null where there is none.</summary>
    public SilentHost? Current => _run is { IsSilence: true } run ? new SilentHost(Host, run.Since, run.Failure) : null;

    public void Fail(string failure)
    {
        Run run;
        lock (_sync)
        {
            var before = _run ?? new Run(time.GetTimestamp(), time.GetUtcNow());
            _run = run = before with { Failure = failure, IsSilence = before.IsSilence || time.GetElapsedTime(before.Began) >= Patience };
            if (run.IsSilence == before.IsSilence)
            {
                return;
            }
        }

        HostLog.Silent(logger, Host, run.Since, failure);
    }

    public void Answer()
    {
        // Nearly always, and then all that an attempt pays.
        if (_run is null)
        {
            return;
        }

        Run? ended;
        lock (_sync)
        {
            (ended, _run) = (_run, null);
        }

        if (ended is { IsSilence: true })
        {
            HostLog.Answers(logger, Host, time.GetElapsedTime(ended.Began).TotalSeconds);
        }
    }

    /// <summary>Failures that no reply has come between.</summary>
    private sealed record Run(long Began, DateTimeOffset Since)
    {
        public string Failure { get; init; } = "";

        public bool IsSilence { get; init; }
    }
}
