namespace ExchangeResilience;

/// <summary>How an order that was in doubt ended.</summary>
/// <param name="Execution">Whether it took effect.</param>
/// <param name="Evidence">What proved it, or who said so and why.</param>
public sealed record InDoubtVerdict(ExecutionStatus Execution, string Evidence);
