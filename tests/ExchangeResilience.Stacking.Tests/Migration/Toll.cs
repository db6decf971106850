namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>What a bad day cost.</summary>
/// <param name="Bought">Orders executed at least once.</param>
/// <param name="BoughtAgain">Of these, executed more than once.</param>
/// <param name="TooMany">Executions beyond the first of each.</param>
/// <param name="Denied">Executed, and the program was told that they failed.</param>
/// <param name="Invented">Not executed, and the program was told that they were.</param>
/// <param name="Unknown">The program was told that nobody knows.</param>
/// <param name="CancelsRefused">Cancels that a breaker above did not let pass.</param>
/// <param name="IntoHold">Requests sent while the exchange had asked for silence.</param>
internal sealed record Toll(int Bought, int BoughtAgain, int TooMany, int Denied, int Invented, int Unknown, int CancelsRefused, int IntoHold)
{
    public string ToRow(string client) => FormattableString.Invariant($"| {client} | {Bought} | {BoughtAgain} | {TooMany} | {Denied} | {Invented} | {Unknown} | {CancelsRefused} | {IntoHold} |");
}
