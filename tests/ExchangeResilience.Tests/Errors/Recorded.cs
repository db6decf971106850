using System.Reflection;
using System.Text.Json;

namespace ExchangeResilience.Tests.Errors;

/// <summary>Replies as they were met on the wire, in logs and in bug reports.</summary>
internal sealed record RecordedReply(int Id, string Venue, int? Status, string? MethodPath, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public static IReadOnlyList<RecordedReply> All { get; } = [.. Recorded.Lines("corpus.jsonl").Select(Parse)];

    private static RecordedReply Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        var headers = row.GetProperty("headers");
        return new(
            row.GetProperty("id").GetInt32(),
            row.GetProperty("venue").GetString()!,
            row.GetProperty("http_status") is { ValueKind: JsonValueKind.Number } status ? status.GetInt32() : null,
            row.GetProperty("method_path").GetString(),
            headers.ValueKind == JsonValueKind.Object ? headers.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase) : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase),
            row.GetProperty("body").GetString()!);
    }
}

internal static class Recorded
{
    public static IEnumerable<string> Lines(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }
}
