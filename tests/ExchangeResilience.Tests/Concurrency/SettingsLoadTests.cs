using System.Globalization;
using ExchangeResilience.Tests.Policies;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What must hold of a client's settings while its configuration changes.</summary>
[Collection(nameof(Stress))]
public sealed class SettingsLoadTests
{
    private const int Crowd = 6;

    [Fact]
    public void Settings_are_all_of_one_reload_and_the_next_of_no_older_one()
    {
        using var crew = new Crew(Crowd);
        var configuration = new NumberedConfiguration();
        var root = new ConfigurationBuilder().Add(configuration).Build();
        using var services = Build(root.GetSection("X"));
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        var isOver = 0;
        crew.Run(thread =>
        {
            if (thread == 0)
            {
                for (var number = 1; number <= 300; number++)
                {
                    configuration.Become(number);
                }

                Volatile.Write(ref isOver, 1);
                return;
            }

            int seen = 0, last = 0;
            while (Volatile.Read(ref isOver) == 0)
            {
                var settings = source.Current;
                settings.Version.ShouldBeGreaterThanOrEqualTo(seen);
                seen = settings.Version;

                var number = int.Parse(settings.Options.ClientOrderIdPrefix, CultureInfo.InvariantCulture);
                number.ShouldBeGreaterThanOrEqualTo(last);
                last = number;
                NumberedConfiguration.IsGood(number).ShouldBeTrue("a refused one is never in force");
                settings.Options.Limits.MaxWaiters.ShouldBe(number);
                foreach (var selector in NumberedConfiguration.Selectors)
                {
                    settings.Options.Policies[selector].MaxAttempts.ShouldBe(NumberedConfiguration.Attempts(number));
                }

                settings.Matrix.Find(ExchangeVenue.BinanceUsdFutures.Errors.Find(-1003)!, 429).MaxAttempts.ShouldBe(NumberedConfiguration.Attempts(number));
                settings.Matrix.Find(SampleCodes.Of(0, ErrorCategory.RateLimited), null).MaxAttempts.ShouldBe(NumberedConfiguration.Attempts(number));
                settings.Matrix.Find(SampleCodes.Of(0, ErrorCategory.Overloaded), null).MaxAttempts.ShouldBe(NumberedConfiguration.Attempts(number));
            }
        });

        source.Current.Options.ClientOrderIdPrefix.ShouldBe("300");
        source.Current.Version.ShouldBe(1 + Enumerable.Range(1, 300).Count(NumberedConfiguration.IsGood));
    }

    [Fact]
    public void However_many_ask_first_there_is_one_source()
    {
        using var crew = new Crew(Crowd);
        for (var round = 0; round < 50; round++)
        {
            using var services = Build(new ConfigurationBuilder().Add(new NumberedConfiguration()).Build().GetSection("X"));
            var registry = services.GetRequiredService<ClientSettingsRegistry>();
            var sources = new ClientSettingsSource[Crowd];
            crew.Run(thread => sources[thread] = registry.For("futures"));

            sources.Distinct().ShouldHaveSingleItem().Current.Version.ShouldBe(1);
        }
    }

    private static ServiceProvider Build(IConfigurationSection section)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        ErrorHandlingOptionsRegistration.Add(services, "futures", section);
        return services.BuildServiceProvider();
    }

    /// <summary>One number in many settings; it changes in all of them at once, as a file does that is replaced.</summary>
    private sealed class NumberedConfiguration : ConfigurationProvider, IConfigurationSource
    {
        public static readonly string[] Selectors = ["-1003", "RateLimited", "Overloaded"];

        public static bool IsGood(int number) => number % 3 != 2;

        public static int Attempts(int number) => 1 + (number % 20);

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load() => Set(0);

        public void Become(int number)
        {
            Set(number);
            OnReload();
        }

        private void Set(int number)
        {
            var attempts = Attempts(number).ToString(CultureInfo.InvariantCulture);
            Data = new Dictionary<string, string?>(Selectors.Select(selector => KeyValuePair.Create($"X:Policies:{selector}:MaxAttempts", (string?)attempts)), StringComparer.OrdinalIgnoreCase)
            {
                ["X:ClientOrderIdPrefix"] = number.ToString(CultureInfo.InvariantCulture),
                ["X:Limits:MaxWaiters"] = number.ToString(CultureInfo.InvariantCulture),
                ["X:Mode"] = IsGood(number) ? "Enforce" : "Watch",
            };
        }
    }
}
