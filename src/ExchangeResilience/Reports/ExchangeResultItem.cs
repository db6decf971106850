namespace ExchangeResilience;

/// <summary>The outcome of one item of a batch.</summary>
public sealed class ExchangeResultItem
{
    /// <summary>An item's outcome; public so that a program's own tests can make one.</summary>
    /// <param name="execution">Whether the item took effect.</param>
    public ExchangeResultItem(ExecutionStatus execution) => Execution = execution;

    /// <summary>Whether the item took effect.</summary>
    public ExecutionStatus Execution { get; }

    /// <summary>The classified error; null where the item was executed.</summary>
    public ExchangeError? Error { get; init; }

    /// <summary>The item's own part of the reply, as JSON; empty where the reply has none.</summary>
    public string Body { get; init; } = "";

    /// <summary>The outcome, and the error where there is one, without URL, key or signature.</summary>
    public override string ToString() => Error is null ? Execution.ToString() : $"{Execution}: {Error}";
}
