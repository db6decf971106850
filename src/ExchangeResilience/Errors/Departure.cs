namespace ExchangeResilience;

/// <summary>How far the transport got with one attempt, as the handler next to it saw.</summary>
internal sealed class Departure
{
    public static readonly HttpRequestOptionsKey<Departure> Key = new("ExchangeResilience.Departure");

    /// <summary>Whether the transport is .NET's own, which sends a request's head together with the start of its content: what has not begun has not left.</summary>
    public required bool IsWatched { get; init; }

    /// <summary>Whether the content was handed out, so that the request may have left.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Whether a proxy in between answered by asking for credentials, and so passed nothing on.</summary>
    public bool WasChallenged { get; set; }
}
