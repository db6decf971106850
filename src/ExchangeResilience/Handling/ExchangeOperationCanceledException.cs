namespace ExchangeResilience;

/// <summary>The caller cancelled a mutation. <see cref="HttpClient"/> may wrap it in a <see cref="TaskCanceledException"/>; look at its inner exceptions.</summary>
public sealed class ExchangeOperationCanceledException : OperationCanceledException
{
    private readonly string _operation;

    internal ExchangeOperationCanceledException(string operation, string? clientOrderId, ExecutionStatus execution, Exception? inner, CancellationToken token)
        : base(
            execution == ExecutionStatus.NotExecuted
                ? $"{operation} was cancelled, and did not take effect."
                : $"{operation} was cancelled after it may have been sent; its outcome is unknown.",
            inner, token)
    {
        _operation = operation;
        ClientOrderId = clientOrderId;
        Execution = execution;
    }

    /// <summary>Finds it in what <see cref="HttpClient"/> throws after a cancellation or its own timeout; null where the call was no mutation.</summary>
    /// <param name="exception">The exception caught.</param>
    public static ExchangeOperationCanceledException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is ExchangeOperationCanceledException found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The client order id the mutation bore; null where it has none.</summary>
    public string? ClientOrderId { get; }

    /// <summary><see cref="ExecutionStatus.NotExecuted"/> where nothing had been sent yet, else <see cref="ExecutionStatus.Unknown"/>.</summary>
    public ExecutionStatus Execution { get; }

    /// <summary>The same, where another send of the order has left that this one knew nothing of.</summary>
    /// <param name="thrown">It, or what a handler between made of it.</param>
    internal ExchangeOperationCanceledException AsUnknown(Exception thrown) => new(_operation, ClientOrderId, ExecutionStatus.Unknown, thrown, CancellationToken);
}
