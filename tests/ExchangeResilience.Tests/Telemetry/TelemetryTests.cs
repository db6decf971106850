using System.Diagnostics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;
using ExchangeResilience.Tests.EndToEnd;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>What the OpenTelemetry SDK exports of the meter and the activity source. With UPDATE_SNAPSHOTS=1 the tables of the documentation are written anew.</summary>
[Collection(nameof(Alone))]
public sealed class TelemetryTests : IDisposable
{
    private const string Page = "src/ExchangeResilience/docs/telemetry.md";

    private TelemetryRun? _run;

    // One at a time: the SDK adds up what two programs measure under one name.
    private TelemetryRun Run => _run ??= new TelemetryRun();

    public void Dispose() => _run?.Dispose();

    [Fact]
    public async Task The_documented_instruments_are_those_the_SDK_exports()
    {
        await Run.GoThroughEverythingAsync("a");

        Check("instruments", "| Instrument | Kind | Unit | Tags | Meaning |", Run.Export().Select(instrument =>
            $"| `{instrument.Name}` | {instrument.Kind} | `{instrument.Unit}` | {Codes(instrument.Tags)} | {instrument.Description} |"));
    }

    [Fact]
    public async Task The_documented_tags_of_spans_and_events_are_those_the_SDK_exports()
    {
        await Run.GoThroughEverythingAsync("a");

        var told = Run.Spans.Select(static span => (Where: "The span", Tags: span.TagObjects.Select(static tag => tag.Key)))
            .Concat(Run.Spans.SelectMany(static span => span.Events).Select(static one => (Where: $"The event `{one.Name}`", Tags: one.Tags.Select(static tag => tag.Key))));
        Check("spans", "| What | Tags |", told
            .GroupBy(static one => one.Where, static one => one.Tags, StringComparer.Ordinal)
            .OrderBy(static all => all.Key, StringComparer.Ordinal)
            .Select(static all => $"| {all.Key} | {Codes(all.SelectMany(static tags => tags).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))} |"));
    }

    [Fact]
    public async Task More_orders_make_no_more_series()
    {
        await Run.GoThroughEverythingAsync("first");
        var before = Series();

        await Run.GoThroughEverythingAsync("second");

        Series().Except(before, StringComparer.Ordinal).ShouldBeEmpty();

        string[] Series() => [.. Run.Export().SelectMany(static instrument => instrument.Series).Select(static series => $"{series.Instrument} {series.Tags}")];
    }

    [Fact]
    public async Task No_id_symbol_key_or_query_stands_in_any_tag_name_or_description()
    {
        await Run.GoThroughEverythingAsync("my-order");

        var told = Run.Export().SelectMany(static instrument => instrument.Series.Select(static series => series.Tags).Append(instrument.Name))
            .Concat(Run.Spans.SelectMany(static span => span.TagObjects.Select(static tag => $"{tag.Value}")
                .Concat(span.Events.SelectMany(static one => one.Tags.Select(tag => $"{one.Name} {tag.Value}")))
                .Append($"{span.DisplayName} {span.StatusDescription}")))
            .ToList();

        told.ShouldContain("POST /fapi/v1/order ");
        string[] forbidden = ["my-order", "BTCUSDT", "quantity=", "timestamp=", "signature=", SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, "Nobody has heard"];
        (from text in told from secret in forbidden where text.Contains(secret, StringComparison.OrdinalIgnoreCase) select text).ShouldBeEmpty();
    }

    [Fact]
    public async Task Codes_that_no_table_lists_make_one_series_together()
    {
        Run.Exchange.Faults.Next(ExchangeLooks.Place, [.. Enumerable.Range(9000, 20).Select(static code => Fault.RefuseWithCode(400, -code, "What is this?"))]);

        await Run.Time.RunAsync(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Run.PlaceAsync($"a{i}");
            }
        });

        Run["exchange.errors", "exchange.error.code=0", "error.type=UNLISTED_CODE"].ShouldBe(20);
    }

    [Fact]
    public async Task A_call_is_a_span_with_an_event_for_each_attempt_and_decision()
    {
        Run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled);

        await Run.Time.RunAsync(() => Run.PlaceAsync("a"));

        var span = OfApplication().ShouldHaveSingleItem();
        (span.DisplayName, span.Kind, span.Status).ShouldBe(("POST /fapi/v1/order", ActivityKind.Internal, ActivityStatusCode.Unset));
        span.GetTagItem("exchange.attempts").ShouldBe(2);
        span.GetTagItem("exchange.execution").ShouldBe("Executed");
        span.Events.Select(static one => one.Name).ShouldBe(["exchange.attempt", "exchange.decision", "exchange.waited", "exchange.evidence", "exchange.attempt", "exchange.ended"]);
        var attempts = span.Events.Where(static one => one.Name == "exchange.attempt").Select(static one => one.Tags.ToDictionary()).ToList();
        (attempts[0]["exchange.attempt"], attempts[0]["exchange.error.code"], attempts[0]["http.response.status_code"]).ShouldBe((1, -1008, 503));
        (attempts[1]["exchange.attempt"], attempts[1].ContainsKey("exchange.error.code"), attempts[1]["http.response.status_code"]).ShouldBe((2, false, 200));
        span.Events.Single(static one => one.Name == "exchange.decision").Tags.ToDictionary()["exchange.decision.reason"].ShouldBe("LaneClosed");
    }

    [Fact]
    public async Task A_plain_success_is_a_span_with_one_attempt()
    {
        await Run.Time.RunAsync(() => TelemetryRun.HearAsync(Run.Client.Http.GetAsync(Balance)));

        var span = OfApplication().ShouldHaveSingleItem();
        (span.DisplayName, span.Status).ShouldBe(("GET /fapi/v3/balance", ActivityStatusCode.Unset));
        span.GetTagItem("exchange.execution").ShouldBeNull("nobody asks that of a query");
        span.Events.ShouldHaveSingleItem().Name.ShouldBe("exchange.attempt");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_is_a_span_in_error_whether_it_is_returned_or_thrown(bool throws)
    {
        var run = _run = new TelemetryRun(options => options.ThrowOnError = throws);
        run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        await run.Time.RunAsync(() => run.PlaceAsync("a"));

        var span = run.Spans.Single(static span => span.DisplayName == "POST /fapi/v1/order");
        (span.Status, span.StatusDescription).ShouldBe((ActivityStatusCode.Error, "MARGIN_NOT_SUFFICIEN"));
        span.GetTagItem("error.type").ShouldBe("MARGIN_NOT_SUFFICIEN");
        span.GetTagItem("exchange.error.code").ShouldBe(-2019);
        span.GetTagItem("exchange.execution").ShouldBe("NotExecuted");
    }

    [Fact]
    public async Task A_cancelled_call_is_a_span_in_error_without_the_words_of_its_exception()
    {
        Run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1), Run.Time);

        await Run.Time.RunAsync(() => TelemetryRun.HearAsync(Run.Client.Http.PostAsync(SimulatedFixture.Market("a"), content: null, stop.Token)));

        var span = OfApplication().ShouldHaveSingleItem();
        (span.Status, span.StatusDescription).ShouldBe((ActivityStatusCode.Error, null));
        span.GetTagItem("error.type").ShouldBe(typeof(ExchangeOperationCanceledException).FullName);
    }

    [Fact]
    public async Task A_question_of_the_librarys_own_is_a_span_within_the_call_that_needs_the_answer()
    {
        Run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        await Run.Time.RunAsync(() => Run.PlaceAsync("a"));

        var call = OfApplication().ShouldHaveSingleItem();
        var question = Run.Spans.First(static span => span.DisplayName == "GET /fapi/v1/order");
        question.GetTagItem("exchange.own_question").ShouldBe(true);
        question.ParentSpanId.ShouldBe(call.SpanId);
        call.Events.ShouldContain(static one => one.Name == "exchange.evidence");
    }

    [Fact]
    public async Task Only_what_is_sent_again_counts_as_a_retry()
    {
        Run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop, Fault.Throttled);

        await Run.Time.RunAsync(async () =>
        {
            await Run.PlaceAsync("looked-for");
            await Run.PlaceAsync("sent-again");
        });

        Run["exchange.retries"].ShouldBe(1);
        Run["exchange.retries", "exchange.decision.reason=LaneClosed"].ShouldBe(1);
        Run["exchange.errors", "exchange.error.code=-1008", "exchange.decision=Retry"].ShouldBe(1);
        Run["exchange.errors", "error.type=CONNECTION_LOST", "exchange.decision=Reconcile"].ShouldBe(1);
    }

    [Fact]
    public async Task A_ban_is_seen_as_long_as_it_lasts()
    {
        Run.Exchange.Faults.Next(AskBalance, Fault.Ban(TimeSpan.FromMinutes(3)));
        await Run.Time.RunAsync(() => TelemetryRun.HearAsync(Run.Client.Http.GetAsync(Balance)));

        Run["exchange.lane.count", "exchange.lane=Ip", "exchange.lane.state=Held"].ShouldBe(1);
        Run["exchange.lane.count", "exchange.lane=Ip", "exchange.lane.state=Open"].ShouldBe(0);
        Run["exchange.lane.count", "exchange.lane=Orders", "exchange.lane.state=Open"].ShouldBe(1);
        Run["exchange.lane.hold.remaining", "exchange.lane=Ip"].ShouldBeInRange(180, 200);
        Run["exchange.lane.hold.remaining", "exchange.lane=Host"].ShouldBe(0);
        Run["exchange.holds", "exchange.lane=Ip"].ShouldBe(1);

        await Run.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(4), Run.Time));

        Run["exchange.lane.hold.remaining", "exchange.lane=Ip"].ShouldBe(0);
        Run["exchange.lane.count", "exchange.lane=Ip", "exchange.lane.state=Probing"].ShouldBe(1);
    }

    [Fact]
    public async Task Usage_stands_beside_its_limit()
    {
        await Run.Time.RunAsync(() => Run.PlaceAsync("a"));

        Run["exchange.orders.usage", "exchange.limit.interval=10s"].ShouldBe(1);
        Run["exchange.orders.limit", "exchange.limit.interval=10s"].ShouldBe(300);
        Run["exchange.weight.usage"].ShouldBeGreaterThan(0);
        Run["exchange.weight.limit"].ShouldBe(2400);
    }

    [Fact]
    public async Task An_order_in_doubt_is_counted_until_its_verdict_and_the_search_is_timed()
    {
        var run = _run = new TelemetryRun(static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        run.Exchange.Options.QueryLag = TimeSpan.FromSeconds(8);
        run.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        await run.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(5), run.Time));
        await run.Time.RunAsync(() => run.PlaceAsync("a"));

        run["exchange.orders.in_doubt", "exchange.operation=Place", "exchange.in_doubt.state=Searching"].ShouldBe(1);

        await run.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), run.Time));

        run["exchange.orders.in_doubt", "exchange.operation=Place", "exchange.in_doubt.state=Searching"].ShouldBe(0);
        run["exchange.verdicts", "exchange.operation=Place", "exchange.execution=Executed"].ShouldBe(1);
        run["exchange.verdict.duration", "exchange.operation=Place", "exchange.execution=Executed"].ShouldBeInRange(8, 20);
    }

    [Fact]
    public async Task The_clock_is_seen_from_its_first_measurement_on()
    {
        Run.Exchange.Clock.Step(TimeSpan.FromSeconds(-3));

        await Run.Time.RunAsync(() => TelemetryRun.HearAsync(Run.Client.Http.GetAsync(Balance)));

        Run["exchange.clock.offset"].ShouldBe(-3, 0.1);
        Run["exchange.clock.uncertainty"].ShouldBeInRange(0, 0.1);
        Run["exchange.clock.resyncs"].ShouldBeGreaterThan(0);
    }

    private List<Activity> OfApplication() => [.. Run.Spans.Where(static span => span.GetTagItem("exchange.own_question") is false)];

    private static string Codes(IEnumerable<string> names) => string.Join(", ", names.Select(static name => $"`{name}`"));

    private static void Check(string table, string head, IEnumerable<string> rows)
    {
        var columns = head.Count(static letter => letter == '|') - 1;
        var content = $"\n{head}\n|{string.Concat(Enumerable.Repeat(" --- |", columns))}\n{string.Join('\n', rows)}\n\n";
        var page = Repository.Read(Page).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Repository.PathOf(Page), Markdown.Replace(page, table, content));
            return;
        }

        Markdown.Between(page, table).ShouldBe(content, "UPDATE_SNAPSHOTS=1 writes it anew");
    }
}
