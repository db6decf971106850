using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Who may leave, who must wait and what is counted: the table's rules without a wire.</summary>
public sealed class ClaimLedgerTests
{
    private const string Environment = "env";
    private const string Account = "account";
    private const string Place = "POST /fapi/v1/order";
    private const string Amend = "PUT /fapi/v1/order";

    private static readonly ClaimOrigin Origin = new("futures", ExchangeVenue.BinanceUsdFutures, new Uri("https://fapi.test"), CanAsk: true);
    private static readonly Verdict Executed = new(ExecutionStatus.Executed, null, null, "found");

    private readonly ManualTimeProvider _time = new();
    private readonly ClaimTable _table;

    public ClaimLedgerTests() => _table = new ClaimTable(_time, ClaimedRequest.NoJournal(_time));

    [Fact]
    public void A_placed_order_is_found_by_symbol_and_id_or_by_id_alone()
    {
        var claim = Order("a");

        _table.FindPlace(Environment, Account, "BTCUSDT", "a").ShouldBeSameAs(claim);
        _table.FindPlace(Environment, Account, null, "a").ShouldBeSameAs(claim);
        _table.FindPlace(Environment, Account, "ETHUSDT", "a").ShouldBeNull();
        _table.FindPlace(Environment, Account, null, "b").ShouldBeNull();
        _table.FindPlace(Environment, "other", null, "a").ShouldBeNull();
        _table.FindPlace("other", Account, null, "a").ShouldBeNull();
        _table.FindPlace("other", Account, "BTCUSDT", "a").ShouldBeNull();
    }

    [Fact]
    public void An_amendment_is_no_placed_order()
    {
        Amendment("origClientOrderId=a&price=1").Answer.ShouldBe(ClaimAnswer.Go);

        _table.FindPlace(Environment, Account, "BTCUSDT", "a").ShouldBeNull();
        _table.FindPlace(Environment, Account, null, "a").ShouldBeNull();
    }

    [Fact]
    public void Placing_is_remembered_by_symbol_and_one_without_a_symbol_counts_for_all()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var before = _time.GetTimestamp();
        _table.PlacedSince(Environment, Account, "BTCUSDT", before).ShouldBeFalse();

        _table.NotePlaced(Environment, Account, "BTCUSDT");

        _table.PlacedSince(Environment, Account, "BTCUSDT", before).ShouldBeTrue("the same moment may be after");
        _table.PlacedSince(Environment, Account, "BTCUSDT", before + 1).ShouldBeFalse();
        _table.PlacedSince(Environment, Account, "ETHUSDT", before).ShouldBeFalse();
        _table.PlacedSince(Environment, "other", "BTCUSDT", before).ShouldBeFalse();
        _table.PlacedSince("other", Account, "BTCUSDT", before).ShouldBeFalse();

        _table.NotePlaced(Environment, Account, null);
        _table.PlacedSince(Environment, Account, "ETHUSDT", before).ShouldBeTrue();
        _table.PlacedSince(Environment, Account, "ETHUSDT", before + 1).ShouldBeFalse();
    }

    [Fact]
    public void What_is_in_doubt_is_counted_once_and_no_longer_than_it_lasts()
    {
        var (a, b) = (Order("a"), Order("b"));
        _table.InDoubtCount.ShouldBe(0);

        _table.MarkInDoubt(a, LocalErrors.ConnectionLost(), null).ShouldBeTrue();
        _table.MarkInDoubt(a, LocalErrors.ConnectionLost(), null).ShouldBeFalse();
        _table.MarkInDoubt(b, LocalErrors.ConnectionLost(), null).ShouldBeTrue();
        _table.InDoubtCount.ShouldBe(2);
        _table.InDoubt.ShouldBe([a, b], ignoreOrder: true);

        _table.Resume(a);
        _table.InDoubtCount.ShouldBe(1);
        _table.InDoubt.ShouldBe([b]);

        _table.Settle(a, Executed);
        _table.InDoubtCount.ShouldBe(1, "it was in flight");
        _table.Settle(b, Executed);
        _table.InDoubtCount.ShouldBe(0);
    }

    [Fact]
    public void A_finding_the_owner_has_not_taken_yet_leaves_the_order_in_doubt()
    {
        var claim = Order("a");
        _table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), null);

        _table.TryConclude(claim, Executed).ShouldBeTrue();
        _table.InDoubtCount.ShouldBe(1);
        _table.TryConclude(claim, Executed).ShouldBeFalse();

        _table.OwnerLeaves(claim);
        _table.InDoubtCount.ShouldBe(0);
        _table.OwnerLeaves(claim);
        _table.InDoubtCount.ShouldBe(0);
    }

    [Fact]
    public void A_finding_after_the_owner_left_ends_the_doubt()
    {
        var claim = Doubtful("a");
        _table.InDoubtCount.ShouldBe(1);

        _table.TryConclude(claim, Executed).ShouldBeTrue();

        _table.InDoubtCount.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, ClaimAnswer.TooManyInDoubt)]
    [InlineData(2, ClaimAnswer.Go)]
    public void As_many_may_be_in_doubt_as_configured(int most, object expected)
    {
        Doubtful("a");

        var grant = Ask(Place, "newClientOrderId=b&side=SELL", options: new ReconciliationOptions { MaxInDoubt = most });

        grant.Answer.ShouldBe((ClaimAnswer)expected);
        (grant.Claim is null).ShouldBe(most == 1);
    }

    [Theory]
    [InlineData("in flight")]
    [InlineData("in doubt")]
    [InlineData("settled")]
    public void The_same_request_joins_and_another_under_its_id_is_refused_until_the_verdict_was_heard(string state)
    {
        var claim = state == "in doubt" ? Doubtful("a") : Order("a");
        if (state == "settled")
        {
            _table.Settle(claim, Executed);
        }

        Ask(Place, "newClientOrderId=a&side=BUY").ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
        Ask(Place, "newClientOrderId=a&side=SELL").ShouldBe(new ClaimGrant(ClaimAnswer.OtherRequest, claim));

        _table.End(claim);
        Ask(Place, "newClientOrderId=a&side=SELL").Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void What_did_nothing_frees_its_id_for_any_request()
    {
        var claim = Order("a");
        _table.Settle(claim, claim.ProvenAbsent("absent"));

        var next = Ask(Place, "newClientOrderId=a&side=SELL");

        next.Answer.ShouldBe(ClaimAnswer.Go);
        next.Claim.ShouldNotBeSameAs(claim);
        _table.End(claim);
        Ask(Place, "newClientOrderId=a&side=SELL").ShouldBe(new ClaimGrant(ClaimAnswer.Join, next.Claim), "the end of the old claim does not end the new one");
        _table.KeepUnheard(claim);
        Ask(Place, "newClientOrderId=a&side=SELL").ShouldBe(new ClaimGrant(ClaimAnswer.Join, next.Claim));
    }

    [Fact]
    public void Amendments_of_one_order_leave_one_after_the_other()
    {
        var first = Amendment("origClientOrderId=a&price=1");
        first.Answer.ShouldBe(ClaimAnswer.Go);

        Amendment("origClientOrderId=a&price=1").ShouldBe(first with { Answer = ClaimAnswer.Join });
        Amendment("origClientOrderId=a&price=2").ShouldBe(first with { Answer = ClaimAnswer.Serialise });
        Amendment("origClientOrderId=b&price=2").Answer.ShouldBe(ClaimAnswer.Go);
        Amendment("orderId=7&price=2").Answer.ShouldBe(ClaimAnswer.Serialise, "nobody can tell whether it is the same order");

        _table.MarkInDoubt(first.Claim!, LocalErrors.ConnectionLost(), null);
        Amendment("origClientOrderId=a&price=2").Answer.ShouldBe(ClaimAnswer.Serialise);

        _table.Settle(first.Claim!, Executed);
        Amendment("origClientOrderId=a&price=1").ShouldBe(first with { Answer = ClaimAnswer.Join });
        var second = Amendment("origClientOrderId=a&price=2");
        second.Answer.ShouldBe(ClaimAnswer.Go, "an amendment that is over stands in nobody's way");
        second.Claim.ShouldNotBeSameAs(first.Claim);
    }

    [Theory]
    [InlineData(Environment, Account, "ETHUSDT")]
    [InlineData(Environment, "other", "BTCUSDT")]
    [InlineData("other", Account, "BTCUSDT")]
    public void Amendments_elsewhere_do_not_wait(string environment, string account, string symbol)
    {
        Amendment("orderId=7&price=1").Answer.ShouldBe(ClaimAnswer.Go);

        Ask(Amend, "origClientOrderId=a&price=2", environment: environment, account: account, symbol: symbol).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void A_place_does_not_wait_for_an_amendment()
    {
        Amendment("orderId=7&price=1").Answer.ShouldBe(ClaimAnswer.Go);

        Ask(Place, "newClientOrderId=a&price=1").Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Theory]
    [InlineData(Environment, Account, "BTCUSDT", "side=BUY", true, ClaimAnswer.TwinInDoubt)]
    [InlineData(Environment, Account, "BTCUSDT", "side=SELL", true, ClaimAnswer.Go)]
    [InlineData(Environment, Account, "BTCUSDT", "side=BUY", false, ClaimAnswer.Go)]
    [InlineData(Environment, Account, "ETHUSDT", "side=BUY", true, ClaimAnswer.Go)]
    [InlineData(Environment, "other", "BTCUSDT", "side=BUY", true, ClaimAnswer.Go)]
    [InlineData("other", Account, "BTCUSDT", "side=BUY", true, ClaimAnswer.Go)]
    public void An_equal_order_without_an_id_of_its_own_waits_for_its_twin_in_doubt(string environment, string account, string symbol, string terms, bool generated, object expected)
    {
        Doubtful("g1", generated: true);

        Ask(Place, $"newClientOrderId=g2&{terms}", generated, environment, account, symbol).Answer.ShouldBe((ClaimAnswer)expected);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_verdict_nobody_heard_answers_the_repeat_of_an_order_that_had_no_id(bool generated, bool joins)
    {
        var claim = Doubtful("a", generated);
        _table.TryConclude(claim, Executed);

        var repeat = Ask(Place, "newClientOrderId=g2&side=BUY", generated: true);

        repeat.Answer.ShouldBe(joins ? ClaimAnswer.Join : ClaimAnswer.Go);
        ReferenceEquals(repeat.Claim, claim).ShouldBe(joins);
    }

    [Fact]
    public void A_twin_that_proved_absent_holds_nobody()
    {
        var claim = Doubtful("g1", generated: true);
        _table.TryConclude(claim, claim.ProvenAbsent("absent"));

        Ask(Place, "newClientOrderId=g2&side=BUY", generated: true).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void The_id_of_a_refused_twin_is_free_again_when_the_verdict_was_heard()
    {
        var claim = Doubtful("g1", generated: true);
        var other = Doubtful("b", side: "SELL");
        Ask(Place, "newClientOrderId=g2&side=BUY", generated: true).Answer.ShouldBe(ClaimAnswer.TwinInDoubt);
        Ask(Place, "newClientOrderId=g2&side=BUY").ShouldBe(new ClaimGrant(ClaimAnswer.TwinInDoubt, claim), "though the message bears the id now");

        _table.End(other);
        Ask(Place, "newClientOrderId=g2&side=BUY").Answer.ShouldBe(ClaimAnswer.TwinInDoubt, "another's end frees nothing");
        _table.Settle(claim, Executed);
        _table.End(claim);
        Doubtful("c", side: "SELL");

        Ask(Place, "newClientOrderId=g2&side=BUY").Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void An_equal_order_is_taken_for_a_repeat_for_one_minute(int seconds, bool joins)
    {
        var claim = Doubtful("g1", generated: true);
        _table.TryConclude(claim, Executed);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Ask(Place, "newClientOrderId=g2&side=BUY", generated: true).Answer.ShouldBe(joins ? ClaimAnswer.Join : ClaimAnswer.Go);
    }

    [Theory]
    [InlineData(120, true)]
    [InlineData(121, false)]
    public void A_verdict_nobody_fetches_is_kept_as_long_as_configured(int seconds, bool kept)
    {
        var options = new ReconciliationOptions { VerdictRetention = TimeSpan.FromMinutes(2) };
        var claim = Order("a");
        _table.Settle(claim, Executed);
        _table.KeepUnheard(claim);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Ask(Place, "newClientOrderId=a&side=BUY", options: options).Answer.ShouldBe(kept ? ClaimAnswer.Join : ClaimAnswer.Go);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_finding_nobody_fetches_is_kept_as_long_as_configured_whoever_left_first(bool ownerFirst)
    {
        var options = new ReconciliationOptions { VerdictRetention = TimeSpan.FromMinutes(2) };
        var claim = Order("a");
        _table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), null);
        if (ownerFirst)
        {
            _table.OwnerLeaves(claim);
            _table.TryConclude(claim, Executed).ShouldBeTrue();
        }
        else
        {
            _table.TryConclude(claim, Executed).ShouldBeTrue();
            _table.OwnerLeaves(claim);
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        Ask(Place, "newClientOrderId=a&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Join);
        _time.Advance(TimeSpan.FromMinutes(2));
        Ask(Place, "newClientOrderId=a&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void The_table_is_swept_once_a_minute_and_no_more()
    {
        var options = new ReconciliationOptions { VerdictRetention = TimeSpan.FromSeconds(1) };
        var (a, b) = (Order("a"), Order("b", "SELL"));
        Settle(a);
        _time.Advance(TimeSpan.FromSeconds(59));
        Ask(Place, "newClientOrderId=a&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Join, "not swept yet");
        Settle(b);
        _time.Advance(TimeSpan.FromSeconds(2));
        Ask(Place, "newClientOrderId=a&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Go);
        Ask(Place, "newClientOrderId=b&side=SELL", options: options).Answer.ShouldBe(ClaimAnswer.Go);

        var c = Order("c");
        Settle(c);
        _time.Advance(TimeSpan.FromSeconds(58));
        Ask(Place, "newClientOrderId=c&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Join, "the last sweep is less than a minute ago");
        _time.Advance(TimeSpan.FromSeconds(3));
        Ask(Place, "newClientOrderId=c&side=BUY", options: options).Answer.ShouldBe(ClaimAnswer.Go);
    }

    [Fact]
    public void What_is_in_doubt_is_never_swept()
    {
        var claim = Doubtful("a");
        _time.Advance(TimeSpan.FromDays(30));

        Ask(Place, "newClientOrderId=a&side=BUY").ShouldBe(new ClaimGrant(ClaimAnswer.Join, claim));
    }

    private void Settle(Claim claim)
    {
        _table.Settle(claim, Executed);
        _table.KeepUnheard(claim);
    }

    private Claim Order(string id, string side = "BUY") => Granted(id, side, generated: false);

    private Claim Doubtful(string id, bool generated = false, string side = "BUY")
    {
        var claim = Granted(id, side, generated);
        _table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), null).ShouldBeTrue();
        _table.OwnerLeaves(claim);
        return claim;
    }

    private Claim Granted(string id, string side, bool generated)
    {
        var grant = Ask(Place, $"newClientOrderId={id}&side={side}", generated);
        grant.Answer.ShouldBe(ClaimAnswer.Go);
        return grant.Claim.ShouldNotBeNull();
    }

    private ClaimGrant Amendment(string parameters) => Ask(Amend, parameters);

    private ClaimGrant Ask(
        string route, string parameters, bool generated = false, string environment = Environment, string account = Account, string symbol = "BTCUSDT", ReconciliationOptions? options = null)
    {
        var operation = ClaimedRequest.Operation(route, $"symbol={symbol}&{parameters}", generated);
        return _table.TryClaim(new ClaimKey(environment, account, symbol, operation.Kind, operation.TargetId!), operation, Origin, options ?? new());
    }
}
