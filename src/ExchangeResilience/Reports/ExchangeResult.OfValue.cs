using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ExchangeResilience;

/// <summary>An <see cref="ExchangeResult"/> with the reply's body as a value.</summary>
/// <typeparam name="T">What the body of a success is read as.</typeparam>
public sealed class ExchangeResult<T>
{
    /// <summary>A result without a value; public so that a program's own tests can make one.</summary>
    /// <param name="outcome">The outcome of the call.</param>
    public ExchangeResult(ExchangeResult outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Outcome = outcome;
    }

    /// <summary>A result with a value.</summary>
    /// <param name="outcome">The outcome of the call.</param>
    /// <param name="value">What its body was read as.</param>
    public ExchangeResult(ExchangeResult outcome, T value)
        : this(outcome)
    {
        Value = value;
        HasValue = value is not null;
    }

    /// <summary>The same without the value: body, items and what was thrown.</summary>
    public ExchangeResult Outcome { get; }

    /// <summary>The body's value; the default of its type where there is none: see <see cref="HasValue"/>.</summary>
    public T? Value { get; }

    /// <summary>The call succeeded and its body was read. A request may be executed without: <see cref="Error"/> then says that its body could not be read.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool HasValue { get; }

    /// <inheritdoc cref="ExchangeResult.Execution"/>
    public ExecutionStatus Execution => Outcome.Execution;

    /// <inheritdoc cref="ExchangeResult.IsExecuted"/>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsExecuted => Outcome.IsExecuted;

    /// <inheritdoc cref="ExchangeResult.IsNotExecuted"/>
    [MemberNotNullWhen(true, nameof(Error))]
    public bool IsNotExecuted => Outcome.IsNotExecuted;

    /// <inheritdoc cref="ExchangeResult.IsUnknown"/>
    [MemberNotNullWhen(true, nameof(Error))]
    public bool IsUnknown => Outcome.IsUnknown;

    /// <inheritdoc cref="ExchangeResult.Error"/>
    public ExchangeError? Error => Outcome.Error;

    /// <inheritdoc cref="ExchangeResult.Report"/>
    public RecoveryReport? Report => Outcome.Report;

    /// <inheritdoc cref="ExchangeResult.StatusCode"/>
    public HttpStatusCode? StatusCode => Outcome.StatusCode;

    /// <inheritdoc cref="ExchangeResult.Body"/>
    public string Body => Outcome.Body;

    /// <inheritdoc cref="ExchangeResult.Items"/>
    public IReadOnlyList<ExchangeResultItem> Items => Outcome.Items;

    /// <inheritdoc cref="ExchangeResult.Exception"/>
    public Exception? Exception => Outcome.Exception;

    /// <inheritdoc cref="ExchangeResult.ToString"/>
    public override string ToString() => Outcome.ToString();
}
