namespace ExchangeResilience;

/// <summary>What a refusal said about waiting.</summary>
/// <param name="Code">The exchange's code; 0 where it gave none.</param>
/// <param name="Status">The HTTP status; 0 where no reply came.</param>
/// <param name="RetryAfter">The Retry-After header, as it came.</param>
/// <param name="BannedUntilMs">The instant after "banned until", milliseconds on the exchange's clock.</param>
/// <param name="ReplyDate">The reply's Date header.</param>
/// <param name="ExchangeNowMs">The exchange's time as measured, where the clock is synchronised.</param>
/// <param name="BaseDelay">The policy row's first wait; it doubles each time the reopening lane is refused again.</param>
/// <param name="MaxDelay">Where that doubling ends.</param>
/// <param name="Window">The window the refusal named; null: 1 min for the address, 10 s for orders.</param>
/// <param name="WindowHasRoom">Whether the reply itself shows that the window is not used up, so that its end is not what is waited for.</param>
/// <param name="IsLimit">Whether the code says that the address has spent its limit, under any status.</param>
internal readonly record struct HoldRequest(
    int Code,
    int Status,
    TimeSpan? RetryAfter,
    long? BannedUntilMs,
    DateTimeOffset? ReplyDate,
    long? ExchangeNowMs,
    TimeSpan BaseDelay,
    TimeSpan MaxDelay,
    TimeSpan? Window = null,
    bool WindowHasRoom = false,
    bool IsLimit = false)
{
    public bool IsBan => BannedUntilMs is not null || Status == 418;
}
