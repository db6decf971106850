namespace ExchangeResilience.Tests;

public sealed class RequestParametersTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("?", null, "")]
    [InlineData("?a=1&b=2", "c=3", "q:a=1 q:b=2 b:c=3")]
    [InlineData("a=1&&b=&=x&flag&", "&c=1=2", "q:a=1 q:b= q:=x q:flag= b:c=1=2")]
    [InlineData("a=%E6%B5%8B+x%2By", "", "q:a=测 x+y")]
    [InlineData("a=%zz%4&b=%", "", "q:a=%zz%4 q:b=%")]
    [InlineData("%73ymbol=BTC", "", "q:symbol=BTC")]
    public void Parameters_come_in_order_and_decoded(string query, string? body, string expected)
    {
        var found = new List<string>();
        foreach (var parameter in new RequestParameters(query, body))
        {
            found.Add($"{(parameter.InQuery ? 'q' : 'b')}:{parameter.Name}={parameter.Value}");
        }

        string.Join(' ', found).ShouldBe(expected);
    }

    [Theory]
    [InlineData("a", "1")]
    [InlineData("b", "3")]
    [InlineData("c", "5")]
    [InlineData("A", null)]
    [InlineData("d", null)]
    public void The_query_wins_and_names_are_case_sensitive(string name, string? expected) =>
        new RequestParameters("?a=1&a=2&b=3", "a=9&b=4&c=5")[name].ShouldBe(expected);

    [Fact]
    public void Duplicates_are_counted_across_query_and_body()
    {
        var parameters = new RequestParameters("a=1&%61=2", "a=3&b=4");

        parameters.CountOf("a").ShouldBe(3);
        parameters.CountOf("b").ShouldBe(1);
        parameters.CountOf("c").ShouldBe(0);
    }

    [Fact]
    public void Raw_text_is_kept()
    {
        new RequestParameters("x=%2b+%C3%A9", null).TryFind("x", out var parameter).ShouldBeTrue();

        parameter.Raw.ToString().ShouldBe("x=%2b+%C3%A9");
        parameter.RawValue.ToString().ShouldBe("%2b+%C3%A9");
        parameter.Value.ShouldBe("+ é");
    }

    [Fact]
    public void Looking_for_a_parameter_allocates_nothing()
    {
        var parameters = new RequestParameters("?symbol=BTCUSDT&side=BUY", "quantity=1&type=MARKET");
        _ = parameters.TryFind("type", out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = parameters.TryFind("type", out var type) && type.RawValue.SequenceEqual("MARKET");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        found.ShouldBeTrue();
        allocated.ShouldBe(0);
    }

    [Theory]
    [InlineData("", "a=%E6%B5%8BUSDT")]
    [InlineData("b=%2B", "b=%2B&a=%E6%B5%8BUSDT")]
    [InlineData("b=1&", "b=1&a=%E6%B5%8BUSDT")]
    public void Append_encodes_what_it_adds_and_keeps_the_rest(string text, string expected) =>
        ParameterText.Append(text, "a", "测USDT").ShouldBe(expected);

    [Theory]
    [InlineData("x=%2b&a=1&y=+", "x=%2b&a=n%20w&y=+")]
    [InlineData("a=1&x=2&%61=3", "a=n%20w&x=2")]
    [InlineData("x=2", "x=2&a=n%20w")]
    public void Replace_writes_the_value_once(string text, string expected) =>
        ParameterText.Replace(text, "a", "n w").ShouldBe(expected);



    [Fact]
    public void Only_unreserved_characters_stay_unencoded()
    {
        const string unreserved = "ABCxyz019-_.~";

        ParameterText.Encode(unreserved).ShouldBe(unreserved);
        ParameterText.Encode("测 +'()*!\"[]{}&=%").ShouldBe("%E6%B5%8B%20%2B%27%28%29%2A%21%22%5B%5D%7B%7D%26%3D%25");
    }

    [Theory]
    [InlineData("a=b+c%2B%2b%20'()*!~;:@/?$,", "a=b+c%2B%2b%20'()*!~;:@/?$,")]
    [InlineData("a=[{\"q\":1}]", "a=%5B%7B%22q%22:1%7D%5D")]
    [InlineData("测试=é 😀", "%E6%B5%8B%E8%AF%95=%C3%A9%20%F0%9F%98%80")]
    [InlineData("100%", "100%25")]
    [InlineData("[%41]%4[%zz%%41", "%5B%41%5D%254%5B%25zz%25%41")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    public void What_may_not_be_sent_raw_is_encoded_and_nothing_else(string text, string expected)
    {
        using var result = new PooledText();
        ParameterText.AppendLegal(result, text);

        result.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("a=1&b=%5B%22%5D")]
    [InlineData("a=%41%7e%2d")] // Uri would undo these escapes.
    [InlineData("a=%E6%B5%8B&b=%ff&c='()*!~;:@/?$,")]
    [InlineData("")]
    public void An_address_takes_a_query_to_the_letter(string query)
    {
        var address = ParameterText.WithQuery(new Uri("https://user@h.example:8443/fapi/v1/order?old=1#part"), query);

        address.PathAndQuery.ShouldBe(query.Length == 0 ? "/fapi/v1/order" : $"/fapi/v1/order?{query}");
        address.Authority.ShouldBe("h.example:8443");
        address.Scheme.ShouldBe("https");
    }
}
