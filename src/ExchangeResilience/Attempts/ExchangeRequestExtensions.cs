namespace ExchangeResilience;

/// <summary>What a caller can say about one request. It is kept in the message's <see cref="HttpRequestMessage.Options"/>, so that handlers which copy a message copy it too.</summary>
public static class ExchangeRequestExtensions
{
    internal static readonly HttpRequestOptionsKey<TimeSpan> SendBeforeKey = new("ExchangeResilience.SendBefore");
    internal static readonly HttpRequestOptionsKey<RequestOverrides> OverridesKey = new("ExchangeResilience.Overrides");

    // A timer counts no more than 49 days.
    private static readonly TimeSpan LongestCall = TimeSpan.FromDays(1);

    /// <summary>No attempt, wait or resend of this place or amend starts later than this after the call began; overrides <see cref="ExchangeErrorHandlingOptions.SendBefore"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sendBefore">Counted from the moment the call enters the middleware; positive.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sendBefore"/> is zero or negative.</exception>
    public static HttpRequestMessage SetSendBefore(this HttpRequestMessage request, TimeSpan sendBefore)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sendBefore, TimeSpan.Zero);
        request.Options.Set(SendBeforeKey, sendBefore);
        return request;
    }

    /// <summary>How long this call may take in all; overrides <see cref="ExchangeErrorHandlingOptions.TotalTimeout"/>. A time longer than that also needs a longer <see cref="HttpClient.Timeout"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="totalTimeout">Waits and the search for an order in doubt included; positive. Longer than a day counts as a day.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="totalTimeout"/> is zero or negative.</exception>
    public static HttpRequestMessage SetTotalTimeout(this HttpRequestMessage request, TimeSpan totalTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(totalTimeout, TimeSpan.Zero);
        return Override(request, overrides => overrides with { TotalTimeout = TimeSpan.Min(totalTimeout, LongestCall) });
    }

    /// <summary>Whether a known error of this call is thrown or returned; overrides <see cref="ExchangeErrorHandlingOptions.ThrowOnError"/>. An unknown outcome is thrown in any case.</summary>
    /// <param name="request">The request.</param>
    /// <param name="throwOnError">True: an <see cref="ExchangeErrorException"/>; false: the annotated response.</param>
    /// <returns>The request.</returns>
    public static HttpRequestMessage SetThrowOnError(this HttpRequestMessage request, bool throwOnError) =>
        Override(request, overrides => overrides with { ThrowOnError = throwOnError });

    /// <summary>A row of the policy matrix for this call alone, laid over the client's rows. It may be called for several selectors; the last row of a selector holds.</summary>
    /// <param name="request">The request.</param>
    /// <param name="selector">A code (<c>-1003</c>), range, category, <c>Http503</c>, <c>Transport</c> or <c>Default</c>, as under <see cref="ExchangeErrorHandlingOptions.Policies"/>.</param>
    /// <param name="policy">What happens; what it leaves null comes from the less specific rows. A faulty row is refused when the request is sent, with an <see cref="ArgumentException"/> that names the fault.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentException"><paramref name="selector"/> is blank.</exception>
    public static HttpRequestMessage SetPolicy(this HttpRequestMessage request, string selector, ErrorPolicy policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(selector);
        ArgumentNullException.ThrowIfNull(policy);
        return Override(request, overrides => overrides with { Policies = [.. overrides.Policies.Where(row => !string.Equals(row.Key, selector, StringComparison.OrdinalIgnoreCase)), new(selector, policy)] });
    }

    private static HttpRequestMessage Override(HttpRequestMessage request, Func<RequestOverrides, RequestOverrides> change)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequestOverrides.AreUsed = true;
        request.Options.Set(OverridesKey, change(request.Options.TryGetValue(OverridesKey, out var overrides) ? overrides : new RequestOverrides()));
        return request;
    }
}
