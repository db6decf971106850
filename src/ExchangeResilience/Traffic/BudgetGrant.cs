namespace ExchangeResilience;

/// <summary>The store's answer.</summary>
/// <param name="Granted">What this process may use in the window from now on, besides what it was given before.</param>
/// <param name="Committed">What is no longer to be had: all that was given, this included, and what others use.</param>
/// <param name="Members">How many processes share, at least 1.</param>
internal readonly record struct BudgetGrant(int Granted, int Committed, int Members);
