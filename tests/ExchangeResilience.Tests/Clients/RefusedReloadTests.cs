using System.Diagnostics.Metrics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A change of settings or keys that is refused degrades the health check until a good one is in force: the next start reads it again.</summary>
public sealed class RefusedReloadTests : RotatedKeys
{
    [Fact]
    public async Task Refused_settings_are_told_of_since_the_first_refusal_until_good_ones_are_in_force()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Handling:TotalTimeout", "30s")]).Build();
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Time);
        services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address).AddExchangeErrorHandling(settings.GetSection("Handling"));
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        var before = await CheckAsync(provider);

        SetTimeout("soon");
        var since = Time.GetUtcNow();
        await LetPassAsync(TimeSpan.FromMinutes(5));
        SetTimeout("later");
        var (refused, health, gauge) = (Refused(provider).ShouldHaveSingleItem(), await CheckAsync(provider), ReadGauge());
        SetTimeout("40s");

        before.Status.ShouldBe(HealthStatus.Healthy);
        (refused.ClientName, refused.Since).ShouldBe(("futures", since));
        refused.Faults.ShouldHaveSingleItem().ShouldContain("'later'");
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldNotBeNull().ShouldContain(
            $"Changed settings or keys of client 'futures' have been refused since {since:u}, and the last good ones are in force; a restart reads the changed ones, and does not start with a fault. Event 1001 or 1005 names each.");
        health.Description.ShouldNotContain("later", Case.Sensitive, "whoever may see the check need not see settings");
        (gauge, ReadGauge()).ShouldBe(("exchange.client=futures: 1", "exchange.client=futures: 0"));
        Refused(provider).ShouldBeEmpty();
        (await CheckAsync(provider)).Status.ShouldBe(HealthStatus.Healthy);

        string ReadGauge() => Gauge.Read(provider.GetRequiredService<IMeterFactory>(), "exchange.settings.refused");

        void SetTimeout(string value)
        {
            settings["Handling:TotalTimeout"] = value;
            settings.Reload();
        }
    }

    [Fact]
    public async Task Refused_keys_are_told_of_until_they_are_changed_back()
    {
        var (_, settings, services) = Start(Hmac("old-key"));

        Change(settings, [new("ApiKey", "")]);
        var (since, refused) = (Time.GetUtcNow(), Refused(services).ShouldHaveSingleItem());
        await LetPassAsync(TimeSpan.FromMinutes(5));
        Change(settings, [new("ApiKey", "old-key"), new("RecvWindow", "10s")]);
        var later = Refused(services).ShouldHaveSingleItem();
        Change(settings, [new("RecvWindow", null)]);

        (refused.Since, later.Since).ShouldBe((since, since));
        later.Faults.ShouldNotBe(refused.Faults);
        Refused(services).ShouldBeEmpty();
    }

    private static IReadOnlyList<RefusedReload> Refused(IServiceProvider services) => services.GetRequiredService<IExchangeMonitor>().Read().RefusedReloads;

    private static Task<HealthCheckResult> CheckAsync(IServiceProvider services) => Checked.ByAsync(services.GetRequiredService<IExchangeMonitor>());
}
