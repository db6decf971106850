using ExchangeResilience.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What the table says to a request that comes after another of its kind was settled with nobody there to hear.</summary>
public sealed class ClaimTableTests
{
    private static readonly ExchangeEndpoint Place = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Post, "/fapi/v1/order");
    private static readonly ClaimOrigin Origin = new("futures", ExchangeVenue.BinanceUsdFutures, new Uri("https://fapi.test"), CanAsk: true);

    private readonly ManualTimeProvider _time = new();
    private readonly ClaimTable _table;

    public ClaimTableTests() => _table = new ClaimTable(_time, new ClaimJournal(journal: null, shared: null, _time, new RandomSource(new Random(1)), NullLogger<ClaimJournal>.Instance));

    [Theory]
    [InlineData("side=BUY", true)]
    [InlineData("side=SELL", false)]
    public void A_cancel_kept_for_an_order_that_proved_absent_is_kept_for_its_repeat_and_for_no_other(string terms, bool kept)
    {
        var lost = Abandon("a", "side=BUY", generated: false);
        lost.KeepCancel();
        _table.TryConclude(lost, lost.ProvenAbsent("absent")).ShouldBeTrue();

        var (answer, repeat) = Claim("a", terms, generated: false);

        answer.ShouldBe(ClaimAnswer.Go);
        repeat.ShouldNotBeNull().CancelWanted.ShouldBe(kept);
    }

    [Fact]
    public void An_equal_order_is_given_an_unheard_verdict_for_a_minute_and_is_a_new_order_after_that()
    {
        var lost = Abandon("g1", "side=BUY", generated: true);
        Claim("g2", "side=BUY", generated: true).Answer.ShouldBe(ClaimAnswer.TwinInDoubt);
        _table.TryConclude(lost, new Verdict(ExecutionStatus.Executed, null, null, "found")).ShouldBeTrue();

        Claim("g3", "side=BUY", generated: true).ShouldBe(new ClaimGrant(ClaimAnswer.Join, lost));
        Claim("g2", "side=BUY", generated: false).ShouldBe(new ClaimGrant(ClaimAnswer.Join, lost), "the refused message, sent again");
        Claim("own", "side=BUY", generated: false).Answer.ShouldBe(ClaimAnswer.Go);

        _time.Advance(TimeSpan.FromSeconds(61));
        Claim("g4", "side=BUY", generated: true).Answer.ShouldBe(ClaimAnswer.Go);
        Claim("g1", "side=BUY", generated: true).ShouldBe(new ClaimGrant(ClaimAnswer.Join, lost), "the same id still fetches the verdict");
    }

    [Fact]
    public void An_amendment_that_names_the_order_by_its_other_id_waits_for_the_one_under_way()
    {
        var endpoint = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Put, "/fapi/v1/order");
        _table.TryClaim(Key("7", OperationKind.Amend), Read(endpoint, "symbol=BTCUSDT&orderId=7&price=1"), Origin, new()).Answer.ShouldBe(ClaimAnswer.Go);

        _table.TryClaim(Key("a", OperationKind.Amend), Read(endpoint, "symbol=BTCUSDT&origClientOrderId=a&price=2"), Origin, new()).Answer.ShouldBe(ClaimAnswer.Serialise);
        _table.TryClaim(Key("8", OperationKind.Amend), Read(endpoint, "symbol=BTCUSDT&orderId=8&price=2"), Origin, new()).Answer.ShouldBe(ClaimAnswer.Go);
    }

    private Claim Abandon(string id, string terms, bool generated)
    {
        var claim = Claim(id, terms, generated).Claim.ShouldNotBeNull();
        _table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue();
        _table.OwnerLeaves(claim);
        return claim;
    }

    private ClaimGrant Claim(string id, string terms, bool generated) =>
        _table.TryClaim(Key(id, OperationKind.Place), OperationReader.Read(Place, new RequestParameters($"symbol=BTCUSDT&newClientOrderId={id}&{terms}", null), generated), Origin, new());

    private static ExchangeOperation Read(ExchangeEndpoint endpoint, string query) => OperationReader.Read(endpoint, new RequestParameters(query, null));

    private static ClaimKey Key(string id, OperationKind kind) => new("env", "account", "BTCUSDT", kind, id);
}
