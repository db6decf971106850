namespace ExchangeResilience;

/// <summary>What a caller can say about one request.</summary>
public static class ExchangeRequestExtensions
{
    internal static readonly HttpRequestOptionsKey<TimeSpan> SendBeforeKey = new("ExchangeResilience.SendBefore");

    /// <summary>No attempt, wait or resend of this place or amend starts later than this after the call began; overrides <see cref="ExchangeErrorHandlingOptions.SendBefore"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sendBefore">Counted from the moment the call enters the middleware; positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sendBefore"/> is zero or negative.</exception>
    public static HttpRequestMessage SetSendBefore(this HttpRequestMessage request, TimeSpan sendBefore)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sendBefore, TimeSpan.Zero);
        request.Options.Set(SendBeforeKey, sendBefore);
        return request;
    }
}
