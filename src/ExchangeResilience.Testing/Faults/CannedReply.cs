namespace ExchangeResilience.Testing;

/// <summary>A reply made up by a fault; without one the exchange's own goes out. Without a message it says which limit was exceeded.</summary>
internal sealed record CannedReply(int Status, int? Code, string? Message, bool IsHtml = false);
