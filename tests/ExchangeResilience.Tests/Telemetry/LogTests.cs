using System.Reflection;
using System.Text.RegularExpressions;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>What a log says of a day, and how often. With UPDATE_SNAPSHOTS=1 the table of events is written anew.</summary>
public sealed partial class LogTests : IDisposable
{
    private const string Readme = "src/ExchangeResilience/README.md";

    // Where the level depends on what was said before.
    private static readonly Dictionary<string, string> Levels = new(StringComparer.Ordinal)
    {
        ["Recovering"] = "Information; Debug where a closed lane is the reason",
        ["GivenUp"] = "Information; Debug where a closed lane or a limit is the reason, and for what is not executed within a minute of such a line of its code and client",
        ["LaneClosed"] = "Warning; Debug until the lane is open again, released by a person or the hold twice as long",
        ["HeldBack"] = "Debug; Warning for the first that a spent limit turns away in a minute",
        ["HoldTold"] = "Warning; Debug until the lane is open again, released by a person or the hold twice as long",
        ["RecoveryProgress"] = "Information; Warning for the last",
        ["ClockNotMeasured"] = "Warning; Debug within a minute of the last",
    };

    private readonly CollectedLog _log = new();
    private SimulatedFixture? _world;

    public void Dispose() => _world?.Dispose();

    [Fact]
    public void The_documented_events_are_those_in_the_code()
    {
        var rows = from type in typeof(ExchangeError).Assembly.GetTypes()
                   from method in type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                   let message = method.GetCustomAttribute<LoggerMessageAttribute>()
                   where message is not null
                   orderby message.EventId
                   let name = message.EventName ?? method.Name
                   let level = message.Level == LogLevel.None ? Levels[name] : message.Level.ToString()
                   select $"| {message.EventId} | `{name}` | {level} | {message.Message.ReplaceLineEndings(" ")} |";
        var content = $"\n| Id | Event | Level | Text |\n| --- | --- | --- | --- |\n{string.Join('\n', rows)}\n\n";
        var page = Repository.Read(Readme).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Repository.PathOf(Readme), Markdown.Replace(page, "events", content));
            return;
        }

        Markdown.Between(page, "events").ShouldBe(content, "UPDATE_SNAPSHOTS=1 writes it anew");
    }

    [Fact]
    public async Task A_success_says_nothing()
    {
        var world = Start();
        await PlaceAsync(world, "first");
        var before = Ours().Count;

        await PlaceAsync(world, "second");
        await HearAsync(world, world.Http.GetAsync(Balance));

        Ours().Skip(before).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_reads_as_a_sentence()
    {
        var world = Start();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled, Fault.Throttled);
        await PlaceAsync(world, "a");
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
        await PlaceAsync(world, "b");
        world.Exchange.Faults.Next(AskBalance, Fault.HtmlReply(502));
        await HearAsync(world, world.Http.GetAsync(Balance));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        await PlaceAsync(world, "c");

        var lines = Ours().Where(static line => line.Event is "Recovering" or "GivenUp").Select(static line => Number().Replace(line.Text.Trim(), "N ms"));
        lines.ShouldBe(
        [
            "-1008 on POST /fapi/v1/order: throttled, not executed; retry 1 of 4 in N ms, when the Host lane opens [futures/a]",
            "-1008 on POST /fapi/v1/order: throttled, not executed; retry 2 of 4 in N ms, when the Host lane opens [futures/a]",
            "-2019 on POST /fapi/v1/order: insufficient funds, not executed; given to the caller (fails fast by policy) [futures/b]",
            "HTTP_502_BAD_GATEWAY on GET /fapi/v3/balance: no verdict, not executed; retry 1 of 3 in N ms (retried by policy) [futures/-]",
            "CONNECTION_LOST on POST /fapi/v1/order: no usable reply, outcome unknown; the exchange is asked what happened before anything else [futures/c]",
        ]);
    }

    [Theory]
    [InlineData(-1003, "rate limited")]
    [InlineData(-1021, "wrong time")]
    [InlineData(-1000, "no verdict")]
    public void Every_category_and_outcome_has_words_of_its_own(int code, string words)
    {
        Wording.Of(ExchangeVenue.BinanceUsdFutures.Errors.Find(code)!.Category).ShouldBe(words);
        Enum.GetValues<ErrorCategory>().Select(Wording.Of).Concat(OwnErrors().Select(Wording.Of)).ShouldBeUnique();
        Enum.GetValues<ExecutionStatus>().Select(Wording.Of).ShouldBeUnique();
        Enum.GetValues<RefusalReason>().Select(Wording.Of).ShouldBeUnique();
    }

    [Fact]
    public async Task What_is_refused_here_is_said_in_words_of_its_own()
    {
        var world = Start();
        world.Client.Get<ITradingHalt>().StopOrders("ann", "drill");

        await PlaceAsync(world, "a");

        Ours().Where(static line => line.Event == "GivenUp").ShouldHaveSingleItem().Text.Trim()
            .ShouldBe("ORDERS_STOPPED on POST /fapi/v1/order: new orders are stopped by ann since 2026-01-01 00:00:00Z (drill), not executed; given to the caller (held back) [futures/a]");
    }

    [Fact]
    public async Task Orders_that_are_refused_alike_in_a_row_are_a_line_a_minute_with_their_count()
    {
        var world = Start();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/order" ? Fault.RefuseWithCode(400, -2019, "Margin is insufficient.") : null);
        for (var i = 0; i < 40; i++)
        {
            await PlaceAsync(world, $"a{i}");
        }

        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -4164, "Order's notional must be no smaller than 5."));
        await PlaceAsync(world, "another-code");
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        await PlaceAsync(world, "later");
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        await PlaceAsync(world, "last");

        var lines = Ours().Where(static line => line.Event == "GivenUp").ToList();
        lines.Count.ShouldBe(43);
        lines.Where(static line => line.Level == LogLevel.Information).Select(static line => line.Text.Trim().Split(" (fails fast by policy) ")[1]).ShouldBe(
            ["[futures/a0]", "[futures/another-code]", "[futures/later]; 39 more like it since 2026-01-01 00:00:00Z, at Debug", "[futures/last]"]);
        lines.Where(static line => line.Level == LogLevel.Debug).ShouldAllBe(static line => line.Text.TrimEnd().EndsWith(']'));
    }

    [Fact]
    public async Task Orders_that_are_not_known_to_be_refused_have_a_line_each()
    {
        var world = Start(static options => options.Mode = HandlingMode.Observe);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/order" ? Fault.ExecuteThenDrop : null);

        await PlaceAsync(world, "a");
        await PlaceAsync(world, "b");

        Ours().Where(static line => line.Event == "GivenUp").Select(static line => line.Level).ShouldBe([LogLevel.Information, LogLevel.Information]);
    }

    [Fact]
    public async Task A_client_order_id_writes_no_line_of_its_own()
    {
        var world = Start();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        await PlaceAsync(world, Uri.EscapeDataString("a\r\ncrit: account emptied\u001b[2K\u0085\u2028\u2029b\u202ec"));

        var lines = Ours();
        lines.Where(static line => line.Event is "InDoubt" or "Settled").Select(static line => line.Event).ShouldBe(["InDoubt", "Settled"]);
        lines.Where(static line => line.Text.Contains("account emptied", StringComparison.Ordinal)).ShouldAllBe(static line => line.Text.Contains("a  crit: account emptied [2K   bc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_matrix_alone_has_many_lines()
    {
        await PlaceAsync(Start(), "a");

        Ours().Where(static line => line.Text.Contains('\n', StringComparison.Ordinal)).Select(static line => line.Event).Distinct().ShouldBe(["MatrixInForce"]);
    }

    [Fact]
    public async Task A_ban_is_one_warning_however_many_it_turns_away()
    {
        var world = Start();
        await HearAsync(world, world.Http.GetAsync(Balance));

        // What is measured and asked in the background is done, so that the ban turns nobody else away.
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(30), world.Time));
        var before = Ours().Count;
        world.Exchange.Faults.Next(AskBalance, Fault.Ban(TimeSpan.FromMinutes(5)));

        for (var i = 0; i < 50; i++)
        {
            await HearAsync(world, world.Http.GetAsync(Balance));
        }

        var since = Ours().Skip(before).ToList();
        var shown = since.Where(static line => line.Level >= LogLevel.Information).ShouldHaveSingleItem();
        (shown.Level, shown.Event).ShouldBe((LogLevel.Warning, "LaneClosed"));
        shown.Text.Trim().ShouldMatch($@"^Ip lane of fapi\.test/default closed for 3\d\d\.\d s, until {world.Time.GetUtcNow().AddMinutes(5):yyyy-MM-dd HH:mm}:\d\dZ, by -1003 TOO_MANY_REQUESTS: banned by the exchange until {world.Time.GetUtcNow().AddMinutes(5):yyyy-MM-dd HH:mm}:\d\d UTC, nothing leaves from this address, cancels neither$");
        var refused = since.Where(static line => line.Event == "HeldBack").ToList();
        refused.Count.ShouldBe(49);
        refused.ShouldAllBe(static line => line.Level == LogLevel.Debug);
        refused[0].Text.ShouldStartWith("GET /fapi/v3/balance is not sent: the Ip lane is closed after -1003; another try may succeed in 30");
    }

    [Fact]
    public async Task A_limit_that_is_spent_is_no_ban()
    {
        var world = Start(static options => options.MaxWait = TimeSpan.Zero);
        world.Exchange.Faults.Next(AskBalance, Fault.TooManyRequests());

        await HearAsync(world, world.Http.GetAsync(Balance));

        Ours().Where(static line => line.Event == "LaneClosed").ShouldHaveSingleItem().Text.Trim().ShouldMatch(@"^Ip lane of fapi\.test/default closed for \d+\.\d s, until [-\d]{10} [:\d]{8}Z, by -1003 TOO_MANY_REQUESTS$");
    }

    [Fact]
    public async Task A_spent_limit_is_one_warning_a_minute()
    {
        var world = Start(options =>
        {
            options.Limits.WeightPerMinute = 60;
            options.MaxWait = TimeSpan.Zero;
        });

        for (var minute = 0; minute < 3; minute++)
        {
            for (var i = 0; i < 40; i++)
            {
                await HearAsync(world, world.Http.GetAsync(Balance));
            }

            await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        }

        var refused = Ours().Where(static line => line.Event == "HeldBack").ToList();
        refused.Count.ShouldBeGreaterThan(60);
        var warnings = refused.Where(static line => line.Level == LogLevel.Warning).ToList();
        warnings.Count.ShouldBe(3);
        warnings[0].Text.ShouldStartWith("GET /fapi/v3/balance is not sent: the request weight of this minute is spent");
        Ours().Count(static line => line.Level == LogLevel.Warning).ShouldBe(3);
    }

    [Fact]
    public async Task A_clock_that_cannot_be_measured_is_one_warning_however_many_wait_for_it()
    {
        var world = Start();
        world.Exchange.Options.Latency = TimeSpan.FromMilliseconds(50);
        world.Exchange.Faults.Next(AskTime, [.. Enumerable.Repeat(Fault.HtmlReply(502), 500)]);

        await world.Time.RunAsync(() => Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Told.HearAsync(world.Http.GetAsync(Balance)))));

        var lines = Ours().Where(static line => line.Event == "ClockNotMeasured").ToList();
        lines.Count.ShouldBeGreaterThan(1);
        lines.Count(static line => line.Level == LogLevel.Warning).ShouldBe(1);
    }

    [Fact]
    public async Task Each_item_of_a_batch_has_its_line()
    {
        var world = Start();
        var orders = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001"},{"symbol":"NOPE","side":"BUY","type":"MARKET","quantity":"1","newClientOrderId":"b"}]""");

        await HearAsync(world, world.Http.PostAsync($"/fapi/v1/batchOrders?batchOrders={orders}", content: null));

        Ours().Where(static line => line.Event == "ItemDecided").ShouldHaveSingleItem().Text.Trim()
            .ShouldBe("-1121 on item 2 of POST /fapi/v1/batchOrders: invalid request, not executed; given to the caller (fails fast by policy) [futures/b]");
    }

    private static IEnumerable<ExchangeError> OwnErrors() => typeof(LocalErrors).GetProperties().Select(static property => property.GetValue(null)).OfType<ErrorDefinition>()
        .Select(static definition => LocalErrors.ToError(definition));

    private SimulatedFixture Start(Action<ExchangeErrorHandlingOptions>? configure = null) =>
        _world = new SimulatedFixture(configure, outer: client => client.Services.AddLogging(_log.Register));

    private static Task<Told> PlaceAsync(SimulatedFixture world, string id) => HearAsync(world, world.Http.PostAsync(SimulatedFixture.Market(id), content: null));

    private static Task<Told> HearAsync(SimulatedFixture world, Task<HttpResponseMessage> call) => world.Time.RunAsync(() => Told.HearAsync(call));

    private List<LogLine> Ours() => [.. _log.Lines.Where(static line => line.Category.StartsWith("ExchangeResilience", StringComparison.Ordinal) && line.Event != "scope")];

    [GeneratedRegex(@"\d+ ms", RegexOptions.None, 1000)]
    private static partial Regex Number();
}
