using System.Globalization;

namespace ExchangeResilience.PostgreSql.Tests.Budget;

/// <summary>Eight members that want up to five times what the exchange allows, over many turns of its windows. FLEET_REQUESTS=1000000 makes it a million requests.</summary>
public sealed class TurningWindowsTests(PostgreSqlServer server, ITestOutputHelper output) : IAsyncDisposable
{
    private const int Members = 8;
    private static readonly int Requests = Environment.GetEnvironmentVariable("FLEET_REQUESTS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 20_000;
    private readonly TestStore _store = new(server.ConnectionString);

    [Fact]
    public async Task None_is_refused_whatever_straddles_a_turn_and_each_member_has_its_share()
    {
        var members = await Task.WhenAll(Enumerable.Range(0, Members).Select(_ => _store.JoinAsync(listens: false)));
        using var world = new BudgetWorld([.. members.Select(static member => member.Budget)], seed: 1);

        await world.RunAsync(Requests);

        var shares = world.Contested.SelectMany(static window => window).ToList();
        var used = world.Contested.Select(static window => window.Sum()).ToList();
        output.WriteLine($"{world.Requests:#,0} requests, {world.Refused} refused, {world.Most} of {BudgetWorld.Limit} in a window at the most, {world.Late} of them on their way for more than a second as a window turned");
        output.WriteLine($"{used.Count} windows in which all wanted five times the limit: {used.Min()} to {used.Max()} of {BudgetWorld.Limit} used, {shares.Min()} to {shares.Max()} by each of {Members} members");
        output.WriteLine($"{(double)world.Asks / world.Requests:0.000} questions a request, {(double)members.Sum(static member => member.Budget.RoundTrips) / world.Requests:0.000} round trips");
        world.Refused.ShouldBe(0);
        world.Late.ShouldBeGreaterThan(0);
        shares.Min().ShouldBeGreaterThanOrEqualTo(BudgetWorld.Limit * 98 / 100 / Members / 2);
        shares.Max().ShouldBeLessThanOrEqualTo(2 * BudgetWorld.Limit / Members);
        used.Min().ShouldBeGreaterThan(BudgetWorld.Limit * 9 / 10);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
