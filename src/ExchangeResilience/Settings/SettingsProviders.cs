using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>
/// What a client's sections are made of. .NET empties a file's settings where it cannot read the changed file, without an error: the next change of another source would drop them.
/// </summary>
internal sealed class SettingsProviders(IConfigurationRoot root, IReadOnlyList<string> sections)
{
    private IReadOnlyList<(IConfigurationProvider Provider, string Section)> _given = [];

    /// <summary>The settings that these have given are in force.</summary>
    public void Accept() => _given = [.. from provider in root.Providers from section in sections where Holds(provider, section) select (provider, section)];

    /// <summary>A fault for each that gave settings that are in force and now gives nothing at all, to any section.</summary>
    public IEnumerable<string> Faults() =>
        from given in _given
        where !Holds(given.Provider, section: null)
        select OptionFault.Of(given.Section, $"{given.Provider} gave settings that are in force, and is empty now: its file is cut off, cannot be read, or was emptied", "write the whole file again; to remove its settings for good, restart the program");

    private static bool Holds(IConfigurationProvider provider, string? section) => provider.GetChildKeys([], section).Any();
}
