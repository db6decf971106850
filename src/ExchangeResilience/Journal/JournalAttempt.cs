namespace ExchangeResilience;

/// <summary>One attempt as it was written down before it left: the signer stamps it within these bounds or not at all.</summary>
/// <param name="NotBeforeMs">The earliest stamp it can have, in milliseconds since 1970 on the exchange's clock.</param>
/// <param name="NoStampAfterMs">The latest; <see cref="long.MaxValue"/> where nothing bounds it, so that its absence can never be proved.</param>
/// <param name="RecvWindowMs">How long after its stamp the exchange accepts it.</param>
public readonly record struct JournalAttempt(long NotBeforeMs, long NoStampAfterMs, long RecvWindowMs);
