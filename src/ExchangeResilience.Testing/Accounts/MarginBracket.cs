using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>How large a position may be at a leverage, and what must be kept for it. The same for every contract; reported, and not enforced.</summary>
internal sealed record MarginBracket(int Number, int Leverage, decimal Floor, decimal Cap, decimal Ratio, decimal Deduction)
{
    private static readonly MarginBracket[] All = Build((125, 50_000, 0.004m), (100, 600_000, 0.005m), (50, 3_000_000, 0.01m), (20, 12_000_000, 0.025m), (10, 70_000_000, 0.05m), (5, 1_000_000_000, 0.1m));

    /// <summary>The margin below which a position of this value would be liquidated, if anything were.</summary>
    public static decimal Maintenance(decimal notional)
    {
        var bracket = Array.Find(All, bracket => Math.Abs(notional) < bracket.Cap) ?? All[^1];
        return (Math.Abs(notional) * bracket.Ratio) - bracket.Deduction;
    }

    public static JsonObject Of(Instrument instrument) => new()
    {
        ["symbol"] = instrument.Name,
        ["notionalCoef"] = 1.0m,
        ["brackets"] = new JsonArray([.. All.Select(static bracket => new JsonObject
        {
            ["bracket"] = bracket.Number,
            ["initialLeverage"] = bracket.Leverage,
            ["notionalCap"] = bracket.Cap,
            ["notionalFloor"] = bracket.Floor,
            ["maintMarginRatio"] = bracket.Ratio,
            ["cum"] = bracket.Deduction,
        })]),
    };

    // Each deduction makes the margin at its floor what the bracket below gives there.
    private static MarginBracket[] Build(params ReadOnlySpan<(int Leverage, decimal Cap, decimal Ratio)> steps)
    {
        var brackets = new List<MarginBracket>();
        foreach (var (leverage, cap, ratio) in steps)
        {
            var below = brackets.Count == 0 ? new MarginBracket(0, 0, 0, 0, ratio, 0) : brackets[^1];
            brackets.Add(new MarginBracket(below.Number + 1, leverage, below.Cap, cap, ratio, below.Deduction + (below.Cap * (ratio - below.Ratio))));
        }

        return [.. brackets];
    }
}
