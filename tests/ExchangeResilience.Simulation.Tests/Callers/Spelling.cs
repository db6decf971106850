using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>One of the ways in which a program may write the same request.</summary>
/// <param name="InBody">Its parameters travel in a form.</param>
/// <param name="IsReversed">The last parameter comes first.</param>
/// <param name="HasZeros">Numbers have a zero more after their point.</param>
/// <param name="HasDefaults">What the exchange takes for granted is said.</param>
internal sealed record Spelling(bool InBody, bool IsReversed, bool HasZeros, bool HasDefaults)
{
    private const double ShareOfRespelled = 0.3;

    private static readonly (string Name, string Value)[] Defaults = [("positionSide", "BOTH"), ("reduceOnly", "false"), ("priceProtect", "FALSE"), ("workingType", "CONTRACT_PRICE")];

    public static Spelling Usual { get; } = new(InBody: false, IsReversed: false, HasZeros: false, HasDefaults: false);

    /// <summary>Mostly the usual one.</summary>
    public static Spelling Of(Dice dice) => dice.Chance(ShareOfRespelled) ? new(dice.Chance(0.3), dice.Chance(0.5), dice.Chance(0.5), dice.Chance(0.5)) : Usual;

    public string Write(Operation operation)
    {
        var parameters = SingleRequests.ParametersOf(operation).Split('&').ToList();
        if (HasDefaults && operation is { Kind: EffectKind.Placed or EffectKind.AlgoPlaced })
        {
            parameters.AddRange(Defaults.Where(known => !parameters.Exists(said => said.StartsWith($"{known.Name}=", StringComparison.Ordinal))).Select(static known => $"{known.Name}={known.Value}"));
        }

        if (HasZeros)
        {
            parameters = [.. parameters.Select(WithZero)];
        }

        if (IsReversed)
        {
            parameters.Reverse();
        }

        return string.Join('&', parameters);
    }

    private static string WithZero(string parameter)
    {
        var value = parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return value.Contains('.', StringComparison.Ordinal) && decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? parameter + "0" : parameter;
    }
}
