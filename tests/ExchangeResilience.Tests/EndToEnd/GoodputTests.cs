using ExchangeResilience.Goodput;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Traffic;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>Callers who want three times what the exchange allows. <c>build/bench.sh goodput</c> draws the same over a longer time, beside retries as programs write them.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public sealed class GoodputTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(3);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_limits_allow_is_used_up_without_a_refusal(bool waitsForTheNextWindow)
    {
        var exchange = OverloadedExchange.Open(_time);
        using var client = new ProtectedClient(
            exchange.CreateHandler(),
            waitsForTheNextWindow ? OverloadedExchange.WaitForTheNextWindow : static _ => { },
            _time,
            key: SimulatedExchangeOptions.DefaultApiKey,
            secret: SimulatedExchangeOptions.DefaultApiSecret);

        var tally = await RunAsync(exchange, (method, pathAndQuery) => SendAsync(client, method, pathAndQuery));

        tally.WeightShare.ShouldBeInRange(0.98, 1);
        tally.OrderShare.ShouldBeInRange(0.98, 1);
        tally.Refused.Sum().ShouldBe(0);
        tally.Bans.ShouldBeEmpty();
        tally.Other.ShouldBe(0);
    }

    [Fact]
    public async Task Eight_processes_behind_one_address_use_up_what_the_limits_allow_without_a_refusal()
    {
        var exchange = OverloadedExchange.Open(_time);
        var store = new SharedBudgetStore { Members = 8 };
        var clients = Enumerable.Range(0, store.Members).Select(_ => new ProtectedClient(
            exchange.CreateHandler(),
            OverloadedExchange.WaitForTheNextWindow,
            _time,
            key: SimulatedExchangeOptions.DefaultApiKey,
            secret: SimulatedExchangeOptions.DefaultApiSecret,
            inner: builder => builder.Services.AddSingleton<ISharedBudget>(store))).ToArray();
        var turn = 0;

        var tally = await RunAsync(exchange, (method, pathAndQuery) => SendAsync(clients[turn++ % clients.Length], method, pathAndQuery));

        output.WriteLine($"{store.Asks} asks, {(double)store.Asks / tally.Sent:0.000} a request");
        tally.WeightShare.ShouldBeInRange(0.95, 1);
        tally.OrderShare.ShouldBeInRange(0.95, 1);
        tally.Refused.Sum().ShouldBe(0);
        tally.Bans.ShouldBeEmpty();
        tally.Other.ShouldBe(0);
        Array.ForEach(clients, static client => client.Dispose());
    }

    [Fact]
    public async Task A_client_alone_is_banned_in_the_same_weather()
    {
        var exchange = OverloadedExchange.Open(_time);
        using var http = new HttpClient(exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };

        var tally = await RunAsync(exchange, async (method, pathAndQuery) =>
        {
            using var request = NaiveSigning.Sign(method, pathAndQuery, _time);
            using var response = await http.SendAsync(request);
            return response.IsSuccessStatusCode;
        });

        tally.WeightShare.ShouldBeLessThan(0.5);
        tally.Bans.ShouldNotBeEmpty();
    }

    private static async Task<bool> SendAsync(ProtectedClient client, HttpMethod method, string pathAndQuery)
    {
        using var request = new HttpRequestMessage(method, pathAndQuery);
        try
        {
            using var response = await client.Http.SendAsync(request);
            return response.IsSuccessStatusCode;
        }
        catch (ExchangeErrorException)
        {
            return false;
        }
    }

    private async Task<Tally> RunAsync(SimulatedExchange exchange, SendCall send)
    {
        await _time.RunAsync(() => new Callers(_time, send).RunAsync(Length));
        var tally = Tally.Of(exchange, Length);
        output.WriteLine($"{tally.Sent} sent, {tally.WeightShare:P2} of the weight, {tally.OrderShare:P2} of the orders, {tally.Refused.Sum()} refused, {tally.Bans.Count} bans of {tally.TimeBanned}");
        return tally;
    }
}
