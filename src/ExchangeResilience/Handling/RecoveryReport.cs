namespace ExchangeResilience;

/// <summary>What one call went through: each attempt, wait, question and answer, with its reason.</summary>
public sealed class RecoveryReport
{
}
