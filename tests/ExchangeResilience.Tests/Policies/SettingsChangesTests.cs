using System.Globalization;
using ExchangeResilience.Tests.Docs;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Policies;

/// <summary>Whoever reads the log after a reload learns what it changed.</summary>
public sealed class SettingsChangesTests
{
    [Fact]
    public void A_reload_is_told_in_one_line_with_what_it_changed_and_texts_are_not_repeated()
    {
        var log = new CollectedLog();
        var configuration = new ConfigurationManager { ["X:TotalTimeout"] = "30s", ["X:TrustedInnerHandlers:0"] = "A.Handler" };
        var services = new ServiceCollection().AddLogging(log.Register);
        services.AddHttpClient("futures").AddExchangeErrorHandling(configuration.GetSection("X"));
        using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<ClientSettingsRegistry>().For("futures");

        configuration["X:TotalTimeout"] = "20s";
        configuration["X:Policies:ratelimited:MaxAttempts"] = "3";
        configuration["X:TrustedInnerHandlers:0"] = "a-secret-in-the-wrong-place";
        ((IConfigurationRoot)configuration).Reload();

        ((IConfigurationRoot)configuration).Reload();

        log.Of("SettingsInForce").Select(static line => line.Text.Trim()).ShouldBe(
        [
            "Client 'futures': error handling settings 1 are in force, 0 of 13 policy rows overridden",
            "Client 'futures': error handling settings 2 are in force, 1 of 13 policy rows overridden; changed: TotalTimeout from 30s to 20s, TrustedInnerHandlers, Policies:ratelimited:MaxAttempts from unset to 3",
            "Client 'futures': error handling settings 3 are in force, 1 of 13 policy rows overridden; nothing changed",
        ]);
    }

    [Fact]
    public void Every_setting_that_can_change_is_told()
    {
        foreach (var option in DocumentedOption.OfErrorHandling().Where(static option => option.Key != "Venue"))
        {
            var after = new ExchangeErrorHandlingOptions();
            var faults = new List<string>();
            var key = option.Default is System.Collections.IList ? $"X:{option.Example}:0" : $"X:{option.Example}";
            ErrorHandlingSectionReader.Read(new ConfigurationManager { [key] = Another(option) }.GetSection("X"), after, faults);

            faults.ShouldBeEmpty(option.Key);
            SettingsChanges.Between(new ExchangeErrorHandlingOptions(), after).ShouldStartWith($"; changed: {option.Example}");
        }
    }

    private static string Another(DocumentedOption option) => option switch
    {
        { Type.IsEnum: true } => Enum.GetNames(option.Type).Last(name => name != option.Default?.ToString()),
        { Default: bool flag } => flag ? "false" : "true",
        { Type: var type } when type == typeof(int) => Convert.ToString(Convert.ToInt32(option.Default, CultureInfo.InvariantCulture) + 1, CultureInfo.InvariantCulture),
        { Type: var type } when type == typeof(string) || option.Default is IList<string> => "another",
        _ => "77s",
    };
}
