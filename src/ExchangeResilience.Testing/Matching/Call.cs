namespace ExchangeResilience.Testing;

/// <summary>A request past the gate: its account, its parameters, its time.</summary>
internal sealed record Call(MatchingEngine Engine, Account Account, Parameters Parameters, Moment Moment)
{
    /// <summary>The request's number in the order of arrival.</summary>
    public long Number { get; init; }

    /// <summary>What the items of a batch meet, in its order; those beyond the last meet nothing.</summary>
    public IReadOnlyList<Fault> ItemFaults { get; init; } = [];

    /// <summary>Refuses a symbol that is given and unknown.</summary>
    public Refusal? CheckSymbol() => Parameters.Has("symbol") && Engine.Find(Parameters["symbol"]) is null ? Refusal.BadSymbol : null;

    /// <summary>Whether a contract is the one that is named, where one is.</summary>
    public bool IsAbout(string symbol) => !Parameters.Has("symbol") || Parameters["symbol"] == symbol;

    /// <summary>Whether a time lies between startTime and endTime, as far as they were given.</summary>
    public bool IsInRange(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        return milliseconds >= (Parameters.Integer("startTime") ?? 0) && milliseconds <= (Parameters.Integer("endTime") ?? long.MaxValue);
    }

    /// <summary>As many as limit requests: the first where a start was given, else the last.</summary>
    public IEnumerable<T> Limited<T>(IEnumerable<T> items, int usual, int most)
    {
        var limit = (int)Math.Min(most, Parameters.Integer("limit") ?? usual);
        return Parameters.Has("startTime") || Parameters.Has("orderId") ? items.Take(limit) : items.TakeLast(limit);
    }
}
