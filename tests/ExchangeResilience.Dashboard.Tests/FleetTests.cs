using System.Runtime.CompilerServices;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What the page tells of the other processes of a fleet.</summary>
public sealed class FleetTests
{
    private const string Balance = "/fapi/v2/balance";

    [Fact]
    public async Task A_program_of_its_own_has_no_fleet()
    {
        await using var world = await DashboardWorld.StartAsync();

        (await world.StateAsync()).GetProperty("live").GetProperty("fleet").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task The_members_are_shown_with_their_leases_this_process_first()
    {
        var (world, fleet) = await StartAsync();
        await using var disposed = world;
        fleet.Fleet = fleet.Fleet with
        {
            Members =
            [
                new("b", "bot-2", TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(-1), 4),
                new(fleet.Member, "bot-1", TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(9.4), 0),
            ],
        };

        var shown = (await world.StateAsync()).GetProperty("live").GetProperty("fleet");

        shown.GetProperty("members").EnumerateArray()
            .Select(static member => $"{member.GetProperty("name")} {member.GetProperty("isThis")} {member.GetProperty("upSeconds")} {member.GetProperty("leaseSeconds")} {member.GetProperty("unfinished")}")
            .ShouldBe(["bot-1 True 90 10 0", "bot-2 False 180 0 4"]);
        shown.GetProperty("storeFault").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task A_held_lane_names_who_was_told()
    {
        var (world, fleet) = await StartAsync();
        await using var disposed = world;
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(2)));
        await world.CallAsync(HttpMethod.Get, Balance);
        fleet.Fleet = fleet.Fleet with { Holds = [.. (await fleet.Journal.OpenAsync(CancellationToken.None)).Holds.Select(static hold => new FleetHold(hold, "bot-7"))] };

        var lanes = (await world.StateAsync()).GetProperty("live").GetProperty("lanes").EnumerateArray().ToDictionary(static lane => lane.GetProperty("lane").GetString()!, static lane => lane.GetProperty("toldTo").GetString());

        lanes.ShouldBe(new Dictionary<string, string?> { ["Ip"] = "bot-7", ["Orders"] = null, ["Host"] = null }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_store_that_is_away_is_told_with_its_reason()
    {
        var (world, fleet) = await StartAsync();
        await using var disposed = world;
        var since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        fleet.Fleet = fleet.Fleet with { StoreFault = "PostgreSQL refuses connections.", StoreFaultSince = since };

        var shown = (await world.StateAsync()).GetProperty("live").GetProperty("fleet");

        shown.GetProperty("storeFault").GetString().ShouldBe("PostgreSQL refuses connections.");
        shown.GetProperty("storeFaultSince").GetDateTimeOffset().ShouldBe(since);
    }

    private static async Task<(DashboardWorld World, StoreSide Fleet)> StartAsync()
    {
        var fleet = new StoreSide();
        return (await DashboardWorld.StartAsync(services: services => services.AddSingleton<IOrderJournal>(fleet).AddSingleton<ISharedOrderJournal>(fleet)), fleet);
    }

    private sealed class StoreSide : ISharedOrderJournal
    {
        public InMemoryOrderJournal Journal { get; } = new();

        public string Member => "a2345678901234567890";

        public Func<JournalEntry, bool>? Serves { get; set; }

        public FleetStatus Fleet { get; set; } = new("a2345678901234567890", null, null, [], []);

        public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => Journal.OpenAsync(cancellationToken);

        public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => Journal.RecordAsync(entry, cancellationToken);

        public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => Journal.FindAsync(entry, cancellationToken);

        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => Journal.SettleAsync(entry, cancellationToken);

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => Journal.HoldAsync(hold, cancellationToken);

        public async IAsyncEnumerable<FleetEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            yield break;
        }
    }
}
