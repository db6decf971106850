namespace ExchangeResilience.Testing;

/// <summary>A request the exchange received, and its outcome.</summary>
/// <remarks>Query, body, parameters and key are complete, secrets included; <see cref="ToString"/> leaves them out.</remarks>
public sealed record ReceivedRequest
{
    /// <summary>Its place in the order of arrival, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it arrived, by the exchange's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How long after the exchange was created, by a clock that never steps.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The address it came from.</summary>
    public required string Address { get; init; }

    /// <summary>The HTTP method, in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>The path, without query.</summary>
    public required string Path { get; init; }

    /// <summary>The query as it was sent, without the question mark.</summary>
    public required string Query { get; init; }

    /// <summary>The body as it was sent.</summary>
    public required string Body { get; init; }

    /// <summary>What X-MBX-APIKEY carried; null if it was missing.</summary>
    public required string? ApiKey { get; init; }

    /// <summary>All parameters, decoded.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The fault it met; null if none.</summary>
    public Fault? Fault { get; init; }

    /// <summary>The HTTP status it was answered with, or would have been had the reply not been lost; 0 while the exchange is still at it.</summary>
    public int Status { get; init; }

    /// <summary>The exchange's error code in that answer; 0 if it held none.</summary>
    public int Code { get; init; }

    /// <summary>How long before it the client had been asked for a wait that was still running and that this request disregards; null if there was none.</summary>
    public TimeSpan? IntoHold { get; init; }

    /// <summary>The number of the request whose reply asked for that wait; null if there was none.</summary>
    public long? ToldBy { get; init; }

    /// <summary>Number, method, path and answer.</summary>
    public override string ToString() => FormattableString.Invariant($"#{Number} {Method} {Path} -> {Status} {Code}");
}
