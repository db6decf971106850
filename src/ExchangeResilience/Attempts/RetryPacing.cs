using Polly;
using Polly.Retry;

namespace ExchangeResilience;

/// <summary>
/// Paces repeated sends with Polly. It is entered with a failed outcome in hand, which its first callback returns, so that calls that succeed
/// never touch it; and it is left as soon as the next decision is anything but another retry, so that it never meets an unknown place or
/// amend. What it does send again after an unknown is harmless to repeat: settings, single cancels, and a cancel-all after which no newer order was placed.
/// </summary>
internal sealed class RetryPacing
{
    private readonly ResiliencePipeline<Paced> _pipeline;

    public RetryPacing(TimeProvider time) =>
        _pipeline = new ResiliencePipelineBuilder<Paced> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Paced>
            {
                // The decision bounds the attempts, by the policy row and by time.
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is null && arguments.Outcome.Result.Decision.Action == DecisionAction.Retry),
                DelayGenerator = static arguments => ValueTask.FromResult<TimeSpan?>(arguments.Outcome.Result.Decision.Delay),
            })
            .Build();

    /// <summary>Waits and sends until the outcome calls for something other than a retry.</summary>
    public async ValueTask<Paced> RunAsync(Paced first, Func<ValueTask<Paced>> sendAgain, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        try
        {
            return await _pipeline.ExecuteAsync(static (_, state) => state.NextAsync(), context, new Pass(first, sendAgain)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>An outcome and what was decided about it.</summary>
    internal readonly record struct Paced(AttemptOutcome Outcome, Decision Decision);

    private sealed class Pass(Paced first, Func<ValueTask<Paced>> sendAgain)
    {
        private bool _begun;

        public ValueTask<Paced> NextAsync()
        {
            if (_begun)
            {
                return sendAgain();
            }

            _begun = true;
            return ValueTask.FromResult(first);
        }
    }
}
