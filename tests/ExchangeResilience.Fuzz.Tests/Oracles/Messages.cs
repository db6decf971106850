using System.Text.RegularExpressions;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>What may stand in a log line.</summary>
internal static partial class Messages
{
    /// <summary>The rule a shown message breaks; null where it breaks none.</summary>
    public static string? Fault(string message) =>
        message.Length > 300 ? "a message is longer than 300 characters"
        : message.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') ? "a message has control characters or more than one line"
        : SecretLike().IsMatch(message) ? "a message shows what looks like a key"
        : null;

    [GeneratedRegex("[A-Za-z0-9]{64}")]
    private static partial Regex SecretLike();
}
