using System.Globalization;

namespace ExchangeResilience;

/// <summary>Weights that rise with the <c>limit</c> requested.</summary>
/// <param name="UnsetLimit">The limit the exchange assumes where none is given.</param>
/// <param name="Steps">Up to which limit, inclusive, which weight; ascending.</param>
internal sealed record LimitWeights(int UnsetLimit, params (int UpTo, int Weight)[] Steps)
{
    public int Unset => Of(UnsetLimit);

    /// <summary>What it weighs under a limit as the request writes it; the most where it cannot be read.</summary>
    public int Of(ReadOnlySpan<char> limit) =>
        Of(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue);

    private int Of(int asked)
    {
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
