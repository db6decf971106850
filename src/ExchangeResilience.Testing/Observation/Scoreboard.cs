namespace ExchangeResilience.Testing;

/// <summary>The sum of what happened.</summary>
public sealed record Scoreboard
{
    /// <summary>Requests received.</summary>
    public required int Requests { get; init; }

    /// <summary>Of those, requests to place orders.</summary>
    public required int Places { get; init; }

    /// <summary>Orders that took effect.</summary>
    public required int Executions { get; init; }

    /// <summary>Client order ids among them.</summary>
    public required int ClientOrderIds { get; init; }

    /// <summary>Client order ids that took effect more than once.</summary>
    public required int DuplicateClientOrderIds { get; init; }

    /// <summary>Intents (symbol, side, type, quantity and price) that took effect more than once: real duplicates only where no two intents are meant alike.</summary>
    public required int DuplicateIntents { get; init; }

    /// <summary>Orders beyond the first of their client order id.</summary>
    public required int ExtraExecutions { get; init; }

    /// <summary>Orders beyond the first of their intent.</summary>
    public required int ExtraIntents { get; init; }

    /// <summary>Requests sent although a wait the client had been asked for was still running.</summary>
    public required int SentIntoHold { get; init; }

    /// <summary>How many requests met which fault, by its name.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>How many requests were answered with which error code.</summary>
    public required IReadOnlyDictionary<int, int> Codes { get; init; }

    /// <summary>The sums on one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Requests} requests, {Places} to place; {Executions} executions of {ClientOrderIds} ids, {DuplicateClientOrderIds} ids and {DuplicateIntents} intents duplicated; {SentIntoHold} sent into a hold");
}
