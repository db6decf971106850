using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Docs;

/// <summary>Reads configuration the way a program does: by the two calls on its client.</summary>
internal static class Settings
{
    private const string Client = "futures";

    /// <summary>Every fault of the two sections; empty where they are in order. A section that is absent is not asked for.</summary>
    public static IReadOnlyList<string> Faults(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        var client = services.AddHttpClient(Client);
        if (configuration.GetSection("ExchangeErrorHandling") is var handling && handling.Exists())
        {
            client.AddExchangeErrorHandling(handling);
        }

        if (configuration.GetSection("ExchangeSigning") is var signing && signing.Exists())
        {
            client.AddExchangeSigning(signing);
        }

        using var provider = services.BuildServiceProvider();
        try
        {
            foreach (var name in provider.GetRequiredService<ClientSettingsRegistry>().Names)
            {
                _ = provider.GetRequiredService<ClientSettingsRegistry>().For(name);
            }

            _ = provider.GetRequiredService<SigningRegistry>().OptionsOf(Client);
            return [];
        }
        catch (OptionsValidationException faulty)
        {
            return [.. faulty.Failures.Select(static fault => fault.Replace($"Client '{Client}': ", "", StringComparison.Ordinal))];
        }
    }

    public static IReadOnlyList<string> Faults(params (string Key, string Value)[] settings) =>
        Faults(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
}
