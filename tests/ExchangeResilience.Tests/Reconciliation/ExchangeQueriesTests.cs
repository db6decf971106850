using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Which question is put to which host, word for word.</summary>
public sealed class ExchangeQueriesTests
{
    private readonly AskedExchange _exchange = new(new ManualTimeProvider());
    private readonly ExchangeQueries _ask;

    public ExchangeQueriesTests() => _ask = new ExchangeQueries(_exchange, new AccountCodes(new AccountBook(), _exchange, TimeProvider.System));

    [Theory]
    [InlineData("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("PUT /fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("PUT /fapi/v1/order", "symbol=BTCUSDT&orderId=7", "/fapi/v1/order?symbol=BTCUSDT&orderId=7")]
    [InlineData("PUT /fapi/v1/order", "symbol=BTCUSDT&orderId=7&origClientOrderId=a", "/fapi/v1/order?symbol=BTCUSDT&orderId=7")]
    [InlineData("DELETE /fapi/v1/order", "symbol=BTCUSDT&orderId=7", "/fapi/v1/order?symbol=BTCUSDT&orderId=7")]
    [InlineData("POST /fapi/v1/algoOrder", "symbol=BTCUSDT&clientAlgoId=a", "/fapi/v1/algoOrder?clientAlgoId=a")]
    [InlineData("DELETE /fapi/v1/algoOrder", "algoId=7", "/fapi/v1/algoOrder?algoId=7")]
    [InlineData("POST /fapi/v1/order", "newClientOrderId=a", "/fapi/v1/order?origClientOrderId=a")]
    [InlineData("POST /fapi/v1/order", "symbol=BTCUSDT", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=")]
    [InlineData("POST /fapi/v1/order", "symbol=%E5%B8%81%26x&newClientOrderId=a%2Fb%26c", "/fapi/v1/order?symbol=%E5%B8%81%26X&origClientOrderId=a%2Fb%26c")]
    [InlineData("PUT /fapi/v1/order", "symbol=BTCUSDT&orderId=7%267", "/fapi/v1/order?symbol=BTCUSDT&orderId=7%267")]
    public async Task An_order_is_asked_for_by_the_id_it_was_named_by(string route, string parameters, string question)
    {
        var claim = ClaimedRequest.Of(route, parameters);

        await _ask.OrderAsync(claim.Origin, claim.Operation, TestContext.Current.CancellationToken);

        ShouldHaveAsked("GET", question);
    }

    [Fact]
    public async Task A_kept_cancel_names_the_order_in_the_same_way()
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a");

        await _ask.CancelAsync(claim, TestContext.Current.CancellationToken);

        ShouldHaveAsked("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a");
    }

    [Fact]
    public async Task Amendments_are_asked_for_at_a_path_of_their_own()
    {
        var claim = ClaimedRequest.Of("PUT /fapi/v1/order", "symbol=BTCUSDT&orderId=7");

        await _ask.AmendmentsAsync(claim.Origin, claim.Operation, TestContext.Current.CancellationToken);

        ShouldHaveAsked("GET", "/fapi/v1/orderAmendment?symbol=BTCUSDT&orderId=7");
    }

    [Theory]
    [InlineData("symbol=BTCUSDT", "/fapi/v1/allOrders?symbol=BTCUSDT&startTime=12345&limit=1000")]
    [InlineData("symbol=a%26b", "/fapi/v1/allOrders?symbol=A%26B&startTime=12345&limit=1000")]
    [InlineData("side=BUY", "/fapi/v1/allOrders?symbol=&startTime=12345&limit=1000")]
    public async Task The_history_is_asked_for_from_a_moment_on(string parameters, string question)
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", parameters);

        await _ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, 12345, TestContext.Current.CancellationToken);

        ShouldHaveAsked("GET", question);
    }

    [Theory]
    [InlineData("{\"serverTime\":1700000000000}", 1700000000000)]
    [InlineData("{}", null)]
    [InlineData("{\"code\":-1003,\"msg\":\"Too many requests\",\"serverTime\":1700000000000}", null)]
    [InlineData(null, null)]
    public async Task The_time_is_the_exchanges_own_or_none(string? answer, long? expected)
    {
        _exchange.Answers = _ => answer;

        (await _ask.TimeAsync(ClaimedRequest.Of("POST /fapi/v1/order", "").Origin, TestContext.Current.CancellationToken)).ShouldBe(expected);

        ShouldHaveAsked("GET", "/fapi/v1/time");
    }

    [Theory]
    [InlineData(-2013, ErrorCategory.OrderNotFound, true)]
    [InlineData(-2013, ErrorCategory.Unclassified, false)]
    [InlineData(-2011, ErrorCategory.OrderNotFound, false)]
    public void Only_the_exchanges_own_code_says_that_an_order_is_absent(int code, ErrorCategory category, bool absent) =>
        ExchangeQueries.SaysAbsent(new QueryResult(LocalErrors.ConnectionLost() with { Code = code, Category = category }, default), ExchangeVenue.BinanceUsdFutures).ShouldBe(absent);

    [Fact]
    public void A_reply_that_is_no_error_says_nothing_of_absence() => ExchangeQueries.SaysAbsent(default, ExchangeVenue.BinanceUsdFutures).ShouldBeFalse();

    private void ShouldHaveAsked(string method, string pathAndQuery)
    {
        var asked = _exchange.Asked.ShouldHaveSingleItem();
        asked.ClientName.ShouldBe("futures");
        asked.Method.ShouldBe(method);
        asked.Uri.ShouldBe(new Uri($"https://fapi.test{pathAndQuery}"));
    }
}
