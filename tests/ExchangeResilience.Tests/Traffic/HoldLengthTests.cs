namespace ExchangeResilience.Tests.Traffic;

public sealed class HoldLengthTests
{
    private const long Now = 1_772_366_420_000; // 2026-03-01 12:00:20 UTC
    private static readonly DateTimeOffset Date = DateTimeOffset.FromUnixTimeMilliseconds(Now);

    [Theory]
    // lane, code, status, Retry-After s, banned until (ms from now), Date (ms from now), measured time (ms from now), window s, expected s
    [InlineData("Ip", -1003, 418, 30, null, null, null, null, 30)]
    [InlineData("Ip", -1003, 418, null, 130_000, 0, null, null, 130)]
    [InlineData("Ip", -1003, 418, null, 130_000, null, 0, null, 130)]
    [InlineData("Ip", -1003, 418, 200, 130_000, 0, 0, null, 200)]
    [InlineData("Ip", -1003, 418, 30, 130_000, 0, 50_000, null, 80)]
    [InlineData("Ip", -1003, 418, 30, 130_000, 50_000, 0, null, 130)]
    [InlineData("Ip", -1003, 418, null, 130_000, null, null, null, 130)]
    [InlineData("Ip", -1003, 418, null, null, 0, 0, null, 120)]
    [InlineData("Ip", -1003, 418, 0, null, 0, 0, null, 120)]
    [InlineData("Ip", -1003, 418, -5, null, 0, 0, null, 120)]
    [InlineData("Ip", -1003, 418, null, -5_000, 0, 0, null, 120)]
    [InlineData("Ip", -1003, 403, null, -5_000, 0, 0, null, 120)]
    [InlineData("Ip", -1003, 429, null, null, 0, null, null, 40)]
    [InlineData("Ip", -1003, 429, 0, null, 0, null, null, 40)]
    [InlineData("Ip", -1003, 429, null, null, null, 5_000, null, 35)]
    [InlineData("Ip", -1003, 429, null, null, 0, 5_000, null, 40)]
    [InlineData("Ip", -1003, 429, null, null, 5_000, 0, null, 40)]
    [InlineData("Ip", -1003, 429, null, null, 39_000, 40_100, null, 1)]
    [InlineData("Ip", -1003, 429, null, null, null, null, null, 60)]
    [InlineData("Ip", -1003, 200, null, null, 0, null, null, 40)]
    [InlineData("Ip", 0, 429, null, null, 0, null, null, 40)]
    [InlineData("Ip", 0, 403, null, null, 0, null, null, 0)]
    [InlineData("Orders", -1015, 429, null, null, 4_000, null, null, 6)]
    [InlineData("Orders", -1015, 429, null, null, 4_000, null, 60, 36)]
    [InlineData("Orders", -1015, 429, null, null, null, null, null, 10)]
    [InlineData("Orders", -1015, 429, 7, null, 4_000, null, null, 7)]
    [InlineData("Orders", -1015, 429, null, null, 0, null, 86_400, 43_180)]
    [InlineData("Orders", -1015, 429, 10, null, 0, null, 86_400, 43_180)]
    [InlineData("Orders", -1015, 429, 50_000, null, 0, null, 86_400, 50_000)]
    [InlineData("Orders", -1015, 429, null, null, null, 20_000, 86_400, 43_160)]
    [InlineData("Orders", -1015, 429, null, null, null, null, 86_400, 43_180)]
    [InlineData("Orders", -1015, 429, 1, null, null, null, 3_600, 3_580)]
    [InlineData("Ip", -1003, 429, 1, null, 0, null, null, 40)]
    [InlineData("Ip", -1003, 429, 1, null, null, 5_000, null, 35)]
    [InlineData("Ip", -1003, 429, 1, null, null, null, null, 40)]
    [InlineData("Ip", -1003, 429, 50, null, 0, null, null, 50)]
    [InlineData("Ip", -1003, 418, 1, null, 0, null, null, 1)]
    [InlineData("Orders", -1015, 429, 1, null, 4_000, null, 60, 36)]
    [InlineData("Orders", -1015, 429, 1, null, 4_000, null, null, 6)]
    [InlineData("Host", -1008, 503, null, null, 0, null, null, 0)]
    [InlineData("Host", -1008, 503, 3, null, 0, null, null, 3)]
    [InlineData("Ip", -1003, 418, 99_999_999, null, 0, null, null, 259_200)]
    public void Told_is_the_longest_of_what_the_reply_says(
        string lane, int code, int status, int? retryAfter, int? bannedUntil, int? date, int? measured, int? window, int expected)
    {
        var request = new HoldRequest(
            code,
            status,
            retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Now + bannedUntil,
            date is { } offset ? Date.AddMilliseconds(offset) : null,
            Now + measured,
            TimeSpan.Zero,
            TimeSpan.Zero,
            window is { } named ? TimeSpan.FromSeconds(named) : null,
            IsLimit: code == -1003);

        HoldLength.Requested(Enum.Parse<TrafficLane>(lane), request, estimatedNowMs: Now, isLearned: false).ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Theory]
    [InlineData(130_000, 0, 130)]
    [InlineData(130_000, 60_000, 130)]
    [InlineData(130_000, -60_000, 190)]
    [InlineData(null, 0, 40)]
    [InlineData(null, 30_000, 40)]
    [InlineData(null, -15_000, 55)]
    [InlineData(null, -500, 40.5)]
    public void Without_a_measured_clock_the_longer_of_what_replies_have_told_counts(int? bannedUntil, int date, double expected)
    {
        var request = new HoldRequest(-1003, bannedUntil is null ? 429 : 418, null, Now + bannedUntil, Date.AddMilliseconds(date), null, TimeSpan.Zero, TimeSpan.Zero);

        HoldLength.Requested(TrafficLane.Ip, request, Now, isLearned: true).ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Theory]
    [InlineData(3, null, 3)]
    [InlineData(null, null, 40)]
    [InlineData(3, 86_400, 43_180)]
    public void A_window_that_has_room_is_not_what_is_waited_for_unless_nothing_else_is_said(int? retryAfter, int? window, int expected)
    {
        var lane = window is null ? TrafficLane.Ip : TrafficLane.Orders;
        var request = new HoldRequest(
            window is null ? -1003 : -1015, 429, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null, null, Date, null, TimeSpan.Zero, TimeSpan.Zero,
            window is { } named ? TimeSpan.FromSeconds(named) : null, WindowHasRoom: true);

        HoldLength.Requested(lane, request, Now, isLearned: false).ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Told_survives_any_number_for_the_end_of_a_ban(long bannedUntil)
    {
        var request = new HoldRequest(-1003, 418, TimeSpan.MinValue, bannedUntil, Date, Now, TimeSpan.Zero, TimeSpan.Zero);

        HoldLength.Requested(TrafficLane.Ip, request, Now, isLearned: true).ShouldBe(bannedUntil > 0 ? HoldLength.Ceiling : HoldLength.ShortestBan);
    }

    [Theory]
    [InlineData(0.2, 1.0, 0, 0.2)]
    [InlineData(0.2, 1.0, 1, 0.4)]
    [InlineData(0.2, 1.0, 2, 0.8)]
    [InlineData(0.2, 1.0, 3, 1.0)]
    [InlineData(0.2, 1.0, 30, 1.0)]
    [InlineData(300, 60, 0, 300)]
    [InlineData(300, 60, 5, 300)]
    [InlineData(0, 60, 5, 0)]
    [InlineData(-1, -1, 5, 0)]
    [InlineData(1e11, 1e11, 5, 259_200)]
    public void Own_doubles_up_to_the_longest_delay(double baseSeconds, double maxSeconds, int strikes, double expected)
    {
        var request = new HoldRequest(-1008, 503, null, null, null, null, TimeSpan.FromSeconds(baseSeconds), TimeSpan.FromSeconds(maxSeconds));

        HoldLength.Own(request, strikes).ShouldBe(TimeSpan.FromSeconds(expected));
    }
}
