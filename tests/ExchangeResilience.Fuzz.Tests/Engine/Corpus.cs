using System.Text;
using ExchangeResilience.Tests.Errors;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>What inputs are made from.</summary>
internal static class Corpus
{
    /// <summary>The lines of a file in the corpus folder.</summary>
    public static IReadOnlyList<string> Lines(string name) => [.. Recorded.Lines(name)];

    /// <summary>Bodies of replies: those met on the wire, and one of each documented shape.</summary>
    public static IReadOnlyList<string> Bodies { get; } = [.. RecordedReply.All.Select(reply => reply.Body), .. Lines("bodies.txt")];

    /// <summary>Each line with leading bytes that choose nothing in particular.</summary>
    public static IReadOnlyList<byte[]> With(int selectors, params IEnumerable<string> lines) => [.. lines.Select((line, number) => (byte[])[.. Chosen(selectors, number), .. Encoding.UTF8.GetBytes(line)])];

    private static IEnumerable<byte> Chosen(int selectors, int number) => Enumerable.Range(0, selectors).Select(place => (byte)((number * 7) + (place * 13)));
}
