using System.Text;

namespace ExchangeResilience.Tests.Errors;

public sealed class HoldHintTests
{
    private static readonly ReplyVocabulary Vocabulary = ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary;

    private static readonly DateTimeOffset Date = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1", 1)]
    [InlineData(" 720 ", 720)]
    [InlineData("259200", 259200)]
    [InlineData("259201", 259200)]
    [InlineData("99999999999", 259200)]
    [InlineData("99999999999999999999999", 259200)]
    [InlineData("90.5", 90.5)]
    [InlineData("5, 90", 90)]
    [InlineData("90, 5", 90)]
    [InlineData("90,90", 90)]
    [InlineData("soon, 7, -9", 7)]
    [InlineData("5, Sun, 22 Nov 2026 10:02:00 GMT", 120)]
    [InlineData("Sun, 22 Nov 2026 10:02:00 GMT, 5", 120)]
    [InlineData("Sun, 22 Nov 2026 10:02:00 GMT, Sun, 22 Nov 2026 10:03:00 GMT", 180)]
    [InlineData("Sun, 22 Nov 2026 10:02:00 GMT", 120)]
    [InlineData("Sat, 22 Nov 2036 10:02:00 GMT", 259200)]
    public void A_usable_header_becomes_a_wait_of_at_most_three_days(string header, double seconds) =>
        HoldHint.Read(header, Date, default, Vocabulary).RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("0.0")]
    [InlineData(".5")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0x10")]
    [InlineData("soon")]
    [InlineData("-5, 0,, ,soon")]
    [InlineData("Sun, 22 Nov 2026 10:00:00 GMT")]
    [InlineData("Sun, 22 Nov 2026 09:00:00 GMT")]
    public void A_header_that_says_nothing_is_no_wait(string? header) => HoldHint.Read(header, Date, default, Vocabulary).RetryAfter.ShouldBeNull();

    [Fact]
    public void A_date_needs_the_replys_own_date_to_count_from() =>
        HoldHint.Read("Sun, 22 Nov 2026 10:02:00 GMT", null, default, Vocabulary).RetryAfter.ShouldBeNull();

    [Fact]
    public void A_date_counts_from_the_exchanges_time_where_that_is_known_better_than_by_the_replys_own_date() =>
        HoldHint.Read("Sun, 22 Nov 2026 10:02:00 GMT", Date.AddMinutes(1), default, Vocabulary, Date).RetryAfter.ShouldBe(TimeSpan.FromMinutes(2));

    [Fact]
    public void The_replys_date_is_handed_on() => HoldHint.Read(null, Date, default, Vocabulary).Date.ShouldBe(Date);

    [Theory]
    [InlineData("{\"code\":-1003,\"msg\":\"Way too many requests; IP(187.127.135.84) banned until 1783855317204. Please use the websocket\"}", 1783855317204)]
    [InlineData("Way too much request weight used; IP banned until 1659761931230.", 1659761931230)]
    [InlineData("ip BANNED UNTIL 1659761931230", 1659761931230)]
    [InlineData("banned until  1659761931230x", 1659761931230)]
    [InlineData("<p>banned until soon, banned until 1659761931230</p>", 1659761931230)]
    [InlineData("banned until 1659761931", 1659761931000)]
    [InlineData("banned until 16597619312", 16597619312000)]
    [InlineData("banned until 165976193123", 165976193123)]
    [InlineData("banned until 16597619312304", 16597619312304)]
    [InlineData("banned until 165976193123045", 165976193123)]
    [InlineData("banned until 1659761931230456", 1659761931230)]
    [InlineData("banned until:\t1659761931230", 1659761931230)]
    [InlineData("banned until\r\n1659761931230", 1659761931230)]
    [InlineData("banned  until 1659761931230", 1659761931230)]
    [InlineData("banned \t\r\n until 1659761931230", 1659761931230)]
    [InlineData("{\"msg\":\"banned\\tuntil\\n1659761931230\"}", 1659761931230)]
    [InlineData("banned until 1659761931230 then banned until 1659761999999", 1659761999999)]
    [InlineData("banned until 1659761999999 then banned until 1659761931230", 1659761999999)]
    [InlineData("banned until 1659761931230 then banned until soon", 1659761931230)]
    [InlineData("banned until 1659761932 then banned until 1659761931230", 1659761932000)]
    [InlineData("banned, banned until 1659761931230", 1659761931230)]
    public void The_end_of_a_ban_is_found_in_any_text(string body, long until) =>
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes(body), Vocabulary).BannedUntilMs.ShouldBe(until);

    [Theory]
    [InlineData("")]
    [InlineData("Too many requests; current limit of IP(38.25.70.6) is 2400 requests per minute.")]
    [InlineData("banned until 165976193")]
    [InlineData("banned until 16597619312304567")]
    [InlineData("banned until -1659761931230")]
    [InlineData("banned until1659761931230")]
    [InlineData("banned unti")]
    [InlineData("banneduntil 1659761931230")]
    [InlineData("banned")]
    public void A_text_without_a_sane_instant_names_none(string body) =>
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes(body), Vocabulary).BannedUntilMs.ShouldBeNull();

    [Fact]
    public void The_search_is_bounded() =>
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes(new string('b', ErrorReader.MaxBytes) + "banned until 1659761931230"), Vocabulary).BannedUntilMs.ShouldBeNull();

    [Theory]
    [InlineData("Too many new orders; current limit is 300 orders per TEN_SECONDS.", 10)]
    [InlineData("orders per SECOND", 1)]
    [InlineData("orders per 10 SECONDS", 10)]
    [InlineData("orders per 10SECONDS", 10)]
    [InlineData("orders per MINUTE", 60)]
    [InlineData("ORDERS PER minute", 60)]
    [InlineData("orders per 1 MINUTE", 60)]
    [InlineData("orders per TEN_MINUTES", 600)]
    [InlineData("orders per HOUR", 3_600)]
    [InlineData("orders per 2 HOURS", 7_200)]
    [InlineData("orders per DAY", 86_400)]
    [InlineData("orders per 2 DAYS", 172_800)]
    [InlineData("orders per 3 DAYS", 259_200)]
    [InlineData("orders per 4 DAYS", 259_200)]
    [InlineData("orders per 999999999 SECONDS", 259_200)]
    [InlineData("orders per 0 SECONDS", 1)]
    [InlineData("orders per -5 SECONDS", 1)]
    [InlineData("orders per OFTEN_SECOND", 1)]
    [InlineData("orders per x: HOUR", 3_600)]
    [InlineData("orders per SECOND, MINUTE", 1)]
    [InlineData("orders per MINUTE, HOUR", 60)]
    [InlineData("orders per HOUR or DAY", 3_600)]
    public void The_window_of_orders_is_found_and_is_at_most_three_days(string body, int seconds) =>
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes(body), Vocabulary).Window.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("")]
    [InlineData("Too many new orders.")]
    [InlineData("300 orders per ")]
    [InlineData("300 orders per FORTNIGHT")]
    [InlineData("300 orders in TEN_SECONDS")]
    [InlineData("300 orders per symbol. Wait a MINUTE")]
    [InlineData("orders per 0123456789 SECOND")]
    public void A_text_without_a_window_of_orders_names_none(string body) => HoldHint.Read(null, null, Encoding.UTF8.GetBytes(body), Vocabulary).Window.ShouldBeNull();

    [Theory]
    [InlineData("600", 600, true)]
    [InlineData("600", 605, true)]
    [InlineData("600", 595, true)]
    [InlineData("600", 606, false)]
    [InlineData("600", 22_200, false)]
    [InlineData("600", -60, false)]
    [InlineData("600", null, false)]
    [InlineData(null, 600, false)]
    public void A_reply_says_when_it_was_said_where_all_of_it_agrees(string? retryAfter, int? bannedFor, bool isSaid)
    {
        var body = bannedFor is { } seconds ? FormattableString.Invariant($"banned until {Date.AddSeconds(seconds).ToUnixTimeMilliseconds()}") : "banned";

        HoldHint.Read(retryAfter, Date, Encoding.UTF8.GetBytes(body), Vocabulary).SaidAt.ShouldBe(isSaid ? Date : null);
        HoldHint.Read(retryAfter, null, Encoding.UTF8.GetBytes(body), Vocabulary).SaidAt.ShouldBeNull();
    }

    [Fact]
    public void The_search_for_a_window_is_bounded()
    {
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes(new string('b', ErrorReader.MaxBytes) + "orders per DAY"), Vocabulary).Window.ShouldBeNull();
        HoldHint.Read(null, null, Encoding.UTF8.GetBytes("orders per DAY" + new string('b', ErrorReader.MaxBytes)), Vocabulary).Window.ShouldBe(TimeSpan.FromDays(1));
    }
}
