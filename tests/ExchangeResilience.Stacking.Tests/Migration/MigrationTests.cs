using System.Globalization;
using System.Text;
using ExchangeResilience.Stacking.Tests.Clients;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>What the migration page says each client makes of the same orders is measured here. With UPDATE_SNAPSHOTS=1 its table is written anew.</summary>
public sealed class MigrationTests(ITestOutputHelper output)
{
    private const int Slack = 10;
    private const string Page = "src/ExchangeResilience/docs/migration.md";

    private static readonly (KindOfClient Kind, string Name)[] Kinds =
    [
        (KindOfClient.Typed, "`AddExchangeErrorHandling()`"),
        (KindOfClient.Refit, "It under Refit"),
        (KindOfClient.SelfSigningKeyHere, "It under a library that signs, with its key here"),
        (KindOfClient.SelfSigningNoKeyHere, "It under a library that signs, without"),
    ];

    private static readonly (Above Above, string Name)[] Aboves = [(Above.Nothing, ""), (Above.Standard, "; standard handler above"), (Above.Hedging, "; hedging above")];

    [Fact]
    public async Task The_page_shows_what_each_client_makes_of_the_same_orders()
    {
        var page = Repository.Read(Page).ReplaceLineEndings("\n");
        var polly = await new BadDay().TakeAsync(MigrationSnippets.AddPolly, static (services, id) => ToldAsync(services.GetRequiredService<RetryingClient>().BuyAsync("BTCUSDT", 0.001m, id)), static services => CancelAsync(services, nameof(RetryingClient)));
        var standard = await new BadDay().TakeAsync(MigrationSnippets.AddStandard, BuyPlainAsync, static services => CancelAsync(services, nameof(PlainClient)));
        var safe = await new BadDay().TakeAsync(MigrationSnippets.AddStandardForSafeMethods, BuyPlainAsync, static services => CancelAsync(services, nameof(PlainClient)));
        polly.BoughtAgain.ShouldBeGreaterThan(100);
        standard.BoughtAgain.ShouldBeGreaterThan(100);
        safe.Denied.ShouldBeGreaterThan(100);

        List<string> rows = [polly.ToRow("Polly retry, by hand"), standard.ToRow("`AddStandardResilienceHandler()`"), safe.ToRow("The same with `DisableForUnsafeHttpMethods()`")];
        foreach (var (kind, name) in Kinds)
        {
            foreach (var (above, handler) in Aboves)
            {
                var program = new StackedProgram(kind, above);
                var day = new BadDay();
                var toll = await day.TakeAsync(
                    (services, address) => program.AddTo(services, address, day.Exchange),
                    async (services, id) => (await program.BuyAsync(services, 0.001m, id)).Execution,
                    async services => (await program.CancelAsync(services)).Form.Contains(nameof(BrokenCircuitException), StringComparison.Ordinal));

                output.WriteLine($"{kind} under {above}: {toll}");
                (toll.BoughtAgain, toll.Denied, toll.Invented, toll.CancelsRefused, toll.IntoHold).ShouldBe((0, 0, 0, 0, 0), $"{kind} under {above}");
                (toll.Unknown > 0).ShouldBe(kind == KindOfClient.SelfSigningNoKeyHere, $"{kind} under {above}");
                rows.Add(kind == KindOfClient.SelfSigningNoKeyHere ? NearRow(page, toll.ToRow($"{name}{handler}")) : toll.ToRow($"{name}{handler}"));
            }
        }

        var table = new StringBuilder()
            .Append("\n| Client | Bought | Bought more than once | Orders too many | Bought, but reported \"failed\" | Reported \"bought\", but not | Reported \"unknown\" | Cancels refused by a breaker | Sent into a wait |\n")
            .Append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
            .AppendJoin('\n', rows)
            .Append("\n\n")
            .ToString();
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(Repository.PathOf(Page), Markdown.Replace(page, "duplicates", table));
            return;
        }

        Markdown.Between(page, "duplicates").ShouldBe(table, "UPDATE_SNAPSHOTS=1 writes it anew");
    }

    /// <summary>The row as the page shows it, where no figure is far from it: without a key to ask with, pauses of random length decide how a few orders end.</summary>
    private static string NearRow(string page, string measured)
    {
        var name = measured.Split(" | ")[0];
        var shown = page.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} | ", StringComparison.Ordinal));
        return shown is not null && Figures(shown).Zip(Figures(measured)).All(static pair => Math.Abs(pair.First - pair.Second) <= Slack) ? shown : measured;
    }

    private static IEnumerable<int> Figures(string row) => row.Trim('|', ' ').Split(" | ").Skip(1).Select(static figure => int.Parse(figure, CultureInfo.InvariantCulture));

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

    private static Task<ExecutionStatus> BuyPlainAsync(IServiceProvider services, string id) => ToldAsync(services.GetRequiredService<PlainClient>().BuyAsync("BTCUSDT", 0.001m, id));

    private static async Task<bool> CancelAsync(IServiceProvider services, string client)
    {
        try
        {
            using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(client);
            using var response = await http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=none");
            return false;
        }
        catch (BrokenCircuitException)
        {
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutRejectedException)
        {
            return false;
        }
    }
}
