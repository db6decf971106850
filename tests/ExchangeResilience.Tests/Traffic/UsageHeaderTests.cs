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
    [InlineData("X-MBX-USED-WEIGHT-1M", "2147483648", "Ip", 60, int.MaxValue)]
    [InlineData("X-MBX-ORDER-COUNT-10S", "99999999999999999999999", "Orders", 10, int.MaxValue)]
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
    [InlineData("X-MBX-USED-WEIGHT-1M", "99999999999x")]
    [InlineData("X-MBX-USED-WEIGHT-1M", "")]
    [InlineData("X-MBX-UUID", "1")]
    [InlineData("X-Cache", "1")]
    public void Anything_else_tells_nothing(string name, string value) => Read(name, value).ShouldBeNull();

    [Theory]
    [InlineData("Ip", null, "X-MBX-USED-WEIGHT-1M", 2395, true)]
    [InlineData("Ip", null, "X-MBX-USED-WEIGHT-1M", 2396, false)]
    [InlineData("Ip", 10, "X-MBX-USED-WEIGHT-1M", 2395, true)]
    [InlineData("Ip", null, "X-MBX-ORDER-COUNT-1M", 1, false)]
    [InlineData("Orders", null, "X-MBX-ORDER-COUNT-10S", 299, true)]
    [InlineData("Orders", null, "X-MBX-ORDER-COUNT-10S", 300, false)]
    [InlineData("Orders", 10, "X-MBX-ORDER-COUNT-1M", 1, false)]
    [InlineData("Orders", 60, "X-MBX-ORDER-COUNT-1M", 1199, true)]
    [InlineData("Orders", 60, "X-MBX-ORDER-COUNT-1M", 1200, false)]
    [InlineData("Orders", 60, "X-MBX-ORDER-COUNT-10S", 1, false)]
    public void A_window_has_room_where_its_own_count_says_so(string lane, int? window, string name, int used, bool hasRoom)
    {
        var headers = GateWords.Headers(null, (name, used.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var request = new TrafficRequest(TrafficClass.Order, Weight: 5, Orders10s: 1, Orders1m: 1, TrafficFixture.Limits);

        UsageHeader.ShowsRoom(headers, Enum.Parse<TrafficLane>(lane), window is { } seconds ? TimeSpan.FromSeconds(seconds) : null, request).ShouldBe(hasRoom);
        UsageHeader.ShowsRoom(headers, Enum.Parse<TrafficLane>(lane), window is { } named ? TimeSpan.FromSeconds(named) : null, request with { Limits = new LimitSettings() }).ShouldBeFalse();
    }

    private static UsageHeader? Read(string name, string value)
    {
        var headers = new HttpResponseMessage().Headers;
        headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        return UsageHeader.TryRead(name, headers.NonValidated[name], out var header) ? header : null;
    }
}
