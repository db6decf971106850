using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A client that signs has exchange error handling too, or is refused: signed requests alone know no hold, no claim and no switch.</summary>
public sealed class SigningAloneTests
{
    [Fact]
    public async Task The_host_does_not_start_and_says_what_is_missing()
    {
        using var log = new CollectedLog();
        using var host = Host(log);

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        refusal.Message.ShouldContain("'alone'");
        refusal.Message.ShouldContain("AddExchangeErrorHandling");
        refusal.Message.ShouldContain("Observe");
        log.Of("SettingsInForce").ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_host_it_is_refused_where_it_is_first_used()
    {
        using var log = new CollectedLog();
        using var host = Host(log);

        var refusal = Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("alone"));

        refusal.Message.ShouldContain("AddExchangeErrorHandling");
        host.Services.GetRequiredService<ExchangeStatus>().Clients().ShouldBeEmpty();
    }

    private static IHost Host(CollectedLog log)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        log.Register(builder.Logging);
        builder.Services.AddHttpClient("alone", static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeSigning(static options => (options.ApiKey, options.Secret) = ("test-key", "test-secret"))
            .ConfigurePrimaryHttpMessageHandler(static () => new ScriptedExchange());
        return builder.Build();
    }
}
