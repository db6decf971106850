namespace ExchangeResilience;

/// <summary>The caller cancelled a mutation. <see cref="HttpClient"/> may wrap it in a <see cref="TaskCanceledException"/>; look at its inner exceptions.</summary>
public sealed class ExchangeOperationCanceledException : OperationCanceledException
{
    internal ExchangeOperationCanceledException(string message, string? clientOrderId, ExecutionStatus execution, Exception? inner, CancellationToken token)
        : base(message, inner, token)
    {
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
}
