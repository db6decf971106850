using System.Globalization;

namespace ExchangeResilience;

/// <summary>The look-ups of an order and their replies, for an operator who has to understand the verdict later. The first and the latest lines are kept.</summary>
internal sealed class EvidenceTrail
{
    private const int FirstLines = 20;
    private const int Lines = 100;

    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Read()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    public void Add(DateTimeOffset at, string text) => Add(string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z {text}"));

    public void Add(string line)
    {
        lock (_lock)
        {
            if (_lines.Count == Lines)
            {
                _lines.RemoveAt(FirstLines);
            }

            _lines.Add(line);
        }
    }
}
