using System.Net;
using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>How the truth about an order in doubt is looked for, question by question.</summary>
public sealed class SearchTests : IDisposable
{
    private const string Conditional = "POST /fapi/v1/algoOrder";
    private const string Amend = "PUT /fapi/v1/order";
    private readonly SearchedExchange _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Questions_begin_close_together_and_end_a_minute_apart()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;
        _world.Search(_world.Doubt("clientAlgoId=a", Conditional));

        await _world.WaitAsync(330);

        double[] expected = [0, 0.25, 0.75, 1.75, 3.75, 7.75, 11.75, 15.75, 19.75, 23.75, 27.75, 31.75, 35.75, 39.75, 43.75, 47.75, 51.75, 55.75, 59.75, 63.75, 71.75, 87.75, 119.75, 179.75, 239.75, 299.75];
        _world.Exchange.Asked.Select(static question => question.At.TotalSeconds).ShouldBe(expected);
        _world.Exchange.Asked.ShouldAllBe(static question => question.ToString() == "GET /fapi/v1/algoOrder?clientAlgoId=a" && question.ClientName == "futures");
        _world.Log.Of("NoEvidence").Count().ShouldBe(expected.Length);
    }

    [Fact]
    public async Task The_pauses_can_be_configured()
    {
        _world.Options.FirstPause = TimeSpan.FromSeconds(1);
        _world.Options.MaxPause = TimeSpan.FromSeconds(3);
        _world.Search(_world.Doubt("clientAlgoId=a", Conditional));

        await _world.WaitAsync(10);

        _world.Exchange.Asked.Select(static question => question.At.TotalSeconds).ShouldBe([0, 1, 3, 6, 9]);
    }

    [Fact]
    public async Task Without_the_key_the_order_was_sent_with_nobody_is_asked()
    {
        var claim = _world.Doubt(canAsk: false);

        _world.Search(claim);
        await _world.WaitAsync(60);

        _world.Exchange.Asked.ShouldBeEmpty();
        _world.Log.Of("InDoubt").ShouldHaveSingleItem().Text.ShouldContain("POST /fapi/v1/order a is in doubt after CONNECTION_LOST");
        claim.State.ShouldBe(ClaimState.InDoubt);
    }

    [Fact]
    public async Task A_person_who_took_an_order_for_absent_by_mistake_is_told()
    {
        var order = _world.Shown();
        _world.Exchange.Answers = _ => SearchedExchange.Busy;
        var claim = _world.Doubt();
        _world.Search(claim);
        await _world.WaitAsync(1);
        _world.Reconciler.SettleByOperator(claim, ExecutionStatus.NotExecuted, "settled by hand", _world.Options).ShouldBeTrue();
        _world.Exchange.Answers = _ => $"[{order}]";

        await _world.WaitAsync(700);

        _world.Contradictions.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_order_that_the_exchange_shows_as_rejected_was_not_executed_and_alarms_nobody()
    {
        var order = _world.Shown(more: ",\"status\":\"REJECTED\"");
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.AllOrders ? $"[{order}]" : order;
        var claim = _world.Doubt();

        _world.Search(claim);
        await _world.WaitAsync(700);

        claim.Outcome.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        _world.Contradictions.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_is_found_settles_the_claim_with_the_exchanges_own_words()
    {
        var order = _world.Shown();
        _world.Exchange.Answers = _ => order;
        var claim = _world.Doubt();

        _world.Search(claim);
        await _world.WaitAsync(10);

        _world.Exchange.Asked.Count.ShouldBe(1);
        var verdict = await claim.Verdict;
        verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        verdict.Error.ShouldBeNull();
        verdict.Evidence.ShouldBe("the order was found by its client order id");
        var reply = verdict.Reply.ShouldNotBeNull();
        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.MediaType.ShouldBe("application/json");
        Encoding.UTF8.GetString(reply.Body).ShouldBe(order);
        var settled = _world.Settled.ShouldHaveSingleItem();
        settled.Order.ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place));
        settled.Execution.ShouldBe(ExecutionStatus.Executed);
        settled.Evidence.ShouldBe(verdict.Evidence);
        _world.Measured["exchange.verdicts"].ShouldBe(1);
        _world.Log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain("POST /fapi/v1/order a is settled: Executed, the order was found by its client order id");
        _world.Claims.InDoubtCount.ShouldBe(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SearchedExchange.Busy)]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    public async Task An_answer_that_shows_neither_an_order_nor_its_absence_is_followed_by_the_next_question(string? answer)
    {
        var claim = _world.Doubt();
        _world.Exchange.Answers = question => question.At < TimeSpan.FromSeconds(1) ? answer : _world.Shown(time: _world.NowMs - 1_000);

        _world.Search(claim);
        await _world.WaitAsync(10);

        _world.Exchange.AskedAt(SearchedExchange.Order).Select(static question => question.At.TotalSeconds).ShouldBe([0, 0.25, 0.75, 1.75]);
        claim.State.ShouldBe(ClaimState.Settled);
    }

    [Fact]
    public async Task A_question_that_fails_in_a_way_nobody_foresaw_does_not_end_the_search()
    {
        var claim = _world.Doubt();
        _world.Exchange.Answers = question => question.At == TimeSpan.Zero ? throw new InvalidOperationException("unforeseen") : _world.Shown();

        _world.Search(claim);
        await _world.WaitAsync(10);

        _world.Log.Of("QuestionFailed").ShouldHaveSingleItem().Text.ShouldContain("unforeseen");
        claim.State.ShouldBe(ClaimState.Settled);
    }

    [Fact]
    public async Task Absence_counts_from_the_close_of_the_window_on_by_the_exchanges_time()
    {
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.ServerTime ? _world.TimeReply : SearchedExchange.NoSuchOrder;
        var claim = _world.Doubt();

        _world.Search(claim);
        await _world.WaitAsync(30);

        // Nobody asks for the time before an answer could count.
        _world.Exchange.AskedAt(SearchedExchange.ServerTime).First().At.TotalSeconds.ShouldBe(7.5);
        _world.Exchange.Asked[^1].At.TotalSeconds.ShouldBe(15.001);
        var verdict = await claim.Verdict;
        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        verdict.Evidence.ShouldMatch("^[0-9]+ answers of absence after the exchange could no longer accept it$");
        verdict.Error.ShouldNotBeNull().Name.ShouldBe("CONNECTION_LOST");
        _world.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        _world.Log.Of("NoEvidence").ShouldBeEmpty("absence is evidence");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("{\"serverTime\":0}")]
    public async Task Absence_without_the_exchanges_time_counts_for_nothing(string? time)
    {
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.ServerTime ? time : SearchedExchange.NoSuchOrder;
        var claim = _world.Doubt();

        _world.Search(claim);
        await _world.WaitAsync(120);

        claim.State.ShouldBe(ClaimState.InDoubt);
        _world.Exchange.AskedAt(SearchedExchange.ServerTime).Count().ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Absence_of_what_has_no_bounds_is_never_proved_and_the_time_is_not_asked_for(bool sent, bool stamped)
    {
        _world.Exchange.Answers = static _ => SearchedExchange.NoSuchOrder;
        var claim = _world.Doubt(sent: sent, stamped: stamped);

        _world.Search(claim);
        await _world.WaitAsync(120);

        claim.State.ShouldBe(ClaimState.InDoubt);
        _world.Exchange.Asked.ShouldAllBe(static question => question.Uri.AbsolutePath == SearchedExchange.Order);
    }

    [Fact]
    public async Task A_namesake_sends_the_search_to_the_history_which_must_show_id_and_time()
    {
        var old = _world.NowMs - 60_000;
        var inWindow = _world.NowMs;
        var history = new Queue<string?>(
        [
            null,
            "{}",
            $"[{_world.Shown(time: old)}]",
            $"[{_world.Shown("b", inWindow)},{_world.Shown("A", inWindow)}]",
            $"[{_world.Shown(time: inWindow, more: ",\"side\":\"SELL\"")}]",
            $"[{_world.Shown(time: old)},{_world.Shown(time: inWindow, more: ",\"orderId\":2")}]",
        ]);
        _world.Exchange.Answers = question => question.Uri.AbsolutePath switch
        {
            SearchedExchange.Order => _world.Shown(time: old),
            SearchedExchange.AllOrders => history.Dequeue(),
            _ => _world.TimeReply,
        };
        var claim = _world.Doubt();

        _world.Search(claim);
        await _world.WaitAsync(60);

        history.ShouldBeEmpty();
        _world.Exchange.AskedAt(SearchedExchange.AllOrders).Count().ShouldBe(6);
        _world.Exchange.AskedAt(SearchedExchange.AllOrders).ShouldAllBe(question => question.Uri.Query == $"?symbol=BTCUSDT&startTime={inWindow - 1_000}&limit=1000");
        var verdict = await claim.Verdict;
        verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        verdict.Evidence.ShouldBe("the order was found in the order history, beside an older namesake");
        Encoding.UTF8.GetString(verdict.Reply.ShouldNotBeNull().Body).ShouldContain("\"orderId\":2");
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_history_is_asked_for_from_the_first_attempt_on()
    {
        var first = _world.NowMs;
        var old = first - 60_000;
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.Order ? _world.Shown(time: old) : "[]";
        var claim = _world.Doubt();
        claim.Attempts.Add(new AttemptWindow(first + 3_000, ClaimedRequest.RecvWindow));

        _world.Search(claim);
        await _world.WaitAsync(1);

        _world.Exchange.AskedAt(SearchedExchange.AllOrders).First().Uri.Query.ShouldBe($"?symbol=BTCUSDT&startTime={first - 1_000}&limit=1000");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Beside_a_namesake_what_has_no_bounds_is_not_looked_for_in_the_history(bool sent, bool stamped)
    {
        _world.Exchange.Answers = _ => _world.Shown();
        var claim = _world.Doubt(sent: sent, stamped: stamped);

        _world.Search(claim);
        await _world.WaitAsync(10);

        _world.Exchange.AskedAt(SearchedExchange.AllOrders).ShouldBeEmpty();
        claim.State.ShouldBe(ClaimState.InDoubt);
    }

    [Fact]
    public async Task An_amendment_is_found_in_the_orders_history()
    {
        var stamp = _world.NowMs;
        _world.Exchange.Answers = question => question.Uri.AbsolutePath == SearchedExchange.Order
            ? _world.Shown(time: 1, more: ",\"price\":\"40000\"")
            : $"[{{\"time\":{stamp},\"amendment\":{{\"price\":{{\"after\":\"41000\"}}}}}}]";
        var claim = _world.Doubt("origClientOrderId=a&price=41000", Amend);

        _world.Search(claim);
        await _world.WaitAsync(1);

        _world.Exchange.Asked.Select(static question => question.ToString()).ShouldBe(["GET /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", "GET /fapi/v1/orderAmendment?symbol=BTCUSDT&origClientOrderId=a"]);
        var verdict = await claim.Verdict;
        verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        verdict.Evidence.ShouldBe("the order shows the amendment");
    }

    [Theory]
    [InlineData("[]", true)]
    [InlineData("{}", false)]
    [InlineData(SearchedExchange.Busy, false)]
    [InlineData(SearchedExchange.NoSuchOrder, false)]
    [InlineData(null, false)]
    public async Task An_order_that_stays_as_it_was_disproves_an_amendment_only_if_its_history_was_read(string? history, bool disproved)
    {
        _world.Exchange.Answers = question => question.Uri.AbsolutePath switch
        {
            SearchedExchange.Order => _world.Shown(time: 1),
            SearchedExchange.Amendments => history,
            _ => _world.TimeReply,
        };
        var claim = _world.Doubt("origClientOrderId=a&price=41000", Amend);

        _world.Search(claim);
        await _world.WaitAsync(30);

        claim.State.ShouldBe(disproved ? ClaimState.Settled : ClaimState.InDoubt);
        claim.Outcome?.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task A_truth_that_is_known_already_ends_the_search_and_is_not_told_twice()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;
        var claim = _world.Doubt();
        _world.Search(claim);
        await _world.WaitAsync(1);
        var asked = _world.Exchange.Asked.Count;

        _world.Reconciler.Offer(ClaimedRequest.OriginOf("account").Account, Encoding.UTF8.GetBytes(_world.Shown()), _world.Options);
        _world.Reconciler.Offer(ClaimedRequest.OriginOf("account").Account, Encoding.UTF8.GetBytes(_world.Shown()), _world.Options);
        await _world.WaitAsync(60);

        _world.Exchange.Asked.Count.ShouldBe(asked);
        _world.Settled.ShouldHaveSingleItem().Evidence.ShouldBe("the application's own query showed the order");
        claim.Outcome.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData("order", true)]
    [InlineData("list", true)]
    [InlineData("account", false)]
    [InlineData("id", false)]
    [InlineData("no id", false)]
    [InlineData("namesake", false)]
    [InlineData("nothing", false)]
    public void What_the_application_was_shown_is_evidence_if_it_is_the_order(string shown, bool settles)
    {
        var claim = _world.Doubt();
        var reply = shown switch
        {
            "list" => $"[{_world.Shown("b")},{_world.Shown()}]",
            "id" => _world.Shown("b"),
            "no id" => "{\"orderId\":1,\"symbol\":\"BTCUSDT\"}",
            "namesake" => _world.Shown(time: 1),
            "nothing" => "{\"a\":1}",
            _ => _world.Shown(),
        };

        _world.Reconciler.Offer(ClaimedRequest.OriginOf(shown == "account" ? "other" : "account").Account with { Market = shown == "market" ? "binance" : null }, Encoding.UTF8.GetBytes(reply), _world.Options);

        claim.State.ShouldBe(settles ? ClaimState.Settled : ClaimState.InDoubt);
        _world.Settled.Count.ShouldBe(settles ? 1 : 0);
    }

    [Theory]
    [InlineData("ours", 1, false)]
    [InlineData("namesake", 2, true)]
    [InlineData("namesake that hides ours", 2, false)]
    [InlineData("namesake without history", 2, false)]
    [InlineData("nothing", 1, false)]
    [InlineData("absent", 1, true)]
    [InlineData("busy", 1, false)]
    public async Task One_look_tells_whether_the_order_is_not_there(string answer, int asked, bool isNotThere)
    {
        _world.Exchange.Answers = question => answer switch
        {
            "ours" => _world.Shown(),
            "namesake" => question.Uri.AbsolutePath.EndsWith("/allOrders", StringComparison.Ordinal) ? $"[{_world.Shown(time: 1)}]" : _world.Shown(time: 1),
            "namesake that hides ours" => question.Uri.AbsolutePath.EndsWith("/allOrders", StringComparison.Ordinal) ? $"[{_world.Shown(time: 1)},{_world.Shown()}]" : _world.Shown(time: 1),
            "namesake without history" => question.Uri.AbsolutePath.EndsWith("/allOrders", StringComparison.Ordinal) ? SearchedExchange.Busy : _world.Shown(time: 1),
            "absent" => SearchedExchange.NoSuchOrder,
            "busy" => SearchedExchange.Busy,
            _ => "{}",
        };

        (await _world.Reconciler.IsNotThereAsync(_world.Doubt(), TestContext.Current.CancellationToken)).ShouldBe(isNotThere);

        _world.Exchange.Asked.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task Nobody_looks_without_the_key()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.NoSuchOrder;

        (await _world.Reconciler.IsNotThereAsync(_world.Doubt(canAsk: false), TestContext.Current.CancellationToken)).ShouldBeFalse();

        _world.Exchange.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ExecutionStatus.Executed)]
    [InlineData(ExecutionStatus.NotExecuted)]
    public async Task An_operators_word_settles_an_order_once_and_nothing_is_asked_about_it_again(ExecutionStatus execution)
    {
        var claim = _world.Doubt(stamped: false);

        _world.Reconciler.SettleByOperator(claim, execution, "settled by hand", _world.Options).ShouldBeTrue();
        _world.Reconciler.SettleByOperator(claim, ExecutionStatus.Executed, "too late", _world.Options).ShouldBeFalse();
        await _world.WaitAsync(1_200);

        var verdict = await claim.Verdict;
        (verdict.Execution, verdict.Evidence).ShouldBe((execution, "settled by hand"));
        (verdict.Reply is null).ShouldBe(execution == ExecutionStatus.NotExecuted);
        _world.Settled.ShouldHaveSingleItem().Evidence.ShouldBe("settled by hand");
        _world.Exchange.Asked.ShouldBeEmpty();
    }

    [Fact]
    public void An_order_without_a_symbol_is_listed_without_one()
    {
        var listed = InDoubtEvents.Describe(ClaimedRequest.Of(Conditional, "clientAlgoId=a"));

        (listed.Symbol, listed.ClientOrderId, listed.Kind, listed.ClientName, listed.Account).ShouldBe(("", "a", OperationKind.Place, "futures", "account"));
    }

    [Theory]
    [InlineData("text/x", "text/x")]
    [InlineData(null, null)]
    public async Task A_reply_that_was_kept_is_handed_out_as_it_came(string? mediaType, string? expected)
    {
        using var request = new HttpRequestMessage();
        using var response = new ReplySnapshot(HttpStatusCode.Accepted, [1, 2], mediaType).ToResponse(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        response.RequestMessage.ShouldBeSameAs(request);
        (response.Content.Headers.ContentType?.ToString()).ShouldBe(expected);
        (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task When_the_process_ends_the_search_does_and_what_is_in_doubt_stays_so()
    {
        _world.Exchange.Answers = static _ => SearchedExchange.Busy;
        var claim = _world.Doubt();
        _world.Search(claim);
        await _world.WaitAsync(1);
        var asked = _world.Exchange.Asked.Count;

        _world.Stop();
        await _world.WaitAsync(60);

        _world.Exchange.Asked.Count.ShouldBe(asked);
        claim.State.ShouldBe(ClaimState.InDoubt);
        _world.Log.Of("QuestionFailed").ShouldBeEmpty();
    }

    [Fact]
    public void What_is_in_doubt_is_listed_and_one_subscribers_fault_is_the_others_loss_in_nothing()
    {
        var news = _world.News;
        List<string> told = [];
        news.Settled += static (_, _) => throw new InvalidOperationException("a subscriber's own");
        news.Settled += (sender, settled) => told.Add($"{ReferenceEquals(sender, news)} {settled.Order.ClientOrderId}");
        _world.Doubt();
        _world.InDoubt.ShouldBe([new InDoubtOrder("BTCUSDT", "a", OperationKind.Place)]);

        _world.Reconciler.Offer(ClaimedRequest.OriginOf("account").Account, Encoding.UTF8.GetBytes(_world.Shown()), _world.Options);

        told.ShouldBe(["True a"]);
        _world.Settled.Count.ShouldBe(1);
        _world.Log.Of("SubscriberFailed").ShouldHaveSingleItem().Text.ShouldContain("a subscriber's own");
        _world.InDoubt.ShouldBeEmpty();
    }
}
