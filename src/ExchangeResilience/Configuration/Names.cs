using System.Diagnostics.CodeAnalysis;

namespace ExchangeResilience;

/// <summary>Names as people type them: found in any case, and guessed when misspelt.</summary>
internal static class Names
{
    public static IReadOnlyList<string> Of<T>() where T : struct, Enum => Enum.GetNames<T>();

    /// <summary>Finds the name, in any case. A number or a list of names is none, unlike in <see cref="Enum.TryParse{TEnum}(string, out TEnum)"/>.</summary>
    public static bool TryPick(string text, IEnumerable<string> names, [NotNullWhen(true)] out string? picked)
    {
        picked = names.FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        return picked is not null;
    }

    /// <summary>The name that most resembles the text; null where none is near enough to be meant.</summary>
    public static string? Nearest(string text, IEnumerable<string> names)
    {
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in names)
        {
            var tolerance = Math.Clamp(Math.Max(text.Length, name.Length) / 3, 1, 4);
            if (Math.Abs(text.Length - name.Length) > tolerance)
            {
                continue;
            }

            var distance = Distance(text, name);
            if (distance <= tolerance && distance < least)
            {
                (nearest, least) = (name, distance);
            }
        }

        return nearest;
    }

    /// <summary>"did you mean" the nearest, or else all there is to choose from.</summary>
    public static string Suggest(string text, IReadOnlyCollection<string> names) =>
        Nearest(text, names) is { } nearest ? $"did you mean '{nearest}'?"
        : names.Count == 0 ? "there is none to choose from"
        : $"choose from {string.Join(", ", names)}";

    // Edits are insertion, deletion, substitution and the swap of two neighbours, which is how fingers err.
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i, j] = Math.Min(i, j) == 0 ? Math.Max(i, j) : Cheapest(i, j);
            }
        }

        return rows[left.Length, right.Length];

        int Cheapest(int i, int j)
        {
            var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
            var cheapest = Math.Min(rows[i - 1, j - 1] + cost, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
            return i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1])
                ? Math.Min(cheapest, rows[i - 2, j - 2] + 1)
                : cheapest;
        }
    }

    private static bool Same(char left, char right) => char.ToUpperInvariant(left) == char.ToUpperInvariant(right);
}
