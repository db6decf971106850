using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ExchangeResilience;

/// <summary>
/// The outcome of a call of <c>HttpClient.SendExchangeAsync(...)</c>: success, refusal, proven absence and
/// unknown outcome in one shape. <see cref="Error"/> is null after a success and never null where the request did not certainly take effect.
/// </summary>
public sealed class ExchangeResult
{
    /// <summary>A result; public so that a program's own tests can make one. An outcome other than <see cref="ExecutionStatus.Executed"/> comes with its <see cref="Error"/>.</summary>
    /// <param name="execution">Whether the request took effect.</param>
    public ExchangeResult(ExecutionStatus execution) => Execution = execution;

    /// <summary>
    /// Whether the request took effect; of a query, whether it was answered: anything else is no answer. Of a batch: <see cref="ExecutionStatus.Unknown"/> while that is unknown of any item,
    /// else <see cref="ExecutionStatus.Executed"/> where any item was.
    /// </summary>
    public ExecutionStatus Execution { get; }

    /// <summary>The request took effect. A filled order is more than that: read the order.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsExecuted => Execution == ExecutionStatus.Executed;

    /// <summary>The request certainly did not take effect: it was refused, never left, or is proven absent.</summary>
    [MemberNotNullWhen(true, nameof(Error))]
    public bool IsNotExecuted => Execution == ExecutionStatus.NotExecuted;

    /// <summary>Whether the request took effect is not known yet. The same call again joins the search; another client order id would be another order.</summary>
    [MemberNotNullWhen(true, nameof(Error))]
    public bool IsUnknown => Execution == ExecutionStatus.Unknown;

    /// <summary>
    /// The classified error; null after a success. Beside <see cref="ExecutionStatus.Executed"/> it says that the reply's body could not be read, or, of a batch, that an item failed: the
    /// first whose outcome is unknown, else the first that was not executed.
    /// </summary>
    public ExchangeError? Error
    {
        get => field ?? (IsExecuted ? null : LocalErrors.EndedEarly(Execution));
        init;
    }

    /// <summary>What was tried, why, how long it took and on what evidence it ended; null after a plain success, and where nothing was sent.</summary>
    public RecoveryReport? Report { get; init; }

    /// <summary>The status of the reply; null where none arrived.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The reply's body as text, at most what <see cref="HttpClient.MaxResponseContentBufferSize"/> allows (64 MiB by default); empty where there is none.</summary>
    public string Body { get; init; } = "";

    /// <summary>One entry per item of a batch, in the order of the request; empty for everything else.</summary>
    public IReadOnlyList<ExchangeResultItem> Items { get; init; } = [];

    /// <summary>What was thrown, for a log: it may say why a connection failed or a signature was not made. Null where nothing was.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The outcome, and the error where there is one, without URL, key or signature.</summary>
    public override string ToString() => Error is null ? Execution.ToString() : $"{Execution}: {ExchangeErrorException.Describe(Error, Report)}";
}
