namespace ExchangeResilience;

/// <summary>What a message that is no batch was read as when its call began. Most messages come to be sent as they were then, and are not read again.</summary>
internal sealed record ReadMessage(Uri Address, string? Form, ExchangeOperation Operation);
