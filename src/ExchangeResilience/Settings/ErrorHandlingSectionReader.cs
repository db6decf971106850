using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>Reads <see cref="ExchangeErrorHandlingOptions"/> from configuration. What the section leaves out keeps its value.</summary>
internal static class ErrorHandlingSectionReader
{
    /// <summary>What is said of a section that is not there.</summary>
    public const string Missing = "the section is missing or empty";

    /// <summary>Reads the section into the options. What cannot be read is reported, with its full key path, and left as it was.</summary>
    public static void Read(IConfigurationSection section, ExchangeErrorHandlingOptions target, ICollection<string> faults)
    {
        target.ReadSections.Add(section.Path);
        if (string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any())
        {
            faults.Add(OptionFault.Of(section.Path, Missing, "write it, or call AddExchangeErrorHandling() without a section to run on the defaults, and ConfigureExchangeErrorHandling() not at all"));
            return;
        }

        var reader = new SectionReader(section, faults, unread: target.Unread);
        foreach (var setting in ErrorHandlingSettings.All)
        {
            setting.Read(reader, target);
        }

        foreach (var (selector, columns) in reader.Section(nameof(target.Policies)).Sections(Selector.Shown))
        {
            if (!target.Policies.TryGetValue(selector, out var policy))
            {
                target.Policies.Add(selector, policy = new ErrorPolicy());
            }

            foreach (var column in PolicyColumns.All)
            {
                column.Read(columns, policy);
            }
        }

        reader.RefuseUnknownKeys(SettingPaths.ErrorHandling);
    }
}
