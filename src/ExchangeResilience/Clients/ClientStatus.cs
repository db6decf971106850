namespace ExchangeResilience;

/// <summary>The settings of one client, for people to read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Account">Whose orders it sends: the account's name, or a hash of its key.</param>
/// <param name="Environments">Where its requests go, as far as any has gone.</param>
/// <param name="CanAsk">Whether it has a key, without which orders in doubt cannot be looked up.</param>
/// <param name="Version">Counts the settings.</param>
/// <param name="Mode">Whether it acts.</param>
/// <param name="LastReload">How the last change of the settings went.</param>
/// <param name="Rows">The policies in force.</param>
internal sealed record ClientStatus(
    string Name, string Account, IReadOnlyList<string> Environments, bool CanAsk, int Version, HandlingMode Mode, SettingsReload? LastReload, IReadOnlyList<PolicyRow> Rows);
