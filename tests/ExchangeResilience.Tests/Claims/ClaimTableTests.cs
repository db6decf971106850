using ExchangeResilience.Tests.Reconciliation;
using static ExchangeResilience.Tests.Claims.ClaimWorld;

namespace ExchangeResilience.Tests.Claims;

/// <summary>Who may leave, who must wait, who is told, and what is forgotten: the table's rules without a wire.</summary>
public sealed class ClaimTableTests
{
    private static readonly DateTimeOffset Written = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ClaimWorld _world = new();

    private ClaimTable Table => _world.Table;

    // Equal terms.

    [Theory]
    [InlineData("in flight")]
    [InlineData("in doubt")]
    [InlineData("executed, untold")]
    public void An_equal_order_joins_and_another_under_its_id_waits_for_the_verdict(string state)
    {
        var call = _world.Enter(Place("a"));
        var claim = state == "in flight" ? _world.Send(call, Place("a")) : _world.Lose(call, Place("a"));
        if (state == "executed, untold")
        {
            _world.Settle(claim, Found);
            _world.Cut(call);
        }

        _world.Ask(_world.Enter(Place("a")), Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        var other = _world.Ask(_world.Enter(Place("a", "SELL")), Place("a", "SELL"));

        other.Answer.ShouldBe(claim.IsSettled ? ClaimAnswer.Go : ClaimAnswer.OtherRequest);
        (other.Claim == claim).ShouldBe(!claim.IsSettled);
    }

    [Fact]
    public void An_order_that_was_told_at_once_frees_its_id_at_once()
    {
        _world.Run(Place("a"), Found);

        _world.IsNew(Place("a")).ShouldBeTrue();
    }

    [Fact]
    public void A_running_call_keeps_the_verdict_it_means_whoever_was_told_meanwhile()
    {
        var waiting = _world.Enter(Place("a"));
        var claim = _world.Run(Place("a"), Found);
        _world.Pass(TimeSpan.FromDays(2));

        _world.Ask(waiting, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    public void After_a_doubt_a_verdict_answers_equal_orders_for_one_minute_more_to_the_second(int seconds, bool isNew)
    {
        var call = _world.Enter(Place("a"));
        var claim = _world.Lose(call, Place("a"));
        _world.Settle(claim, Found);
        _world.Tell(call, claim);

        // Others' calls make the table look for what is over, whenever they come.
        _world.PassSeconds(30);
        _world.Run(Place("b"), Found);
        _world.PassSeconds(seconds - 30);

        _world.IsNew(Place("a")).ShouldBe(isNew);
    }

    [Fact]
    public void A_call_cut_before_the_verdict_is_owed_one_telling_and_the_next_pays_it()
    {
        var claim = _world.Doubt(Place("a"));
        _world.Settle(claim, Found);
        _world.Pass(TimeSpan.FromHours(3));

        var next = _world.Enter(Place("a"));
        _world.Ask(next, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        _world.Tell(next, claim);
        _world.IsNew(Place("a")).ShouldBeFalse("within the minute");
    }

    [Fact]
    public void A_loop_that_was_cut_ten_times_swallows_no_later_order()
    {
        var claim = _world.Doubt(Place("a"));
        for (var turn = 0; turn < 9; turn++)
        {
            var call = _world.Enter(Place("a"));
            _world.Ask(call, Place("a")).Claim.ShouldBe(claim);
            _world.Cut(call);
        }

        _world.Settle(claim, Found);
        var last = _world.Enter(Place("a"));
        _world.Ask(last, Place("a")).Claim.ShouldBe(claim);
        _world.Tell(last, claim);

        _world.PassSeconds(61);
        _world.IsNew(Place("a")).ShouldBeTrue();
    }

    [Fact]
    public void Of_two_equal_calls_the_one_whose_answer_was_lost_on_its_way_up_buys_once()
    {
        // Nobody knows which of the two a send came from: each counts as its sender.
        var first = _world.Enter(Place("a"));
        var second = _world.Enter(Place("a"));
        var claim = _world.Send(_world.SendOf(Place("a")), Place("a"));
        _world.Settle(claim, Found);
        _world.Cut(first);
        _world.Tell(second, claim);

        _world.Pass(TimeSpan.FromHours(1));

        _world.IsNew(Place("a")).ShouldBeFalse();
    }

    [Fact]
    public void An_answer_counts_for_whichever_of_two_equal_calls_hands_it_out()
    {
        var first = _world.Enter(Place("a"));
        var second = _world.Enter(Place("a"));
        var send = _world.SendOf(Place("a"));
        var claim = _world.Send(send, Place("a"));
        _world.Settle(claim, Found);
        var word = new object();
        Table.Tell(send, word, claim);

        first.ToldBy(word).ShouldBe([claim]);
        second.ToldBy(word).ShouldBe([claim]);
        first.ToldBy(new InvalidOperationException("of a handler")).ShouldBeEmpty();
    }

    [Fact]
    public void A_call_that_met_nothing_does_not_keep_a_verdict_for_ever()
    {
        var idle = _world.Enter(Place("a"));
        var claim = _world.Run(Place("a"), Found);
        _world.Cut(idle);
        claim.Delivery.IsOwing.ShouldBeTrue("it may have been the one that sent");

        _world.Pass(_world.Options.VerdictRetention + TimeSpan.FromSeconds(1));
        _world.IsNew(Place("a")).ShouldBeTrue();
    }

    // Retention.

    [Theory]
    [InlineData(120, false)]
    [InlineData(121, true)]
    public void A_verdict_nobody_fetches_is_kept_as_long_as_was_set_when_its_order_was_sent(int seconds, bool isNew)
    {
        var world = new ClaimWorld { Options = new ReconciliationOptions { VerdictRetention = TimeSpan.FromMinutes(2) } };
        var claim = world.Doubt(Place("a"));
        world.Pass(TimeSpan.FromHours(1));
        world.Settle(claim, Found);
        world.PassSeconds(seconds);

        world.IsNew(Place("a")).ShouldBe(isNew);
    }

    [Fact]
    public void No_other_clients_setting_touches_a_verdict()
    {
        var claim = _world.Doubt(Place("a"));
        _world.Settle(claim, Found);
        _world.Pass(TimeSpan.FromHours(2));

        var hasty = new ReconciliationOptions { VerdictRetention = TimeSpan.FromSeconds(1) };
        _world.Ask(_world.Enter(Place("b")), Place("b"), options: hasty).Answer.ShouldBe(ClaimAnswer.Go);
        _world.Ask(_world.Enter(Place("a")), Place("a"), options: hasty).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
    }

    [Fact]
    public void What_is_in_doubt_ends_by_no_time()
    {
        var claim = _world.Doubt(Place("a"));
        _world.Pass(TimeSpan.FromDays(30));

        _world.Ask(_world.Enter(Place("a")), Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
    }

    // What did nothing is sent again.

    [Fact]
    public void What_was_refused_for_certain_frees_its_id_for_any_order()
    {
        _world.Run(Place("a"), Absent);
        _world.IsNew(Place("a")).ShouldBeTrue();

        _world.Run(Place("a"), Absent);
        _world.IsNew(Place("a", "SELL")).ShouldBeTrue();
    }

    [Fact]
    public void An_order_sent_again_is_a_round_of_its_own_that_may_turn_up_as_the_first()
    {
        var claim = _world.Doubt(Place("a"));
        _world.Settle(claim, Absent, rechecks: 2);

        var call = _world.Enter(Place("a"));
        var next = _world.Send(call, Place("a"));

        next.ShouldNotBeSameAs(claim);
        claim.Latest.ShouldBeSameAs(next);
        next.Attempts.Windows.ShouldBe([ClaimedRequest.Window]);
        next.Attempts.Traces.ShouldBe([ClaimedRequest.Window, ClaimedRequest.Window]);
        _world.Ask(_world.Enter(Place("a")), Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, next));
        Table.OpenToEvidence.ShouldBe([next], "what is shown now is the order that was sent last");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Who_was_cut_in_the_first_round_is_answered_by_the_second(int rechecks)
    {
        // A is cut and pauses; the order proves absent; B sends it again and is told; A's loop comes back.
        var claim = _world.Doubt(Place("a"));
        _world.Settle(claim, Absent, rechecks);
        var b = _world.Enter(Place("a"));
        var next = _world.Send(b, Place("a"));
        _world.Settle(next, Found);
        _world.Tell(b, next);

        _world.PassSeconds(5);
        var a = _world.Enter(Place("a"));

        _world.Ask(a, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, next));
    }

    [Fact]
    public void Debts_of_the_first_round_are_paid_by_the_second()
    {
        var (first, second) = (_world.Enter(Place("a")), _world.Enter(Place("a")));
        var claim = _world.Lose(first, Place("a"));
        _world.Cut(first);
        _world.Cut(second);
        _world.Settle(claim, Absent, rechecks: 1);

        var third = _world.Enter(Place("a"));
        var next = _world.Send(third, Place("a"));
        _world.Settle(next, Found);
        _world.Tell(third, next);
        _world.Pass(TimeSpan.FromMinutes(5));

        _world.IsNew(Place("a")).ShouldBeFalse("the second of the two has not been told");
    }

    [Fact]
    public void A_call_told_that_its_order_did_nothing_hears_of_the_round_another_has_begun()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Send(first, Place("a"));
        _world.Settle(claim, Absent);
        var next = _world.Send(_world.Enter(Place("a")), Place("a"));

        Table.Close(first).ShouldBe([next]);
    }

    // Sends without a call, and late ones.

    [Fact]
    public void A_send_belongs_to_the_newest_running_call_of_its_wish_and_else_to_one_of_its_own()
    {
        var first = _world.Enter(Place("a"));
        var second = _world.Enter(Place("a"));
        _world.SendOf(Place("a")).ShouldBe(second);
        _world.SendOf(Place("a", "SELL")).IsSendsOwn.ShouldBeTrue();
        _world.SendOf(Place("a"), "other").IsSendsOwn.ShouldBeTrue();

        _world.Cut(second);
        _world.SendOf(Place("a")).ShouldBe(first);
        _world.Cut(first);
        _world.SendOf(Place("a")).IsSendsOwn.ShouldBeTrue();
    }

    [Fact]
    public void A_batch_belongs_to_the_call_that_wants_all_of_it()
    {
        Wish[] wishes = [Wish.Of(Place("a")), Wish.Of(Place("b"))];
        var batch = Table.Enter(wishes, Account());
        var single = _world.Enter(Place("a"));

        Table.CallOf(wishes, Account()).ShouldBe(batch);
        Table.CallOf([wishes[0]], Account()).ShouldBe(single);
        Table.CallOf([wishes[1]], Account()).ShouldBe(batch, "part of it, sent alone");
        Table.CallOf([wishes[1], Wish.Of(Place("c"))], Account()).ShouldBe(batch, "some of it");
    }

    [Theory]
    [InlineData(600, ClaimAnswer.TooLate)]
    [InlineData(601, ClaimAnswer.Go)]
    public void A_copy_kept_back_must_not_leave_for_ten_minutes_after_its_call_was_answered(int seconds, object expected)
    {
        _world.Run(Place("a"), Absent);
        _world.PassSeconds(seconds);

        _world.Ask(_world.SendOf(Place("a")), Place("a")).Answer.ShouldBe((ClaimAnswer)expected);
    }

    [Fact]
    public void A_second_late_copy_leaves_no_more_than_the_first()
    {
        _world.Run(Place("a"), Absent);
        for (var copy = 0; copy < 2; copy++)
        {
            var send = _world.SendOf(Place("a"));
            _world.Ask(send, Place("a")).Answer.ShouldBe(ClaimAnswer.TooLate);
            Table.Exit(send, [], isAnswered: false);
        }
    }

    [Fact]
    public void Between_the_last_look_and_the_answer_no_copy_leaves()
    {
        var call = _world.Enter(Place("a"));
        var claim = _world.Send(call, Place("a"));
        _world.Settle(claim, Absent);
        Table.Close(call).ShouldBeEmpty();

        _world.Ask(_world.SendOf(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.TooLate, "a copy that comes now");
        _world.Ask(call, Place("a")).Answer.ShouldBe(ClaimAnswer.TooLate, "a copy that was on its way in");
    }

    [Fact]
    public void A_call_keeps_its_verdict_until_its_answer_has_arrived()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Send(first, Place("a"));
        _world.Settle(claim, Found);
        var second = _world.Enter(Place("a"));
        _world.Ask(second, Place("a")).Claim.ShouldBe(claim);
        Table.Close(first);
        _world.Tell(second, claim);
        _world.PassSeconds(61);
        _world.IsNew(Place("b")).ShouldBeTrue();
        Table.Exit(first, [], isAnswered: true);

        _world.IsNew(Place("a")).ShouldBeFalse("the first has been told nothing, and comes back");
    }

    [Fact]
    public void A_late_copy_is_told_of_its_order_and_takes_nobodys_debt()
    {
        var call = _world.Enter(Place("a"));
        var claim = _world.Lose(_world.Enter(Place("a")), Place("a"));
        _world.Cut(call);
        claim.Delivery.IsOwing.ShouldBeTrue();

        _world.Ask(call, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));

        claim.Delivery.IsOwing.ShouldBeTrue();
    }

    [Fact]
    public void A_late_copy_that_is_told_pays_nobodys_debt()
    {
        var claim = _world.Doubt(Place("a"));
        var copy = _world.SendOf(Place("a"));
        _world.Ask(copy, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        _world.Settle(claim, Found);
        Table.Exit(copy, [claim], isAnswered: false);
        _world.Pass(TimeSpan.FromHours(1));

        _world.IsNew(Place("a")).ShouldBeFalse("the caller has not been told, only whatever kept the copy");
    }

    [Fact]
    public void What_a_handler_above_has_queued_leaves_though_its_call_is_over()
    {
        // It was answered by that handler, and not by us.
        _world.Run(Place("a"), Absent);
        Table.Exit(_world.Enter(Place("a")), [], isAnswered: false);

        _world.Ask(_world.SendOf(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void An_answer_to_one_account_stops_no_copy_of_anothers()
    {
        _world.Run(Place("a"), Absent);

        _world.Ask(_world.SendOf(Place("a"), "other"), Place("a"), "other").Answer.ShouldBe(ClaimAnswer.Go);
        _world.Ask(_world.SendOf(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.TooLate);
    }

    [Fact]
    public void An_order_meant_anew_leaves_though_an_equal_call_was_answered_a_moment_ago()
    {
        _world.Run(Place("a"), Absent);

        _world.Ask(_world.Enter(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    // Overtaking.

    [Fact]
    public void Amendments_of_one_order_leave_one_after_the_other()
    {
        var first = _world.Enter(Amend("a", 1));
        var claim = _world.Send(first, Amend("a", 1));

        _world.Ask(_world.Enter(Amend("a", 1)), Amend("a", 1)).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        var second = _world.Enter(Amend("a", 2));
        _world.Ask(second, Amend("a", 2)).ShouldBe(new ClaimGrant(ClaimAnswer.Serialise, claim));
        _world.Ask(_world.Enter(Amend("b", 2)), Amend("b", 2)).Answer.ShouldBe(ClaimAnswer.Go);
        var byOrderId = ClaimedRequest.Operation("PUT /fapi/v1/order", "symbol=BTCUSDT&orderId=7&price=2");
        _world.Ask(_world.Enter(byOrderId), byOrderId).Answer.ShouldBe(ClaimAnswer.Serialise, "nobody can tell whether it is the same order");
        _world.Ask(_world.Enter(byOrderId, "other"), byOrderId, "other").Answer.ShouldBe(ClaimAnswer.Go);

        _world.Settle(claim, Found);
        _world.Ask(second, Amend("a", 2)).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void A_place_waits_for_an_amendment_of_its_id_as_long_as_the_exchange_may_take_that()
    {
        var amendment = _world.Lose(_world.Enter(Amend("a", 1)), Amend("a", 1));
        var call = _world.Enter(Place("a"));

        _world.Ask(call, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Serialise, amendment));
        _world.Ask(_world.Enter(Place("b")), Place("b")).Answer.ShouldBe(ClaimAnswer.Go);
        _world.Time.Advance(TimeSpan.FromMilliseconds(ClaimedRequest.RecvWindow));
        _world.Ask(call, Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void An_amendment_does_not_leave_once_a_later_call_is_to_place_another_order_of_its_id()
    {
        var earlier = _world.Enter(Amend("a", 1));
        var amendment = _world.Ask(earlier, Amend("a", 1)).Claim.ShouldNotBeNull();
        var place = _world.Ask(_world.Enter(Place("a")), Place("a")).Claim.ShouldNotBeNull();

        _world.Table.TryLeave(earlier, amendment, static () => ClaimedRequest.Window).ShouldBeFalse();
        _world.Settle(place, Absent);
        _world.Table.TryLeave(earlier, amendment, static () => ClaimedRequest.Window).ShouldBeTrue("what was to be placed did nothing");
    }

    [Fact]
    public void An_amendment_must_not_leave_after_a_later_one_and_is_told_its_own_verdict()
    {
        var first = _world.Enter(Amend("a", 1));
        var claim = _world.Send(first, Amend("a", 1));
        _world.Settle(claim, Absent);
        var newer = _world.Send(_world.Enter(Amend("a", 2)), Amend("a", 2));

        _world.Ask(first, Amend("a", 1)).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));

        _world.Settle(newer, Absent);
        _world.Ask(first, Amend("a", 1)).Answer.ShouldBe(ClaimAnswer.Go, "the later one did nothing");
    }

    [Fact]
    public void An_amendment_that_never_left_is_refused_after_a_later_one()
    {
        var first = _world.Enter(Amend("a", 1));
        var second = _world.Enter(Amend("a", 2));
        _world.Settle(_world.Send(second, Amend("a", 2)), Found);

        _world.Ask(first, Amend("a", 1)).ShouldBe(new ClaimGrant(ClaimAnswer.Overtaken, null));
        _world.Ask(first, Amend("b", 1)).Answer.ShouldBe(ClaimAnswer.Go, "of another order");
    }

    [Fact]
    public void The_way_back_to_an_earlier_price_is_an_amendment_of_its_own()
    {
        var first = _world.Enter(Amend("a", 1));
        var claim = _world.Send(first, Amend("a", 1));
        _world.Settle(claim, Found);
        _world.Run(Amend("a", 2), Found);

        var third = _world.Enter(Amend("a", 1));
        var back = _world.Send(third, Amend("a", 1));
        _world.Ask(_world.SendOf(Amend("a", 1)), Amend("a", 1)).ShouldBe(new ClaimGrant(ClaimAnswer.Join, back), "the first call's retry wants the same");

        _world.Settle(back, Found);
        _world.Tell(third, back);
        _world.Ask(first, Amend("a", 1)).Claim.ShouldNotBeNull().Outcome.ShouldBe(Found);
    }

    [Fact]
    public void A_new_order_of_an_id_overtakes_the_amendments_of_the_one_before()
    {
        var amend = _world.Enter(Amend("a", 1));
        var amended = _world.Send(amend, Amend("a", 1));
        _world.Settle(amended, Absent);
        _world.Send(_world.Enter(Place("a")), Place("a"));

        _world.Ask(amend, Amend("a", 1)).ShouldBe(new ClaimGrant(ClaimAnswer.Join, amended));
        _world.Ask(_world.Enter(Amend("a", 1)), Amend("a", 1)).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void A_new_order_of_an_id_overtakes_the_cancels_of_the_one_before()
    {
        var (cancel, all) = (_world.Enter(Cancel("a")), _world.Enter(CancelAll()));
        var other = _world.Enter(Cancel("b"));
        _world.Send(_world.Enter(Place("a")), Place("a"));
        var later = _world.Enter(Cancel("a"));

        cancel.IsOvertaken(OrderName.Of(Cancel("a"))).ShouldBeTrue();
        all.IsOvertaken(OrderName.Of(CancelAll())).ShouldBeTrue();
        other.IsOvertaken(OrderName.Of(Cancel("b"))).ShouldBeFalse();
        later.IsOvertaken(OrderName.Of(Cancel("a"))).ShouldBeFalse();
    }

    [Fact]
    public void An_order_of_another_account_overtakes_no_cancel_of_this_one()
    {
        var cancel = _world.Enter(Cancel("a"));
        var theirs = _world.Send(_world.Enter(Place("a"), "other"), Place("a"), "other");
        cancel.IsOvertaken(OrderName.Of(Cancel("a"))).ShouldBeFalse();

        _world.Settle(theirs, Absent);
        _world.Send(_world.Enter(Place("a", "SELL"), "renamed"), Place("a", "SELL"), "renamed");
        cancel.IsOvertaken(OrderName.Of(Cancel("a"))).ShouldBeTrue("it may be the same account, and a cancel too few does less harm than one too many");
    }

    [Fact]
    public void An_order_sent_twice_under_one_id_gives_the_older_call_its_own_verdict()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Lose(first, Place("a"));
        _world.Settle(claim, Found);
        _world.Send(_world.Enter(Place("a", "SELL")), Place("a", "SELL"));

        _world.Ask(first, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
    }

    [Fact]
    public void A_cancel_that_cancelled_stops_the_order_and_frees_its_id_for_later_calls()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Lose(first, Place("a"));
        _world.Settle(claim, Found);
        var cancel = _world.Enter(Cancel("a"));
        _world.EndByCancel(cancel, Place("a"));

        _world.Ask(first, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim), "its retry is told what became of it");
        _world.Ask(_world.Enter(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void A_call_that_was_overtaken_owes_nothing_to_the_order_that_came_after_it()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Send(first, Place("a"));
        _world.Settle(claim, Found);
        _world.EndByCancel(_world.Enter(Cancel("a")), Place("a"));
        var second = _world.Enter(Place("a"));
        var next = _world.Send(second, Place("a"));

        _world.Tell(first, claim);

        next.Delivery.IsOwing.ShouldBeFalse();
    }

    [Fact]
    public void A_cancel_stops_no_order_of_a_later_call_or_of_another_account()
    {
        var cancel = _world.Enter(Cancel("a"));
        var later = _world.Enter(Place("a"));
        _world.EndByCancel(cancel, Place("a"));
        _world.Ask(later, Place("a")).Answer.ShouldBe(ClaimAnswer.Go);

        var theirs = _world.Enter(Place("b"));
        var claim = _world.Send(theirs, Place("b"));
        _world.EndByCancel(_world.Enter(Cancel("b"), "other"), Place("b"), "other");
        claim.OvertakenBy.Number.ShouldBe(0);
    }

    [Fact]
    public void An_order_that_did_nothing_and_was_to_be_cancelled_is_sent_again_by_no_earlier_call()
    {
        var first = _world.Enter(Place("a"));
        var claim = _world.Lose(first, Place("a"));
        claim.KeepCancel(_world.Enter(Cancel("a")).Number).ShouldBeTrue();
        _world.Settle(claim, Absent);

        _world.Ask(first, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        _world.Ask(_world.Enter(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    // Orders without an id.

    [Theory]
    [InlineData("account", "BUY", true, ClaimAnswer.TwinInDoubt)]
    [InlineData("account", "SELL", true, ClaimAnswer.Go)]
    [InlineData("account", "BUY", false, ClaimAnswer.Go)]
    public void An_equal_order_without_an_id_of_its_own_is_refused_while_its_twin_is_in_doubt(string account, string side, bool generated, object expected)
    {
        var call = _world.Enter(Place("g1", generated: true));
        _world.Lose(call, Place("g1", generated: true));

        var twin = Place("g2", side, generated);
        _world.Ask(_world.Enter(twin, account), twin, account).Answer.ShouldBe((ClaimAnswer)expected);
    }

    [Fact]
    public void A_twin_is_found_while_it_is_in_doubt_and_for_a_minute_while_its_verdict_is_owed()
    {
        var asked = Place("", generated: true);
        Table.FindTwin(asked, Account(), []).ShouldBeNull();
        var claim = _world.Doubt(Place("g1", generated: true));
        Table.FindTwin(asked, Account(), []).ShouldBe(claim);
        Table.FindTwin(asked, Account(), [claim]).ShouldBeNull("another item of the batch has it");
        Table.FindTwin(Place("", "SELL", generated: true), Account(), []).ShouldBeNull();

        _world.Settle(claim, Found);
        _world.PassSeconds(60);
        Table.FindTwin(asked, Account(), []).ShouldBe(claim);
        _world.PassSeconds(1);
        Table.FindTwin(asked, Account(), []).ShouldBeNull();
        _world.IsNew(Place("g1")).ShouldBeFalse("the same id still fetches the verdict");
    }

    [Fact]
    public void A_twin_that_was_told_or_did_nothing_or_was_cancelled_holds_nobody()
    {
        var asked = Place("", generated: true);
        var told = _world.Enter(Place("g1", generated: true));
        var executed = _world.Lose(told, Place("g1", generated: true));
        _world.Settle(executed, Found);
        _world.Tell(told, executed);
        _world.Settle(_world.Doubt(Place("g2", generated: true)), Absent, rechecks: 2);
        Table.FindTwin(asked, Account(), []).ShouldBeNull();

        _world.Settle(_world.Doubt(Place("g3", generated: true)), Found);
        _world.EndByCancel(_world.Enter(Cancel("g3")), Place("g3"));
        Table.FindTwin(asked, Account(), []).ShouldBeNull();
    }

    [Fact]
    public void A_twin_that_nothing_can_prove_absent_holds_its_equals_for_an_hour()
    {
        var call = _world.Enter(Place("g1", generated: true));
        var claim = _world.Send(call, Place("g1", generated: true));
        claim.Attempts.Add(null);
        Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), null);
        _world.Cut(call);

        _world.Pass(TimeSpan.FromHours(1));
        _world.Ask(_world.Enter(Place("g2", generated: true)), Place("g2", generated: true)).Answer.ShouldBe(ClaimAnswer.TwinInDoubt);
        _world.PassSeconds(1);
        _world.Ask(_world.Enter(Place("g2", generated: true)), Place("g2", generated: true)).Answer.ShouldBe(ClaimAnswer.Go);
        _world.Ask(_world.Enter(Place("g1")), Place("g1")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim), "its own id stays taken");
    }

    [Fact]
    public void An_id_given_here_is_known_while_its_call_runs()
    {
        Table.IsGiven("g1").ShouldBeFalse();
        var call = Table.Enter([Wish.Of(Place("g1"))], Account(), ["g1"]);
        Table.IsGiven("g1").ShouldBeTrue();
        _world.Cut(call);
        Table.IsGiven("g1").ShouldBeFalse();
    }

    // How many, and whose.

    [Fact]
    public void What_is_in_doubt_is_counted_once_and_no_longer_than_it_lasts()
    {
        var call = _world.Enter(Place("a"));
        var a = _world.Lose(call, Place("a"));
        Table.MarkInDoubt(a, LocalErrors.ConnectionLost(), null).ShouldBeFalse();
        var b = _world.Doubt(Place("b"));
        Table.InDoubtCount.ShouldBe(2);
        Table.InDoubt.ShouldBe([a, b], ignoreOrder: true);

        _world.Settle(a, Found);
        Table.TrySettle(a, Absent).ShouldBeFalse();
        Table.InDoubtCount.ShouldBe(1);
        _world.Settle(_world.Send(_world.Enter(Place("c")), Place("c")), Found);
        Table.InDoubtCount.ShouldBe(1, "it was in flight");
        _world.Settle(b, Absent);
        Table.InDoubtCount.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, ClaimAnswer.TooManyInDoubt)]
    [InlineData(2, ClaimAnswer.Go)]
    public void As_many_of_one_account_may_be_in_doubt_as_configured(int most, object expected)
    {
        var options = new ReconciliationOptions { MaxInDoubt = most };
        _world.Doubt(Place("a"));
        _world.Doubt(Place("c"), "other");

        _world.Ask(_world.Enter(Place("b")), Place("b"), options: options).Answer.ShouldBe((ClaimAnswer)expected);
        _world.Ask(_world.Enter(Place("b"), "third"), Place("b"), "third", options).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void What_nobody_can_be_asked_about_does_not_count()
    {
        var origin = ClaimedRequest.OriginOf("account", canAsk: false);
        var call = _world.Enter(Place("a"));
        var claim = Table.TryClaim(call, Place("a"), origin, new ReconciliationOptions()).Claim!;
        Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), null);

        _world.Ask(_world.Enter(Place("b")), Place("b"), options: new ReconciliationOptions { MaxInDoubt = 1 }).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void An_unfinished_order_of_an_account_that_may_be_ours_stands_in_the_way_of_its_name_alone()
    {
        var claim = _world.Doubt(Place("a"), "renamed");

        _world.Ask(_world.Enter(Place("a")), Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.AccountUnclear, claim));
        _world.Ask(_world.Enter(Place("a", "SELL")), Place("a", "SELL")).ShouldBe(new ClaimGrant(ClaimAnswer.AccountUnclear, claim));
        _world.Ask(_world.Enter(Place("b")), Place("b")).Answer.ShouldBe(ClaimAnswer.Go);

        _world.Settle(claim, Absent);
        _world.Ask(_world.Enter(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void Two_accounts_may_bear_equal_orders_under_one_id()
    {
        var (mine, theirs) = (Account() with { KeyHash = "k1" }, Account("other") with { KeyHash = "k2" });
        var call = Table.Enter([Wish.Of(Place("a"))], mine);
        var claim = Table.TryClaim(call, Place("a"), Origin(mine), _world.Options).Claim!;
        Table.TryLeave(call, claim, static () => ClaimedRequest.Window).ShouldBeTrue();
        var other = Table.Enter([Wish.Of(Place("a"))], theirs);
        Table.TryClaim(other, Place("a"), Origin(theirs), _world.Options).Answer.ShouldBe(ClaimAnswer.Go);

        _world.Settle(claim, Found);
        _world.Tell(call, claim);

        var again = Table.Enter([Wish.Of(Place("a"))], mine);
        Table.TryClaim(again, Place("a"), Origin(mine), _world.Options).Answer.ShouldBe(ClaimAnswer.Go, "the other account's call keeps no verdict of this one");
    }

    [Fact]
    public void Orders_that_a_cancel_may_miss_are_found_by_symbol_and_id()
    {
        var claim = _world.Doubt(Place("a"));
        var one = claim.Key with { Kind = OperationKind.Cancel };
        var all = claim.Key with { Kind = OperationKind.CancelAll, Id = "" };

        Table.UnsettledPlaces(one, Account(), number: 9).ShouldBe([claim]);
        Table.UnsettledPlaces(one with { Symbol = "" }, Account(), number: 9).ShouldBe([claim]);
        Table.UnsettledPlaces(all, Account(), number: 9).ShouldBe([claim]);
        Table.UnsettledPlaces(one with { Symbol = "ETHUSDT" }, Account(), number: 9).ShouldBeEmpty();
        Table.UnsettledPlaces(all with { Symbol = "ETHUSDT" }, Account(), number: 9).ShouldBeEmpty();
        Table.UnsettledPlaces(one with { Id = "b" }, Account(), number: 9).ShouldBeEmpty();
        Table.UnsettledPlaces(one, Account("other"), number: 9).ShouldBeEmpty("another account's key must not cancel it");
        Table.UnsettledPlaces(one with { Family = "other" }, Account(), number: 9).ShouldBeEmpty();
        Table.UnsettledPlaces(one, Account(), number: 1).ShouldBeEmpty("it was asked for before the order");
        Table.UnsettledPlaces(claim.Key with { Kind = OperationKind.Amend }, Account(), number: 9).ShouldBeEmpty("an amendment cancels nothing");
        Table.FindUnsettled(claim.Key, Account()).ShouldBe(claim);

        _world.Settle(claim, Found);
        Table.UnsettledPlaces(one, Account(), number: 9).ShouldBeEmpty();
        Table.FindUnsettled(claim.Key, Account()).ShouldBeNull();
    }

    [Fact]
    public void A_record_answers_a_repeat_until_the_application_is_told_that_its_order_was_cancelled()
    {
        var claim = _world.Doubt(Place("a"));
        _world.Settle(claim, Found);
        var cancel = _world.Enter(Cancel("a"));
        Table.Cancelled(cancel, claim.Key with { Kind = OperationKind.Cancel }, Account());

        _world.Ask(_world.Enter(Place("a")), Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim), "a loop that was told nothing may still be at it");

        var repeat = _world.Enter(Place("a"));
        Table.TellCancelled(cancel);

        _world.Ask(repeat, Place("a")).ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim), "it began before that was told");
        _world.Ask(_world.Enter(Place("a")), Place("a")).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void A_cancel_that_leaves_stops_what_an_earlier_call_means_to_place()
    {
        var waiting = _world.Enter(Place("a"));
        var ofAnother = _world.Enter(Place("a"), "other");
        var unrelated = _world.Enter(Place("b"));
        var cancel = _world.Enter(Cancel("a"));
        var later = _world.Enter(Place("a"));

        Table.LeaveCancel(cancel);

        waiting.IsOvertaken(OrderName.Of(Place("a"))).ShouldBeTrue();
        ofAnother.IsOvertaken(OrderName.Of(Place("a"))).ShouldBeFalse("another account's cancel reaches it as little here as at the exchange");
        unrelated.IsOvertaken(OrderName.Of(Place("b"))).ShouldBeFalse();
        later.IsOvertaken(OrderName.Of(Place("a"))).ShouldBeFalse("it was asked for after the cancel");
    }

    [Fact]
    public void A_cancel_of_all_that_leaves_is_kept_for_what_an_earlier_call_places_after_it()
    {
        var (waiting, elsewhere) = (_world.Enter(Place("a")), _world.Enter(ClaimedRequest.Operation("POST /fapi/v1/order", "symbol=ETHUSDT&newClientOrderId=c&side=BUY", idIsGenerated: false)));
        Table.LeaveCancel(_world.Enter(CancelAll()));
        var later = _world.Enter(Place("b"));

        waiting.IsOvertaken(OrderName.Of(Place("a"))).ShouldBeFalse("it may close a position");
        _world.Ask(waiting, Place("a")).Claim.ShouldNotBeNull().CancelWanted.ShouldBeTrue();
        _world.Ask(later, Place("b")).Claim.ShouldNotBeNull().CancelWanted.ShouldBeFalse("it was asked for after the cancel");
        elsewhere.CancelOf(OrderName.Of(ClaimedRequest.Operation("POST /fapi/v1/order", "symbol=ETHUSDT&newClientOrderId=c&side=BUY", idIsGenerated: false))).ShouldBe(0);
    }

    [Fact]
    public void A_call_that_ends_before_it_met_the_record_is_told_of_what_an_earlier_call_has_sent()
    {
        var claim = _world.Doubt(Place("a"));
        var call = _world.Enter(Place("a"));

        Table.Close(call).ShouldBe([claim]);
    }

    [Fact]
    public void A_call_that_ends_before_it_met_the_record_is_not_told_of_what_did_nothing_or_of_other_terms()
    {
        _world.Settle(_world.Doubt(Place("a")), Absent);
        _world.Doubt(Place("b", side: "SELL"));

        Table.Close(_world.Enter(Place("a"))).ShouldBeEmpty();
        Table.Close(_world.Enter(Place("b"))).ShouldBeEmpty();
    }

    // The journal's verdicts.

    [Fact]
    public void An_order_in_doubt_of_an_earlier_run_owes_one_telling()
    {
        var operation = Place("a");
        var claim = Table.Restore(operation, ClaimedRequest.OriginOf("account"), Entry(JournalState.Open), _world.Options);
        claim.State.ShouldBe(ClaimState.InDoubt);
        Table.InDoubtCount.ShouldBe(1);
        Table.FindEntry(claim.Key, "entry").ShouldBe(claim);
        _world.Settle(claim, Found);
        _world.Pass(TimeSpan.FromHours(1));

        _world.IsNew(operation).ShouldBeFalse();
        _world.Pass(_world.Options.VerdictRetention);
        _world.IsNew(operation).ShouldBeTrue();
    }

    [Fact]
    public void A_restored_verdict_answers_every_call_that_met_its_name()
    {
        var restored = Table.RestoreVerdict(Place("a"), ClaimedRequest.OriginOf("account"), Entry(JournalState.Executed) with { CancelWanted = true }).ShouldNotBeNull();
        Table.RestoreVerdict(Place("a"), ClaimedRequest.OriginOf("account"), Entry(JournalState.Executed)).ShouldBeNull("it was restored before");
        var (first, second) = (_world.Enter(Place("a")), _world.Enter(Place("a")));
        var claim = _world.Ask(first, Place("a")).Claim.ShouldNotBeNull("it stands in nobody's way but in the journal");
        _world.Ask(second, Place("a")).Claim.ShouldBe(claim);

        Table.Answer(first, claim, Entry(JournalState.Executed)).ShouldBe(restored);

        claim.Verdict.IsCompletedSuccessfully.ShouldBeTrue("the second waits for it");
        claim.Latest.ShouldBe(restored);
        claim.EntryId.ShouldBeNull("two claims must not write one entry");
        second.Joined.ShouldBe([restored]);
        _world.Tell(first, restored);
        _world.Cut(second);
        restored.Delivery.IsOwing.ShouldBeTrue();
    }

    [Fact]
    public void A_verdict_of_the_journal_that_was_not_restored_is_the_claims_own()
    {
        var call = _world.Enter(Place("a"));
        var claim = _world.Ask(call, Place("a")).Claim!;

        Table.Answer(call, claim, Entry(JournalState.Executed)).ShouldBe(claim);

        claim.Outcome.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
        claim.SettledAt.ShouldBe(Written);
        _world.Tell(call, claim);
        _world.PassSeconds(61);
        _world.IsNew(Place("a")).ShouldBeTrue();
    }

    // Memory.

    [Fact]
    public void After_a_long_quiet_time_nothing_is_remembered()
    {
        _world.Run(Place("a"), Found);
        _world.Settle(_world.Doubt(Place("b")), Found);
        _world.Settle(_world.Doubt(Place("c")), Absent);
        var rechecked = _world.Doubt(Place("d"));
        _world.Settle(rechecked, Absent, rechecks: 1);
        var late = _world.Enter(Place("e"));
        var lateClaim = _world.Ask(late, Place("e")).Claim!;
        _world.Cut(late);
        Table.TryLeave(late, lateClaim, static () => ClaimedRequest.Window).ShouldBeTrue();
        _world.Settle(lateClaim, Found);
        _world.Run(Amend("a", 1), Found);
        _world.Run(Amend("a", 2), Found);
        Table.RestoreVerdict(Place("f"), ClaimedRequest.OriginOf("account"), Entry(JournalState.NotExecuted) with { RechecksLeft = 1 });
        var restored = Table.RestoreVerdict(Place("g"), ClaimedRequest.OriginOf("account"), Entry(JournalState.Executed) with { Id = "second" })!;
        Table.Count.ShouldBeGreaterThan(5);

        rechecked.RechecksLeft = 0;
        Table.FollowedUp(rechecked);
        restored.RechecksLeft = 0;
        Table.FollowedUp(restored);
        _world.PassQuietly();

        Table.Count.ShouldBe(1, "what an earlier run left is not followed up yet");
        Table.OpenToEvidence.ShouldBeEmpty();
    }

    [Fact]
    public void A_hundred_thousand_orders_leave_nothing_behind()
    {
        for (var i = 0; i < 100_000; i++)
        {
            var order = Place($"o{i}");
            switch (i % 4)
            {
                case 0:
                    _world.Settle(_world.Doubt(order), i % 8 == 0 ? Found : Absent);
                    break;
                case 1:
                    _world.Run(order, Absent);
                    break;
                default:
                    _world.Run(order, Found);
                    break;
            }

            _world.Pass(TimeSpan.FromMilliseconds(50));
        }

        // The verdicts that nobody fetched, and the answers of ten minutes.
        Table.Count.ShouldBeLessThan(12_500 + (11 * 60 * 20) + 1_000);
        _world.PassQuietly();
        Table.Count.ShouldBe(0);
    }

    private static ClaimOrigin Origin(AccountIdentity account) => ClaimedRequest.OriginOf("account") with { Account = account };

    private static JournalEntry Entry(JournalState state) => new()
    {
        Id = "entry",
        Run = "earlier",
        Key = new JournalKey("fapi.test", "account", "BTCUSDT", OperationKind.Place, "a"),
        AccountName = "account",
        ClientName = "futures",
        Host = new Uri("https://fapi.test"),
        Venue = "BinanceUsdFutures",
        Method = "POST",
        Path = "/fapi/v1/order",
        ClientOrderId = "a",
        Fingerprint = Place("a").Fingerprint,
        CreatedAt = Written,
        Attempts = [new JournalAttempt(1_000, 6_000, 5_000)],
        State = state,
    };
}
