using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The settings that each client runs on, and what a change of them may not touch while the program runs.</summary>
internal sealed class SettingsInUse
{
    // Holds and orders are known under them.
    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, string?> Value)[] Names =
    [
        (nameof(ExchangeErrorHandlingOptions.Account), static options => options.Account),
        (nameof(ExchangeErrorHandlingOptions.Environment), static options => options.Environment),
        (nameof(ExchangeErrorHandlingOptions.EgressName), static options => options.EgressName),
    ];

    private readonly ConcurrentDictionary<string, ExchangeErrorHandlingOptions> _options = new(StringComparer.Ordinal);

    public void Note(string client, ExchangeErrorHandlingOptions options) => _options[client] = options;

    /// <summary>What is wrong with settings only because of those in use; nothing where the client has none yet.</summary>
    public IEnumerable<string> Faults(string client, ExchangeErrorHandlingOptions options)
    {
        if (!_options.TryGetValue(client, out var inUse))
        {
            yield break;
        }

        foreach (var (key, value) in Names)
        {
            if (!string.Equals(value(inUse), value(options), StringComparison.Ordinal) && options.WasRead(key))
            {
                yield return OptionFault.Of(
                    key, OptionFault.Start(value(options) ?? ""), $"is not the name in use, '{value(inUse)}'; a name that identifies cannot change while the program runs", "change it back, or restart the program");
            }
        }

        if (inUse.Mode == HandlingMode.Enforce && options.Mode == HandlingMode.Observe)
        {
            yield return OptionFault.Of(
                nameof(options.Mode), nameof(HandlingMode.Observe), "cannot take the place of 'Enforce' while the program runs, since an order in doubt would then be sent again", "restart the program");
        }
    }
}
