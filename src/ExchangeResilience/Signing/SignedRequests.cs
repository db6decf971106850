using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Whether the requests that one client signs succeed. A key may be refused at one endpoint and taken at the next: that is no warning for each request.</summary>
internal sealed class SignedRequests(string client, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _sync = new();
    private volatile Run? _run;
    private long? _warnedAt;

    public bool AreFailing => _run is not null;

    /// <summary>The failure; null where there is none.</summary>
    public SigningFailure? Current => _run is { } run ? new SigningFailure(client, run.Since, run.Failure) { Advice = run.Advice } : null;

    public void Fail(string failure, string advice)
    {
        lock (_sync)
        {
            var run = (_run ?? new Run(time.GetTimestamp(), time.GetUtcNow())) with { Failure = failure, Advice = advice };
            var isNews = !run.IsTold && (_warnedAt is not { } before || time.GetElapsedTime(before) >= BetweenWarnings);
            _warnedAt = isNews ? time.GetTimestamp() : _warnedAt;
            _run = run with { IsTold = run.IsTold || isNews };
            if (!isNews)
            {
                return;
            }
        }

        SigningLog.SignedRequestsFail(logger, client, failure, advice);
    }

    public void Succeed()
    {
        Run? ended;
        lock (_sync)
        {
            (ended, _run) = (_run, null);
        }

        if (ended is { IsTold: true })
        {
            SigningLog.SignedRequestsSucceed(logger, client, time.GetElapsedTime(ended.Began).TotalSeconds);
        }
    }

    /// <summary>Failures that no success has come between.</summary>
    private sealed record Run(long Began, DateTimeOffset Since)
    {
        public string Failure { get; init; } = "";

        public string Advice { get; init; } = "";

        public bool IsTold { get; init; }
    }
}
