namespace ExchangeResilience.Tests.Traffic;

public sealed class UsageHeaderTests
{
    [Theory]
    [InlineData("X-MBX-USED-WEIGHT-1M", "17", "Ip", 60, 17)]
    [InlineData("x-mbx-used-weight-1m", "17", "Ip", 60, 17)]
    [InlineData("X-MBX-ORDER-COUNT-10S", "3", "Orders", 10, 3)]
    [InlineData("X-Mbx-Order-Count-1m", "4", "Orders", 60, 4)]
    [InlineData("X-MBX-ORDER-COUNT-1D", "5", "Orders", 86_400, 5)]
    [InlineData("X-MBX-USED-WEIGHT-2H", "0", "Ip", 7200, 0)]
    public void A_usage_header_tells_lane_window_and_figure(string name, string value, string lane, int seconds, int used)
    {
        Read(name, value).ShouldBe(new UsageHeader(Enum.Parse<TrafficLane>(lane), TimeSpan.FromSeconds(seconds), used));
    }

    [Theory]
    [InlineData("X-MBX-USED-WEIGHT", "17")]
    [InlineData("X-MBX-USED-WEIGHT-", "17")]
    [InlineData("X-MBX-USED-WEIGHT-M", "17")]
    [InlineData("X-MBX-USED-WEIGHT-1", "17")]
    [InlineData("X-MBX-USED-WEIGHT-1W", "17")]
    [InlineData("X-MBX-USED-WEIGHT-0M", "17")]
    [InlineData("X-MBX-USED-WEIGHT--1M", "17")]
    [InlineData("X-MBX-USED-WEIGHT-99999M", "17")]
    [InlineData("X-MBX-USED-WEIGHT-1M", "-1")]
    [InlineData("X-MBX-USED-WEIGHT-1M", "1.5")]
    [InlineData("X-MBX-USED-WEIGHT-1M", "99999999999")]
    [InlineData("X-MBX-USED-WEIGHT-1M", "")]
    [InlineData("X-MBX-UUID", "1")]
    [InlineData("X-Cache", "1")]
    public void Anything_else_tells_nothing(string name, string value) => Read(name, value).ShouldBeNull();

    private static UsageHeader? Read(string name, string value)
    {
        var headers = new HttpResponseMessage().Headers;
        headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        return UsageHeader.TryRead(name, headers.NonValidated[name], out var header) ? header : null;
    }
}
