using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Reads a section into options by their table of settings, once, as a store's are.</summary>
internal static class SettingSection
{
    /// <exception cref="OptionsValidationException">The section is not there, or something in it cannot be read; it names every fault.</exception>
    public static void Read<T>(IConfigurationSection section, T target, IEnumerable<SettingRow<T>> settings, string remedyOfMissing, bool showsValues = true)
    {
        var faults = new List<string>();
        if (section.Exists())
        {
            var reader = new SectionReader(section, faults, showsValues);
            foreach (var setting in settings)
            {
                setting.Read(reader, target);
            }

            reader.RefuseUnknownKeys();
        }
        else
        {
            faults.Add(OptionFault.Of(section.Path, "the section is empty or missing", remedyOfMissing));
        }

        if (faults.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(T), faults);
        }
    }
}
