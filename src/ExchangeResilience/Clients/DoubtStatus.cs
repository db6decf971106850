namespace ExchangeResilience;

/// <summary>What is known of an order in doubt beyond its name.</summary>
/// <param name="Terms">What was asked for.</param>
/// <param name="NextQuestionAt">When the exchange is queried next, by the local wall clock; null before the first answer.</param>
/// <param name="ProvableFrom">From when on, by the local wall clock, its absence can be proven; null where it never can.</param>
internal sealed record DoubtStatus(OrderTerms Terms, DateTimeOffset? NextQuestionAt, DateTimeOffset? ProvableFrom);
