using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>
/// What a client's section is made of. .NET empties a file's settings where it cannot read the changed file, without an error: the next change of another source would drop them.
/// </summary>
internal sealed class SettingsProviders(IConfigurationRoot root, string section)
{
    private IReadOnlyList<IConfigurationProvider> _given = [];

    /// <summary>The settings that these have given are in force.</summary>
    public void Accept() => _given = [.. root.Providers.Where(provider => Holds(provider, section))];

    /// <summary>A fault for each that gave settings that are in force and now gives nothing at all, to any section.</summary>
    public IEnumerable<string> Faults() =>
        from provider in _given
        where !Holds(provider, section: null)
        select OptionFault.Of(section, $"{provider} gave settings that are in force, and is empty now: its file is cut off, cannot be read, or was emptied", "write the whole file again; to remove its settings for good, restart the program");

    private static bool Holds(IConfigurationProvider provider, string? section) => provider.GetChildKeys([], section).Any();
}
