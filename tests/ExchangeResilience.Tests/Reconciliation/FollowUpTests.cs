using System.Text;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What is still done for an order after its verdict: absence is asked about again, and a kept cancel is applied.</summary>
public sealed class FollowUpTests : IDisposable
{
    private const string Cancelled = "{\"orderId\":1,\"status\":\"CANCELED\"}";
    private const string UnknownOrder = "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}";
    private const string Amend = "PUT /fapi/v1/order";
    private readonly SearchedExchange _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_cancel_that_does_not_find_an_order_which_is_open_is_sent_again()
    {
        var answers = new Queue<string>([UnknownOrder, UnknownOrder, UnknownOrder, Cancelled]);
        var looks = new Queue<string>([_world.Shown(more: ",\"status\":\"NEW\""), _world.Shown(more: ",\"status\":\"NEW\""), SearchedExchange.Busy, SearchedExchange.NoSuchOrder]);
        _world.Exchange.Answers = question => (question.Method == "DELETE" ? answers : looks).Dequeue();
        var claim = _world.Doubt();
        _ = _world.Reconciler.KeepCancelAsync(claim, 1);

        _world.Search(claim);
        await _world.WaitAsync(600);

        _world.Exchange.Asked.Count(static question => question.Method == "DELETE").ShouldBe(4);
        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(KeptCancelFate.Applied);
    }

    [Fact]
    public async Task A_cancel_is_needless_for_an_order_that_is_not_shown_any_more()
    {
        _world.Exchange.Answers = static question => question.Method == "DELETE" ? UnknownOrder : SearchedExchange.NoSuchOrder;

        _ = _world.Reconciler.KeepCancelAsync(Settled(), 1);
        await _world.WaitAsync(50);
        _world.CancelsEnded.ShouldBeEmpty("queries lag");
        await _world.WaitAsync(60);

        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(KeptCancelFate.Needless);
    }

    [Theory]
    [InlineData(Cancelled, KeptCancelFate.Applied)]
    [InlineData(UnknownOrder, KeptCancelFate.Needless)]
    public async Task A_cancel_kept_for_an_order_in_doubt_is_applied_once_when_the_order_appears(string answer, KeptCancelFate fate)
    {
        _world.Exchange.Answers = question => question.Method == "DELETE" ? answer : _world.Shown();
        var claim = _world.Doubt();
        _ = _world.Reconciler.KeepCancelAsync(claim, 1);
        _world.Exchange.Asked.ShouldBeEmpty("nobody knows yet whether the order is there");

        _world.Search(claim);
        await _world.WaitAsync(600);

        string[] lookAfterIt = fate == KeptCancelFate.Needless ? ["GET /fapi/v1/order?symbol=BTCUSDT&orderId=1"] : [];
        _world.Exchange.Asked.Select(static question => question.ToString())
            .ShouldBe(["GET /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", "DELETE /fapi/v1/order?symbol=BTCUSDT&orderId=1", .. lookAfterIt]);
        _world.Log.Of("KeptCancelEnded").ShouldHaveSingleItem().Text.ShouldContain(fate.ToString());
        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(fate);
    }

    [Fact]
    public async Task A_cancel_that_comes_when_the_order_is_known_to_be_there_is_applied_at_once()
    {
        _world.Exchange.Answers = static _ => Cancelled;
        var claim = Settled();

        _ = _world.Reconciler.KeepCancelAsync(claim, 1);
        await _world.WaitAsync(60);

        _world.Exchange.Asked.Select(static question => (question.Method, question.At)).ShouldBe([("DELETE", TimeSpan.Zero)]);
    }

    [Fact]
    public async Task A_cancel_that_gets_no_answer_is_sent_again_at_growing_pauses()
    {
        var answers = new Queue<string?>([null, SearchedExchange.Busy, Cancelled]);
        _world.Exchange.Answers = _ => answers.Dequeue();

        _ = _world.Reconciler.KeepCancelAsync(Settled(), 1);
        await _world.WaitAsync(60);

        _world.Exchange.Asked.Select(static question => question.At.TotalSeconds).ShouldBe([0, 5, 15]);
        _world.Log.Of("KeptCancelEnded").Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_that_never_gets_an_answer_ends_aloud_with_the_time_for_which_verdicts_are_kept()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;

        _ = _world.Reconciler.KeepCancelAsync(Settled(), 1);
        await _world.WaitAsync(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        _world.Log.Of("KeptCancelGivenUp").ShouldBeEmpty();
        _world.Claims.WithKeptCancel.ShouldHaveSingleItem();
        await _world.WaitAsync(TimeSpan.FromMinutes(3));

        _world.Log.Of("KeptCancelGivenUp").ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(KeptCancelFate.Expired);
        _world.Claims.WithKeptCancel.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancel_that_fails_in_a_way_nobody_foresaw_is_told_and_sent_again()
    {
        var answers = new Queue<Func<string>>([static () => throw new InvalidOperationException("unforeseen"), static () => Cancelled]);
        _world.Exchange.Answers = _ => answers.Dequeue()();

        _ = _world.Reconciler.KeepCancelAsync(Settled(), 1);
        await _world.WaitAsync(60);

        _world.Log.Of("QuestionFailed").ShouldHaveSingleItem().Text.ShouldContain("unforeseen");
        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(KeptCancelFate.Applied);
    }

    [Fact]
    public async Task When_the_process_ends_a_kept_cancel_is_no_longer_tried()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;
        _ = _world.Reconciler.KeepCancelAsync(Settled(), 1);
        await _world.WaitAsync(7);

        _world.Stop();
        await _world.WaitAsync(60);

        _world.Exchange.Asked.Count.ShouldBe(2);
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancel_kept_for_an_order_that_proves_absent_is_not_sent()
    {
        _world.Options.Rechecks.Clear();
        var claim = await AbsentAsync(kept: true);

        _world.Exchange.Asked.ShouldAllBe(static question => question.Method == "GET");
        claim.CancelWanted.ShouldBeFalse("it ends with the order");
        _world.CancelsEnded.ShouldHaveSingleItem().Fate.ShouldBe(KeptCancelFate.Needless);
    }

    [Fact]
    public async Task Proven_absence_is_asked_again_at_each_time_that_is_configured()
    {
        var claim = await AbsentAsync();
        var told = _world.Time.Elapsed;
        var stamp = claim.Attempts.Windows.ShouldNotBeNull().Single().FirstStampMs;
        var asked = _world.Exchange.Asked.Count;
        _world.Exchange.Answers = static _ => "[]";

        await _world.WaitAsync(1_200);

        _world.Exchange.Asked.Skip(asked).Select(static question => question.ToString()).ShouldBe(Enumerable.Repeat($"GET /fapi/v1/allOrders?symbol=BTCUSDT&startTime={TenMinutes(stamp - 1_000)}&limit=1000", 2));
        _world.Exchange.Asked.Skip(asked).Select(question => Math.Round((question.At - told).TotalMinutes)).ShouldBe([1, 10]);
        _world.Contradictions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ours", true)]
    [InlineData("of other terms", false)]
    [InlineData("another id", false)]
    [InlineData("another case", false)]
    [InlineData("too early", false)]
    [InlineData("too late", false)]
    public async Task An_order_of_that_id_and_time_and_of_its_terms_contradicts_the_verdict(string found, bool contradicts)
    {
        OneRecheck();
        var claim = await AbsentAsync();
        var stamp = claim.Attempts.Windows.ShouldNotBeNull().Single().FirstStampMs;
        var order = found switch
        {
            "another id" => _world.Shown("b", stamp),
            "another case" => _world.Shown("A", stamp),
            "too early" => _world.Shown(time: stamp - 1_000),
            "too late" => _world.Shown(time: stamp + ClaimedRequest.RecvWindow + 1_001),
            "of other terms" => _world.Shown(time: stamp, more: ",\"symbol\":\"ETHUSDT\""),
            _ => _world.Shown(time: stamp),
        };
        _world.Exchange.Answers = _ => $"[{_world.Shown("c", stamp)},{order}]";

        await _world.WaitAsync(600);

        _world.Contradictions.Count.ShouldBe(contradicts ? 1 : 0);
        _world.Measured["exchange.contradictions"].ShouldBe(contradicts ? 1 : 0);
        _world.Log.Of("AbsenceContradicted").Count().ShouldBe(contradicts ? 1 : 0);
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
        if (contradicts)
        {
            _world.Contradictions[0].OrderStatus.ShouldBe("FILLED");
            _world.Contradictions[0].Order.ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place));
            _world.Log.Of("AbsenceContradicted").Single().Text.ShouldContain("POST /fapi/v1/order a was reported as not executed and is FILLED");
        }
    }

    [Fact]
    public async Task An_order_of_any_attempt_contradicts_and_the_earliest_is_where_the_history_begins()
    {
        OneRecheck();
        var claim = await AbsentAsync(again: true);
        var stamps = claim.Attempts.Windows.ShouldNotBeNull().Select(static window => window.FirstStampMs).ToList();
        stamps.Count.ShouldBe(2);
        _world.Exchange.Answers = _ => $"[{_world.Shown(time: stamps[1] + 2_500)}]";

        await _world.WaitAsync(120);

        _world.Exchange.Asked[^1].Uri.Query.ShouldBe($"?symbol=BTCUSDT&startTime={TenMinutes(stamps[1] - 1_000)}&limit=1000");
        _world.Contradictions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_without_a_state_contradicts_too()
    {
        OneRecheck();
        var claim = await AbsentAsync();
        var stamp = claim.Attempts.Windows.ShouldNotBeNull().Single().FirstStampMs;
        _world.Exchange.Answers = _ => $"[{{\"orderId\":1,\"clientOrderId\":\"a\",\"time\":{stamp}}}]";

        await _world.WaitAsync(120);

        _world.Contradictions.ShouldHaveSingleItem().OrderStatus.ShouldBe("");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SearchedExchange.Busy)]
    [InlineData(SearchedExchange.NoSuchOrder)]
    [InlineData("{}")]
    public async Task A_recheck_without_an_answer_is_repeated_after_growing_pauses(string? answer)
    {
        OneRecheck();
        await AbsentAsync();
        var asked = _world.Exchange.Asked.Count;
        var answers = new Queue<string?>([answer, answer, "[]"]);
        _world.Exchange.Answers = _ => answers.Dequeue();

        await _world.WaitAsync(600);

        var times = _world.Exchange.Asked.Skip(asked).Select(static question => question.At.TotalSeconds).ToList();
        times.Select(time => time - times[0]).ShouldBe([0, 5, 15]);
    }

    [Fact]
    public async Task A_recheck_that_never_gets_an_answer_ends()
    {
        OneRecheck();
        await AbsentAsync();
        var asked = _world.Exchange.Asked.Count;
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;

        await _world.WaitAsync(1_200);

        (_world.Exchange.Asked.Count - asked).ShouldBe(15);
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_recheck_that_fails_in_a_way_nobody_foresaw_is_told_and_tried_again()
    {
        OneRecheck();
        await AbsentAsync();
        var answers = _world.Exchange.Answers;
        var failures = 2;
        _world.Exchange.Answers = question => failures-- > 0 ? throw new InvalidOperationException("unforeseen") : answers(question);

        await _world.WaitAsync(120);

        _world.Log.Of("QuestionFailed").Count().ShouldBe(2);
        _world.Log.Of("QuestionFailed").ShouldAllBe(static line => line.Text.Contains("unforeseen", StringComparison.Ordinal));
        failures.ShouldBeLessThan(0, "it was asked until there was an answer");
    }

    [Fact]
    public async Task When_the_process_ends_nothing_is_asked_again()
    {
        await AbsentAsync();
        var asked = _world.Exchange.Asked.Count;

        _world.Stop();
        await _world.WaitAsync(1_200);

        _world.Exchange.Asked.Count.ShouldBe(asked);
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("shown", 1, 1)]
    [InlineData("empty", 1, 0)]
    [InlineData("absent", 1, 0)]
    [InlineData("busy", 15, 0)]
    [InlineData("unreadable", 15, 0)]
    public async Task An_amendment_is_looked_for_again_in_the_orders_history(string answer, int questions, int contradictions)
    {
        OneRecheck();
        var claim = await AbsentAsync("origClientOrderId=a&price=41000", Amend);
        var stamp = claim.Attempts.Windows.ShouldNotBeNull().Single().FirstStampMs;
        var asked = _world.Exchange.Asked.Count;
        _world.Exchange.Answers = _ => answer switch
        {
            "shown" => $"[{{\"time\":{stamp},\"amendment\":{{\"price\":{{\"after\":\"41000\"}}}}}}]",
            "empty" => "[]",
            "absent" => SearchedExchange.NoSuchOrder,
            "busy" => SearchedExchange.Busy,
            _ => "{}",
        };

        await _world.WaitAsync(1_200);

        _world.Exchange.Asked.Skip(asked).Select(static question => question.ToString()).ShouldBe(Enumerable.Repeat("GET /fapi/v1/orderAmendment?symbol=BTCUSDT&origClientOrderId=a", questions));
        _world.Contradictions.Select(static contradiction => (contradiction.OrderStatus, contradiction.Order.Kind)).ShouldBe(Enumerable.Repeat(("AMENDED", OperationKind.Amend), contradictions));
    }

    private void OneRecheck()
    {
        _world.Options.Rechecks.Clear();
        _world.Options.Rechecks.Add(TimeSpan.FromMinutes(1));
    }

    /// <summary>An order that was executed, which the application itself has seen.</summary>
    private Claim Settled()
    {
        var claim = _world.Doubt();
        _world.Reconciler.Offer(ClaimedRequest.OriginOf("account").Account, Encoding.UTF8.GetBytes(_world.Shown()), _world.Options);
        claim.State.ShouldBe(ClaimState.Settled);
        return claim;
    }

    /// <summary>An order that has just been proved absent.</summary>
    // Absences of the same ten minutes are asked about together.
    private static long TenMinutes(long ms) => ms - (ms % 600_000);

    private async Task<Claim> AbsentAsync(string parameters = "newClientOrderId=a", string route = "POST /fapi/v1/order", bool kept = false, bool again = false)
    {
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.ServerTime ? _world.TimeReply : SearchedExchange.NoSuchOrder;
        var claim = _world.Doubt(parameters, route);
        if (kept)
        {
            _ = _world.Reconciler.KeepCancelAsync(claim, 1);
        }

        if (again)
        {
            claim.Attempts.Add(new AttemptWindow(_world.NowMs - 4_000, ClaimedRequest.RecvWindow));
        }

        _world.Search(claim);
        await _world.WaitAsync(16);
        claim.Outcome.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        return claim;
    }
}
