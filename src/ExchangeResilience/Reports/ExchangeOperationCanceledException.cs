namespace ExchangeResilience;

/// <summary>
/// The caller cancelled a mutation. <see cref="HttpClient"/> may wrap it in a <see cref="TaskCanceledException"/>: look for it with <see cref="Find"/>. <c>SendExchangeAsync</c> throws it as it is.
/// </summary>
public sealed class ExchangeOperationCanceledException : OperationCanceledException
{
    private readonly string _subject;

    /// <summary>A cancellation of unknown outcome, of which nothing is known. For tests of a <c>catch</c>.</summary>
    public ExchangeOperationCanceledException()
        : this("The call", clientOrderId: null, ExecutionStatus.Unknown)
    {
    }

    /// <summary>A cancellation of unknown outcome, of which nothing but a text is known. For tests of a <c>catch</c>.</summary>
    /// <param name="message">The text.</param>
    public ExchangeOperationCanceledException(string? message)
        : this(message, innerException: null)
    {
    }

    /// <summary>A cancellation of unknown outcome, of which nothing but a text and a cause is known. For tests of a <c>catch</c>.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause.</param>
    public ExchangeOperationCanceledException(string? message, Exception? innerException)
        : base(message, innerException) => _subject = "The call";

    /// <summary>A cancellation as the middleware throws it.</summary>
    /// <param name="operation">What was cancelled: method and path.</param>
    /// <param name="clientOrderId">The client order id it bore; null where it has none.</param>
    /// <param name="execution"><see cref="ExecutionStatus.NotExecuted"/> where this call had sent nothing yet, else <see cref="ExecutionStatus.Unknown"/>.</param>
    /// <param name="innerException">The cancellation that a handler threw; null where there is none.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public ExchangeOperationCanceledException(string operation, string? clientOrderId, ExecutionStatus execution, Exception? innerException = null, CancellationToken cancellationToken = default)
        : base(Describe(clientOrderId is null ? operation : $"{operation} {clientOrderId}", execution), innerException, cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operation);
        _subject = operation;
        ClientOrderId = clientOrderId;
        Execution = execution;
    }

    /// <summary>The client order id the mutation bore; null where it has none.</summary>
    public string? ClientOrderId { get; }

    /// <summary>
    /// <see cref="ExecutionStatus.NotExecuted"/> where this call had sent nothing yet, else <see cref="ExecutionStatus.Unknown"/>. It is no word on what an earlier run of the program
    /// may have sent under the same client order id: the same call again gets what the order journal knows of that.
    /// </summary>
    public ExecutionStatus Execution { get; }

    /// <summary>Finds it in what <see cref="HttpClient"/> throws after a cancellation or its own timeout; null where the call was no mutation.</summary>
    /// <param name="exception">The exception caught.</param>
    public static ExchangeOperationCanceledException? Find(Exception? exception) => WrappedExceptions.Find<ExchangeOperationCanceledException>(exception);

    /// <summary>The same, where another send of the order has left that this one knew nothing of.</summary>
    internal ExchangeOperationCanceledException AsUnknown(Exception thrown) => new(_subject, ClientOrderId, ExecutionStatus.Unknown, thrown, CancellationToken);

    private static string Describe(string subject, ExecutionStatus execution) => execution switch
    {
        ExecutionStatus.NotExecuted => $"{subject} was cancelled before it took effect: nothing is left of it. Send it again if it is still wanted, an order under the same client order id.",
        ExecutionStatus.Executed => $"{subject} was cancelled after it had taken effect.",
        _ => $"{subject} was cancelled after it may have been sent; its outcome is unknown. The search for an order goes on in the background; the same call again joins it.",
    };
}
