namespace ExchangeResilience;

internal readonly record struct ClaimGrant(ClaimAnswer Answer, Claim? Claim);
