namespace ExchangeResilience.Tests.Operations;

/// <summary>Parts read from an address's own text are those that <see cref="Uri"/> would hand out, whatever the address looks like.</summary>
public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=100", "https://fapi.binance.com")]
    [InlineData("http://127.0.0.1:8080/fapi/v1/order", "http://127.0.0.1:8080")]
    [InlineData("https://fapi.binance.com", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com?symbol=A", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/order?", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/../v2/./balance?a=1", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi//v1/order?a=1?b=2", "https://fapi.binance.com")]
    [InlineData(@"https://fapi.binance.com/fapi\v1\order?symbol=A", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/order?symbol=A#timestamp=1", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/%6Frder?symbol=%41&x=%zz", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/ö rder?symbol=ö b", "https://fapi.binance.com")]
    [InlineData("https://user:word@fapi.binance.com/fapi/v1/order?symbol=A", "https://user:word@fapi.binance.com")]
    [InlineData("https://[::1]:80/fapi/v1/order?symbol=A", "https://[::1]:80")]
    [InlineData("HTTPS://FAPI.binance.com:443/fapi/v1/order?symbol=A", "https://fapi.binance.com")]
    [InlineData("  https://fapi.binance.com/fapi/v1/order?symbol=A  ", "https://fapi.binance.com")]
    [InlineData("https://fapi.binance.com/fapi/v1/order?url=https://x/y?z", "https://fapi.binance.com")]
    public void An_address_falls_into_the_parts_that_are_sent(string text, string origin)
    {
        var address = new Uri(text);

        var target = RequestTarget.Of(address);

        target.Path.ToString().ShouldBe(address.AbsolutePath);
        target.Origin.ToString().ShouldBe(origin);
        Listed(target.Parameters).ShouldBe(Listed(new RequestParameters(address.Query, null)));
    }

    [Theory]
    [InlineData("/fapi/v1/depth?symbol=BTCUSDT")]
    [InlineData("../v2/balance?a=1")]
    [InlineData("?symbol=BTCUSDT")]
    [InlineData("v1/ti me?x=a b")]
    public void An_address_put_together_from_two_falls_into_the_same_parts(string relative)
    {
        var address = new Uri(new Uri("https://fapi.binance.com/fapi/v1/order?y=1"), relative);

        var target = RequestTarget.Of(address);

        target.Path.ToString().ShouldBe(address.AbsolutePath);
        Listed(target.Parameters).ShouldBe(Listed(new RequestParameters(address.Query, null)));
    }

    [Fact]
    public void A_relative_address_goes_nowhere() =>
        Should.Throw<InvalidOperationException>(static () => RequestTarget.Of(new Uri("/fapi/v1/order", UriKind.Relative)));

    private static List<string> Listed(RequestParameters parameters)
    {
        var listed = new List<string>();
        foreach (var parameter in parameters)
        {
            listed.Add(parameter.Raw.ToString());
        }

        return listed;
    }
}
