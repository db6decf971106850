using System.Net;
using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What an order in the journal means to the program that finds it there.</summary>
public sealed class StandingEntryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly JournalAttempt Attempt = new(1_000, 6_000, 5_000);

    [Theory]
    [InlineData(JournalState.Open, true, JournalConflict.InDoubt)]
    [InlineData(JournalState.Open, false, JournalConflict.HasId)]
    [InlineData(JournalState.Unresolved, true, JournalConflict.InDoubt)]
    [InlineData(JournalState.Unresolved, false, JournalConflict.HasId)]
    public void What_may_have_taken_effect_is_found_out_and_holds_its_id(JournalState state, bool isSame, object expected) =>
        Meet(Entry() with { State = state }, isSame, Now).ShouldBe((JournalConflict)expected);

    [Theory]
    [InlineData(true, true, 10, JournalConflict.HasVerdict)]
    [InlineData(true, true, 11, JournalConflict.IsOfUnknownAge)]
    [InlineData(true, false, 20, JournalConflict.HasVerdict)]
    [InlineData(true, false, 21, JournalConflict.IsOfUnknownAge)]
    [InlineData(false, true, 10, JournalConflict.IsAnother)]
    [InlineData(false, false, 20, JournalConflict.IsAnother)]
    [InlineData(false, false, 21, JournalConflict.IsAnother)]
    public void A_verdict_answers_the_same_order_for_a_while_and_stands_in_the_way_of_no_other(bool isSame, bool heard, int minutes, object expected)
    {
        var entry = Entry() with { State = JournalState.Executed, Heard = heard, SettledAt = Now };

        Meet(entry, isSame, Now + TimeSpan.FromMinutes(minutes)).ShouldBe((JournalConflict)expected);
        Meet(entry with { SettledAt = null, CreatedAt = Now }, isSame, Now + TimeSpan.FromMinutes(minutes)).ShouldBe((JournalConflict)expected, "by when it was written, where nobody knows when it was settled");
    }

    [Fact]
    public void An_amendment_that_is_over_stands_in_nobodys_way()
    {
        var entry = Entry() with { State = JournalState.Executed, SettledAt = Now };

        Meet(entry with { Key = entry.Key with { Kind = OperationKind.Amend } }, isSame: false, Now).ShouldBe(JournalConflict.IsAnother);
    }

    [Theory]
    [InlineData(JournalState.NotExecuted)]
    [InlineData(JournalState.Unresolved)]
    public void What_was_not_executed_is_told_as_an_earlier_runs(JournalState state)
    {
        var verdict = JournalRules.VerdictOf(Entry() with { State = state, Evidence = "three answers", Reply = new byte[] { 1 }, ReplyStatus = 200 });

        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        verdict.Reply.ShouldBeNull();
        verdict.Evidence.ShouldBe("three answers");
        var error = verdict.Error.ShouldNotBeNull();
        error.Name.ShouldBe("SETTLED_ELSEWHERE");
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public void What_was_executed_is_told_with_the_reply_that_was_kept()
    {
        var verdict = JournalRules.VerdictOf(Entry() with { State = JournalState.Executed, Reply = "{\"orderId\":1}"u8.ToArray(), ReplyStatus = 201, ReplyMediaType = "text/x" });

        verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        verdict.Error.ShouldBeNull();
        verdict.Evidence.ShouldBe("the journal");
        var reply = verdict.Reply.ShouldNotBeNull();
        (reply.Status, Encoding.UTF8.GetString(reply.Body), reply.MediaType).ShouldBe((HttpStatusCode.Created, "{\"orderId\":1}", "text/x"));
    }

    [Theory]
    [InlineData("a", "7", "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a\",\"orderId\":\"7\"}")]
    [InlineData("a", null, "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a\"}")]
    [InlineData(null, "7", "{\"symbol\":\"BTCUSDT\",\"orderId\":\"7\"}")]
    public void What_was_executed_without_a_reply_is_told_with_the_name_of_the_order(string? clientOrderId, string? orderId, string body)
    {
        var reply = JournalRules.VerdictOf(Entry() with { State = JournalState.Executed, ClientOrderId = clientOrderId, OrderId = orderId }).Reply.ShouldNotBeNull();

        (reply.Status, Encoding.UTF8.GetString(reply.Body), reply.MediaType).ShouldBe((HttpStatusCode.OK, body, "application/json"));
    }

    [Theory]
    [InlineData("BTCUSDT", "BTCUSDT")]
    [InlineData("", null)]
    public void The_request_an_entry_stands_for_is_whole_enough_for_evidence(string symbol, string? expected)
    {
        var endpoint = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Post, "/fapi/v1/order");
        var entry = Entry() with { OrderId = "7", IdIsGenerated = true, Side = "BUY", Type = "LIMIT", Quantity = 1, Price = 2 };

        var operation = JournalRules.OperationOf(entry with { Key = entry.Key with { Symbol = symbol } }, endpoint);

        operation.Endpoint.ShouldBeSameAs(endpoint);
        operation.Symbol.ShouldBe(expected);
        (operation.ClientOrderId, operation.OrderId, operation.IdIsGenerated, operation.Fingerprint).ShouldBe(("a", "7", true, entry.Fingerprint));
        operation.Terms.ShouldBe(new OrderTerms("BUY", "LIMIT", 1, 2));
    }

    [Fact]
    public void A_claim_taken_over_in_doubt_is_bounded_by_what_its_attempts_were_promised()
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a");

        claim.Adopt(Entry(), LocalErrors.ToError(LocalErrors.EarlierRun));

        claim.State.ShouldBe(ClaimState.InDoubt);
        claim.LastError.ShouldNotBeNull().Name.ShouldBe("LEFT_BY_EARLIER_RUN");
        (claim.CancelWanted, claim.IdIsTaken).ShouldBe((false, false));
        claim.DeadlineMs.ShouldBe(11_000);
    }

    [Fact]
    public void What_is_known_here_and_what_the_journal_knows_add_up()
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a");
        claim.KeepCancel(1);
        claim.IdIsTaken = true;
        claim.Attempts.Promise(new JournalAttempt(1, 2, 3));

        claim.TakeOver(Entry() with { CancelWanted = true, IdIsTaken = true });

        (claim.CancelWanted, claim.IdIsTaken).ShouldBe((true, true));
        claim.Attempts.Written.ShouldBe([Attempt], "the attempt promised here was never sent");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_attempt_without_a_bound_leaves_a_claim_taken_over_without_one(int unbounded)
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a");

        claim.Adopt(Entry() with { Attempts = [Attempt, .. Enumerable.Repeat(new JournalAttempt(0, long.MaxValue, 0), unbounded)] }, LocalErrors.ToError(LocalErrors.EarlierRun));

        claim.Attempts.Windows.ShouldBeNull();
        claim.DeadlineMs.ShouldBeNull();
    }

    [Fact]
    public void The_journal_is_told_of_attempts_as_they_were_promised_else_as_they_were_stamped()
    {
        ClaimedRequest.Of("POST /fapi/v1/order", "newClientOrderId=a", ClaimedRequest.Window).Attempts.Written
            .ShouldBe([new JournalAttempt(ClaimedRequest.Stamp, ClaimedRequest.Stamp, ClaimedRequest.RecvWindow)]);
        ClaimedRequest.Of("POST /fapi/v1/order", "newClientOrderId=a", ClaimedRequest.Window, null).Attempts.Written
            .ShouldBe([new JournalAttempt(0, long.MaxValue, 0)]);

        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "newClientOrderId=a", ClaimedRequest.Window);
        claim.Attempts.AreWrittenAhead.ShouldBeFalse();
        claim.EntryId = "x";
        claim.Attempts.Promise(Attempt);
        claim.Attempts.AreWrittenAhead.ShouldBeTrue();
        claim.Attempts.Written.ShouldBe([Attempt]);

        claim.Unwrite();
        (claim.Attempts.AreWrittenAhead, claim.EntryId).ShouldBe((false, null));
        claim.Attempts.Promise(Attempt);
        claim.Attempts.Written.ShouldBe([Attempt], "what was not written is not promised");
    }

    [Theory]
    [InlineData(JournalState.Open, 0, false, false)]
    [InlineData(JournalState.Unresolved, 0, false, false)]
    [InlineData(JournalState.Executed, 0, false, true)]
    [InlineData(JournalState.Executed, 1, false, false)]
    [InlineData(JournalState.Executed, 0, true, false)]
    [InlineData(JournalState.NotExecuted, 0, false, true)]
    [InlineData(JournalState.NotExecuted, 0, true, true)]
    [InlineData(JournalState.NotExecuted, 1, false, false)]
    public void An_entry_is_finished_once_nothing_remains_to_be_asked_or_cancelled(JournalState state, int rechecks, bool cancel, bool finished) =>
        (Entry() with { State = state, RechecksLeft = rechecks, CancelWanted = cancel }).IsFinished.ShouldBe(finished);

    [Fact]
    public void A_trail_keeps_its_beginning_and_its_latest_lines()
    {
        var trail = new EvidenceTrail();
        trail.Add(Now, "first");
        for (var line = 2; line <= 130; line++)
        {
            trail.Add(FormattableString.Invariant($"{line}"));
        }

        var lines = trail.Read();
        lines.Count.ShouldBe(100);
        lines[0].ShouldBe("2026-01-02 00:00:00.000Z first");
        lines[19].ShouldBe("20");
        lines[20].ShouldBe("51");
        lines[99].ShouldBe("130");
    }

    private static JournalConflict Meet(JournalEntry entry, bool isSame, DateTimeOffset now) =>
        JournalRules.Meet(
            entry,
            ClaimedRequest.Of("POST /fapi/v1/order", isSame ? "symbol=BTCUSDT&newClientOrderId=a" : "symbol=BTCUSDT&side=SELL&newClientOrderId=a"),
            new ReconciliationOptions { RepeatsAfterRestart = TimeSpan.FromMinutes(10), VerdictRetention = TimeSpan.FromMinutes(20) },
            now,
            nowMs: null);

    private static JournalEntry Entry() => new()
    {
        Id = "entry",
        Run = "run",
        Key = new JournalKey("fapi.test", "account", "BTCUSDT", OperationKind.Place, "a"),
        ClientName = "futures",
        Host = new Uri("https://fapi.test"),
        Venue = "BinanceUsdFutures",
        Method = "POST",
        Path = "/fapi/v1/order",
        ClientOrderId = "a",
        Fingerprint = ClaimedRequest.Operation("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a").Fingerprint,
        CreatedAt = Now - TimeSpan.FromMinutes(1),
        Attempts = [Attempt],
    };
}
