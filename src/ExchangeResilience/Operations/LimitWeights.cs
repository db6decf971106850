using System.Globalization;

namespace ExchangeResilience;

/// <summary>Weights that rise with the <c>limit</c> asked for.</summary>
/// <param name="UnsetLimit">The limit the exchange assumes where none is given.</param>
/// <param name="Steps">Up to which limit, inclusive, which weight; ascending.</param>
internal sealed record LimitWeights(int UnsetLimit, params (int UpTo, int Weight)[] Steps)
{
    public int Of(string? limit)
    {
        var asked = limit is null ? UnsetLimit
            : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : int.MaxValue;
        foreach (var (upTo, weight) in Steps)
        {
            if (asked <= upTo)
            {
                return weight;
            }
        }

        return Steps[^1].Weight;
    }
}
