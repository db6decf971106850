using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>How the limits of exchangeInfo are read, and what leaves the documented ones in force.</summary>
public sealed class ObservedLimitsTests
{
    private readonly ObservedLimits _limits = new(new ManualTimeProvider(), 2400, 300, 1200);

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

    private int? Weight => _limits.For(new ExchangeErrorHandlingOptions()).WeightPerMinute;

    private bool Read(string exchangeInfo) => _limits.Read(Encoding.UTF8.GetBytes(exchangeInfo));
}
