namespace ExchangeResilience;

/// <summary>What a reply means for the request it answers.</summary>
/// <param name="IsSuccess">The reply is to be handed on as it is; for a mutation, it proves that the request took effect.</param>
/// <param name="Definition">What went wrong; null exactly where <paramref name="IsSuccess"/>.</param>
/// <param name="Execution">Whether the request took effect. On an error, a query counts as not executed, even if the definition says otherwise.</param>
/// <param name="Reading">What the body says; empty where it was not looked at.</param>
internal readonly record struct ReplyVerdict(bool IsSuccess, ErrorDefinition? Definition, ExecutionStatus Execution, ErrorReading Reading);
