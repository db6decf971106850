using System.Text;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>What the migration page says each client makes of the same orders is measured here. With UPDATE_SNAPSHOTS=1 its table is written anew.</summary>
public sealed class MigrationTests(ITestOutputHelper output)
{
    private const string Page = "src/ExchangeResilience/docs/migration.md";

    [Fact]
    public async Task The_page_shows_what_each_client_makes_of_the_same_orders()
    {
        var polly = await new BadDay().TakeAsync(MigrationSnippets.AddPolly, static (services, id) => ToldAsync(services.GetRequiredService<RetryingClient>().BuyAsync("BTCUSDT", 0.001m, id)));
        var standard = await new BadDay().TakeAsync(MigrationSnippets.AddStandard, static (services, id) => ToldAsync(services.GetRequiredService<PlainClient>().BuyAsync("BTCUSDT", 0.001m, id)));
        var safe = await new BadDay().TakeAsync(MigrationSnippets.AddStandardForSafeMethods, static (services, id) => ToldAsync(services.GetRequiredService<PlainClient>().BuyAsync("BTCUSDT", 0.001m, id)));
        var ours = await new BadDay().TakeAsync(static (services, address) => MigrationSnippets.AddThis(services, address, BadDay.Configuration), ToldAsync);
        var onTop = await new BadDay().TakeAsync(static (services, address) => MigrationSnippets.AddStandardOnTop(services, address, BadDay.Configuration), ToldAsync);
        output.WriteLine($"seed {BadDay.Seed}: Polly {polly}; standard {standard}; for safe methods {safe}; this {ours}; standard on top {onTop}");

        foreach (var protectedClient in new[] { ours, onTop })
        {
            (protectedClient.BoughtAgain, protectedClient.Denied, protectedClient.Invented, protectedClient.Unknown, protectedClient.IntoHold).ShouldBe((0, 0, 0, 0, 0));
        }

        polly.BoughtAgain.ShouldBeGreaterThan(100);
        standard.BoughtAgain.ShouldBeGreaterThan(100);
        safe.Denied.ShouldBeGreaterThan(100);

        var table = new StringBuilder()
            .Append("\n| Client | Bought | Bought more than once | Orders too many | Bought, but told \"failed\" | Sent into a wait |\n")
            .Append("| --- | --- | --- | --- | --- | --- |\n")
            .AppendJoin('\n',
                polly.ToRow("Polly retry, by hand"),
                standard.ToRow("`AddStandardResilienceHandler()`"),
                safe.ToRow("The same with `DisableForUnsafeHttpMethods()`"),
                ours.ToRow("`AddExchangeErrorHandling()`"),
                onTop.ToRow("The standard handler on top of it"))
            .Append("\n\n")
            .ToString();
        var page = Repository.Read(Page).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(Repository.PathOf(Page), Markdown.Replace(page, "duplicates", table));
            return;
        }

        Markdown.Between(page, "duplicates").ShouldBe(table, "UPDATE_SNAPSHOTS=1 writes it anew");
    }

    // An error without a word about the outcome is a failure to whoever reads it.
    private static async Task<ExecutionStatus> ToldAsync(Task<bool> call)
    {
        try
        {
            return await call ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutRejectedException or BrokenCircuitException)
        {
            return ExecutionStatus.NotExecuted;
        }
    }

    private static async Task<ExecutionStatus> ToldAsync(IServiceProvider services, string id)
    {
        try
        {
            return await services.GetRequiredService<FuturesClient>().BuyAsync("BTCUSDT", 0.001m, id);
        }
        catch (Exception error) when (error is TimeoutRejectedException or BrokenCircuitException)
        {
            return ExecutionStatus.Unknown;
        }
    }
}
