using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>How the limits of exchangeInfo are read, and what leaves the documented ones in force.</summary>
public sealed class ObservedLimitsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ObservedLimits _limits;

    public ObservedLimitsTests() => _limits = new(_time, 2400, 300, 1200);

    [Fact]
    public void The_exchanges_own_figures_replace_the_documented_ones()
    {
        Read("""{"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50}],"symbols":[""").ShouldBeTrue();

        Weight.ShouldBe(6000);
        _limits.For(new ExchangeErrorHandlingOptions()).OrdersPer10Seconds.ShouldBe(50);
    }

    [Theory]
    [InlineData("""{"rate\uDC00":[],"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1}]}""")]
    [InlineData("""{"rateLimits":[{"\uD800":1,"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1}]}""")]
    [InlineData("""{"rateLimits":[{"rateLimitType":"\uD800","interval":"MINUTE","intervalNum":1,"limit":1}]}""")]
    [InlineData("""{"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":0}]}""")]
    [InlineData("""{"rateLimits":7}""")]
    public void What_cannot_be_read_leaves_the_documented_ones(string exchangeInfo)
    {
        Read(exchangeInfo);

        Weight.ShouldBe(2400);
    }

    [Fact]
    public void Orders_a_minute_are_read_and_what_is_unknown_is_passed_over()
    {
        Read("""{"timezone":"UTC","nested":{"rateLimits":[{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":7}]},"rateLimits":[{"notes":{"limit":9},"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":800},{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":5},{"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":1,"limit":6}]}""").ShouldBeTrue();

        var read = _limits.For(new ExchangeErrorHandlingOptions());
        (read.WeightPerMinute, read.OrdersPer10Seconds, read.OrdersPerMinute).ShouldBe((2400, 300, 800));
        Read("{}").ShouldBeFalse();
        Read("[]").ShouldBeFalse();
    }

    [Fact]
    public void Configuration_goes_before_both_and_a_probe_is_waited_for_longer_than_its_attempt_may_take()
    {
        var options = new ExchangeErrorHandlingOptions { AttemptTimeout = TimeSpan.FromSeconds(4) };
        (options.Limits.WeightPerMinute, options.Limits.OrdersPer10Seconds, options.Limits.OrdersPerMinute, options.Limits.MaxWaiters, options.Limits.PaceBeforeLimit) = (1, 2, 3, 4, false);

        _limits.For(options).ShouldBe(new LimitSettings { WeightPerMinute = 1, OrdersPer10Seconds = 2, OrdersPerMinute = 3, MaxWaiters = 4, PaceBeforeLimit = false, ProbeTimeout = TimeSpan.FromSeconds(9) });
        Weight.ShouldBe(2400, "each client has its own");
    }

    [Fact]
    public void One_asks_and_after_a_failure_one_more_each_minute()
    {
        _limits.ShouldAsk().ShouldBeTrue();
        _limits.ShouldAsk().ShouldBeFalse();

        _limits.AskAgainLater();
        _limits.ShouldAsk().ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        _limits.ShouldAsk().ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        _limits.ShouldAsk().ShouldBeTrue();
        _limits.ShouldAsk().ShouldBeFalse();
    }

    private int? Weight => _limits.For(new ExchangeErrorHandlingOptions()).WeightPerMinute;

    private bool Read(string exchangeInfo) => _limits.Read(Encoding.UTF8.GetBytes(exchangeInfo));
}
