namespace ExchangeResilience;

/// <summary>
/// Where an endpoint that adds to a value lists what it did. A record is this request's effect if it agrees with it, is in the time in which the request could
/// take effect, and is the only one that does.
/// </summary>
public sealed class EndpointHistory
{
    /// <summary>Creates it.</summary>
    /// <param name="path">The path that lists the records, queried with GET and <c>startTime</c>; it needs a row of its own.</param>
    /// <param name="questions">The request's parameters that the list is queried with, for example <c>symbol</c>.</param>
    /// <param name="comparisons">The names under which request and record hold the same, for example <c>amount</c>; one that the request leaves out is not compared.</param>
    public EndpointHistory(string path, IReadOnlyList<string> questions, IReadOnlyList<string> comparisons)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(comparisons);
        Path = path;
        Questions = questions;
        Comparisons = comparisons;
    }

    /// <summary>The path that lists the records.</summary>
    public string Path { get; }

    /// <summary>The request's parameters that the list is queried with.</summary>
    public IReadOnlyList<string> Questions { get; }

    /// <summary>The names under which request and record hold the same.</summary>
    public IReadOnlyList<string> Comparisons { get; }

    /// <summary>What a record must hold beyond that, by name, so that other causes of the same change do not count. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> Marks { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The record's time, in milliseconds since 1970. Defaults to <c>time</c>.</summary>
    public string TimeName { get; init; } = "time";
}
