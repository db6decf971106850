namespace ExchangeResilience;

/// <summary>One request that adds to a value, from before it leaves until its effect can no longer be taken for another's.</summary>
internal sealed class AdditiveRequest(string key, ExchangeOperation operation, AccountIdentity account, long entered)
{
    private readonly TaskCompletionSource<Verdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private AttemptWindow? _window;
    private volatile Verdict? _known;

    public string Key { get; } = key;
    public ExchangeOperation Operation { get; } = operation;
    public AccountIdentity Account { get; } = account;
    public long Entered { get; } = entered;

    /// <summary>The time in which its last attempt could take effect; null as long as it is not known.</summary>
    public AttemptWindow? Window
    {
        get { lock (_lock) { return _window; } }
        set { lock (_lock) { _window = value; } }
    }

    /// <summary>How it ended; <see cref="ExecutionStatus.Unknown"/> where its call ended without knowing.</summary>
    public Task<Verdict> Verdict => _verdict.Task;

    /// <summary>The same, without waiting for it; null while it is in flight.</summary>
    public Verdict? Known => _known;

    /// <summary>Null while it is in flight.</summary>
    public ExecutionStatus? Outcome => _known?.Execution;

    public bool DidNothing => Outcome == ExecutionStatus.NotExecuted;

    public void End(Verdict verdict)
    {
        _known = verdict;
        _verdict.TrySetResult(verdict);
    }
}
