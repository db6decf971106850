using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Docs;

/// <summary>Finds what keeps a diagram from being drawn. It knows the two kinds the documentation uses.</summary>
internal static partial class Mermaid
{
    /// <summary>What is wrong with a diagram; empty where it is in order.</summary>
    public static IReadOnlyList<string> Faults(string diagram)
    {
        var lines = diagram.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines switch
        {
            ["sequenceDiagram", _, ..] => [.. SequenceFaults(lines[1..])],
            [var head, _, ..] when head.StartsWith("flowchart ", StringComparison.Ordinal) => [.. FlowFaults(lines[1..])],
            _ => ["neither a sequenceDiagram nor a flowchart, or empty"],
        };
    }

    private static IEnumerable<string> SequenceFaults(string[] lines)
    {
        var participants = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>();
        var messages = 0;
        foreach (var line in lines)
        {
            if (Participant().Match(line) is { Success: true } participant)
            {
                participants.Add(participant.Groups["name"].Value);
            }
            else if (Message().Match(line) is { Success: true } message)
            {
                messages++;
                foreach (var name in new[] { message.Groups["from"].Value, message.Groups["to"].Value }.Where(name => !participants.Contains(name)))
                {
                    yield return $"{name} is no participant: {line}";
                }
            }
            else if (Note().Match(line) is { Success: true } note)
            {
                foreach (var name in note.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries).Where(name => !participants.Contains(name)))
                {
                    yield return $"{name} is no participant: {line}";
                }
            }
            else if (Opening().Match(line) is { Success: true } opening)
            {
                open.Push(opening.Groups["kind"].Value);
            }
            else if (line == "end")
            {
                if (!open.TryPop(out _))
                {
                    yield return "an end without a beginning";
                }
            }
            else if (!(line.StartsWith("else ", StringComparison.Ordinal) && open.TryPeek(out var kind) && kind == "alt"))
            {
                yield return $"cannot be read: {line}";
            }
        }

        foreach (var kind in open)
        {
            yield return $"{kind} has no end";
        }

        if (messages == 0)
        {
            yield return "nobody says anything";
        }
    }

    private static IEnumerable<string> FlowFaults(string[] lines)
    {
        foreach (var line in lines)
        {
            var bare = Quoted().Replace(line, "");
            if (bare.Contains('"', StringComparison.Ordinal) || "[]{}()".Chunk(2).Any(pair => bare.Count(c => c == pair[0]) != bare.Count(c => c == pair[1])))
            {
                yield return $"is not balanced: {line}";
            }
            else if (!bare.Contains("-->", StringComparison.Ordinal))
            {
                yield return $"leads nowhere: {line}";
            }
        }
    }

    [GeneratedRegex(@"^(?:participant|actor) (?<name>\w+)(?: as [^;#]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Participant();

    // A semicolon ends a statement, and a number sign begins an entity, even within a text.
    [GeneratedRegex(@"^(?<from>\w+)(?:->>|-->>|-x|--x|-\)|--\))(?<to>\w+): [^;#]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Message();

    [GeneratedRegex(@"^Note (?:over|left of|right of) (?<names>[\w, ]+): [^;#]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Note();

    [GeneratedRegex(@"^(?<kind>alt|opt|loop) [^;#]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Opening();

    [GeneratedRegex("\"[^\"]*\"", RegexOptions.None, 1000)]
    private static partial Regex Quoted();
}
