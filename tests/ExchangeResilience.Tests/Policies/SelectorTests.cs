namespace ExchangeResilience.Tests.Policies;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("-1003", "-1003")]
    [InlineData(" -1003 ", "-1003")]
    [InlineData("-01003", "-1003")]
    [InlineData("-4001..-4014", "-4001..-4014")]
    [InlineData("-4014..-4001", "-4001..-4014")]
    [InlineData("-4001 .. -4014", "-4001..-4014")]
    [InlineData("-4001..-4001", "-4001")]
    [InlineData("Http503", "Http503")]
    [InlineData("HTTP503", "Http503")]
    [InlineData("http400", "Http400")]
    [InlineData("Http599", "Http599")]
    [InlineData("ratelimited", "RateLimited")]
    [InlineData("Transport", "Transport")]
    [InlineData("Unclassified", "Unclassified")]
    [InlineData("default", "Default")]
    public void Every_form_is_read_and_written_back_in_one_way(string text, string canonical)
    {
        Selector.TryParse(text, out var selector, out var remedy).ShouldBeTrue();
        selector.ToString().ShouldBe(canonical);
        remedy.ShouldBeEmpty();
        Selector.TryParse(canonical, out var again, out _).ShouldBeTrue();
        again.ShouldBe(selector);
    }

    [Theory]
    [InlineData("1003", "did you mean '-1003'?")]
    [InlineData("503", "did you mean 'Http503' or '-503'?")]
    [InlineData("RateLimted", "did you mean 'RateLimited'?")]
    [InlineData("Defualt", "did you mean 'Default'?")]
    [InlineData("Transprot", "did you mean 'Transport'?")]
    [InlineData("Http200", "'Http400' to 'Http599'")]
    [InlineData("Http600", "'Http400' to 'Http599'")]
    [InlineData("Http5xx", "'Http400' to 'Http599'")]
    [InlineData("-4001..", "two negative codes")]
    [InlineData("-4001..4014", "two negative codes")]
    [InlineData("4001..4014", "two negative codes")]
    [InlineData("-1..-2..-3", "two negative codes")]
    [InlineData("0", "a code ('-1003')")]
    [InlineData("", "a code ('-1003')")]
    [InlineData("2", "did you mean '-2'?")]
    [InlineData("RateLimited,Overloaded", "a code ('-1003')")]
    [InlineData("-99999999999", "a code ('-1003')")]
    public void What_is_no_selector_is_refused_with_a_remedy(string text, string remedy)
    {
        Selector.TryParse(text, out _, out var actual).ShouldBeFalse();
        actual.ShouldContain(remedy);
    }

    [Fact]
    public void Precedence_is_code_then_narrow_then_wide_range_then_status_then_category_then_default()
    {
        string[] expected = ["-1003", "-5043", "-4001..-4002", "-1000..-1099", "-4000..-4999", "Http403", "Http503", "RateLimited", "Transport", "Default"];
        var shuffled = expected.Reverse().Select(text => Selector.TryParse(text, out var selector, out _) ? selector : throw new InvalidOperationException(text));
        shuffled.Order(Selector.MostSpecificFirst).Select(selector => selector.ToString()).ShouldBe(expected);
    }
}
