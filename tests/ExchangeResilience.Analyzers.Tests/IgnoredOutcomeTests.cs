using System.Globalization;
using Microsoft.CodeAnalysis;

namespace ExchangeResilience.Analyzers.Tests;

/// <summary>The compiler tells of an order whose outcome nobody asks for, and of nothing else.</summary>
public sealed class IgnoredOutcomeTests
{
    [Theory]
    [InlineData("await http.PostAsync(\"/order\", null);")]
    [InlineData("await http.PostAsync(\"/order\", null).ConfigureAwait(false);")]
    [InlineData("_ = await http.PutAsync(\"/order\", null);")]
    [InlineData("http.DeleteAsync(\"/order\");")]
    [InlineData("http.PostAsync(\"/order\", null).GetAwaiter().GetResult();")]
    [InlineData("await http.PostAsJsonAsync(\"/order\", new { });")]
    [InlineData("await http.SendAsync(order);")]
    [InlineData("await http.SendAsync(order.SetTotalTimeout(TimeSpan.FromSeconds(3)));")]
    [InlineData("await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, \"/order\"));")]
    [InlineData("Func<Task> later = async () => await http.SendAsync(order); await later();")]
    public async Task A_reply_that_is_dropped_is_told_of(string body) => (await Compiled.WarningsOf(body)).Length.ShouldBe(1);

    [Theory]
    [InlineData("using var response = await http.PostAsync(\"/order\", null);")]
    [InlineData("using (await http.PostAsync(\"/order\", null)) { }")]
    [InlineData("using (var response = await http.PostAsync(\"/order\", null)) { Console.WriteLine(response.Headers); }")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); response.Dispose();")]
    [InlineData("HttpResponseMessage response; response = await http.PostAsync(\"/order\", null);")]
    [InlineData("var sending = http.PostAsync(\"/order\", null); await sending;")]
    [InlineData("var sending = http.PostAsync(\"/order\", null); var response = await sending; await response.Content.ReadAsStringAsync();")]
    [InlineData("var first = await http.PostAsync(\"/order\", null); var second = first; Console.WriteLine(second.Version);")]
    public async Task A_reply_that_is_kept_and_never_asked_is_told_of(string body) => (await Compiled.WarningsOf(body)).Length.ShouldBe(1);

    [Theory]
    [InlineData("await (await http.PostAsync(\"/order\", null)).Content.ReadAsStringAsync();")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); return await response.Content.ReadAsStringAsync();")]
    public async Task A_body_that_is_read_as_if_it_could_be_no_refusal_is_told_of(string body) => (await Compiled.WarningsOf(body)).Length.ShouldBe(1);

    [Theory]
    [InlineData("await http.SendExchangeAsync(order);")]
    [InlineData("_ = await http.SendExchangeAsync(order);")]
    [InlineData("var result = await http.SendExchangeAsync(order);")]
    [InlineData("await http.SendExchangeAsync(order).WaitAsync(TimeSpan.FromSeconds(3));")]
    [InlineData("http.SendExchangeAsync(order).ConfigureAwait(false).GetAwaiter().GetResult();")]
    public async Task A_result_that_is_dropped_is_told_of(string body) => (await Compiled.WarningsOf(body)).Length.ShouldBe(1);

    [Theory]
    [InlineData("await BuyAsync();")]
    [InlineData("BuyAsync();")]
    [InlineData("_ = BuyAsync();")]
    [InlineData("await SellAsync().ConfigureAwait(false);")]
    [InlineData("await SellAsync().WaitAsync(TimeSpan.FromSeconds(3));")]
    [InlineData("SellAsync().GetAwaiter().GetResult();")]
    [InlineData("await CloseAsync();")]
    [InlineData("Last();")]
    [InlineData("var result = await BuyAsync();")]
    [InlineData("await Task.Run(() => BuyAsync());")]
    [InlineData("Func<Task<ExchangeResult>> buy = BuyAsync; await buy();")]
    public async Task A_result_of_another_method_that_is_dropped_is_told_of(string body) => (await Compiled.WarningsOf(body)).Length.ShouldBe(1);

    [Theory]
    [InlineData("Console.WriteLine((await BuyAsync()).Execution);")]
    [InlineData("var result = await SellAsync(); if (result.IsExecuted) { return 1; }")]
    [InlineData("return await CloseAsync();")]
    [InlineData("Logged(await BuyAsync());")]
    [InlineData("Func<Task<ExchangeResult>> buy = () => BuyAsync(); return await buy();")]
    [InlineData("await AllAsync();")]
    public async Task A_result_that_is_looked_at_or_handed_on_is_not_told_of(string body) => (await Compiled.WarningsOf(body)).ShouldBeEmpty();

    [Fact]
    public async Task Of_a_result_it_says_where_its_outcome_stands() =>
        (await Compiled.WarningsOf("await BuyAsync();")).ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldBe(
            "The outcome of this 'BuyAsync' is not checked, and the exchange may have refused it: look at Execution of its result");

    [Theory]
    [InlineData("var response = await http.PostAsync(\"/order\", null); Console.WriteLine(response.GetExchangeError());")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); foreach (var item in response.GetExchangeErrors()) { }")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); response.EnsureExchangeSuccess();")]
    [InlineData("(await http.PostAsync(\"/order\", null)).EnsureExchangeSuccess();")]
    [InlineData("(await http.PostAsync(\"/order\", null)).EnsureSuccessStatusCode();")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); if (response.IsSuccessStatusCode) { return 1; }")]
    [InlineData("if ((await http.PostAsync(\"/order\", null)).StatusCode == System.Net.HttpStatusCode.OK) { return 1; }")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); Console.WriteLine(response.GetRecoveryReport());")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); if (response is { IsSuccessStatusCode: true }) { return 1; }")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); void Look() => response.EnsureExchangeSuccess(); Look();")]
    [InlineData("var result = await http.SendExchangeAsync(order); Console.WriteLine(result.Execution);")]
    [InlineData("return (await http.SendExchangeAsync(order)).Body;")]
    public async Task What_is_asked_is_not_told_of(string body) => (await Compiled.WarningsOf(body)).ShouldBeEmpty();

    [Theory]
    [InlineData("return await http.PostAsync(\"/order\", null);")]
    [InlineData("last = await http.PostAsync(\"/order\", null);")]
    [InlineData("Console.WriteLine(await http.PostAsync(\"/order\", null));")]
    [InlineData("await Task.WhenAll(http.PostAsync(\"/1\", null), http.PostAsync(\"/2\", null));")]
    [InlineData("Func<Task<HttpResponseMessage>> send = () => http.PostAsync(\"/order\", null); last = await send();")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); return response;")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); var all = new[] { response }; return all;")]
    [InlineData("var response = await http.PostAsync(\"/order\", null); last ??= response;")]
    [InlineData("await http.PostAsync(\"/order\", null).ContinueWith(sent => sent.Result.EnsureExchangeSuccess());")]
    public async Task What_leaves_the_method_is_somebody_elses_to_ask(string body) => (await Compiled.WarningsOf(body)).ShouldBeEmpty();

    [Theory]
    [InlineData("await http.GetAsync(\"/time\");")]
    [InlineData("await http.SendAsync(new HttpRequestMessage());")]
    [InlineData("using var question = new HttpRequestMessage(HttpMethod.Get, \"/time\"); using var response = await http.SendAsync(question);")]
    [InlineData("var question = new HttpRequestMessage(HttpMethod.Get, \"/time\"); await http.SendAsync(question.SetTotalTimeout(TimeSpan.FromSeconds(3)), CancellationToken.None);")]
    public async Task A_query_changes_nothing_and_is_not_told_of(string body) => (await Compiled.WarningsOf(body)).ShouldBeEmpty();

    [Fact]
    public async Task A_message_that_becomes_an_order_later_is_no_query() =>
        (await Compiled.WarningsOf("var message = new HttpRequestMessage(); message.Method = HttpMethod.Post; await http.SendAsync(message);")).Length.ShouldBe(1);

    [Fact]
    public async Task A_request_whose_refusal_throws_needs_no_question() =>
        (await Compiled.WarningsOf("await http.SendAsync(order.SetThrowOnError(true));")).ShouldBeEmpty();

    [Fact]
    public async Task A_program_without_the_package_hears_nothing() =>
        (await Compiled.WarningsOf("await http.PostAsync(\"/order\", null);", withPackage: false)).ShouldBeEmpty();

    [Fact]
    public async Task Another_type_that_can_post_is_none_of_its_business() =>
        (await Compiled.WarningsOf("await new Post().PostAsync(\"/order\"); return last; } class Post { public Task<HttpResponseMessage> PostAsync(string path) => throw new NotSupportedException(path); } object? Rest() { object? last = null;")).ShouldBeEmpty();

    [Fact]
    public async Task It_says_what_to_do_where_the_call_stands_and_on_which_page_of_the_package_more_is_said()
    {
        var told = (await Compiled.WarningsOf("await http.PostAsync(\"/order\", null);")).ShouldHaveSingleItem();

        told.Id.ShouldBe("EXR0001");
        told.Severity.ShouldBe(DiagnosticSeverity.Warning);
        told.GetMessage(CultureInfo.InvariantCulture).ShouldBe(
            "The outcome of this 'PostAsync' is not checked, and the exchange may have refused it: look at GetExchangeError(), call EnsureExchangeSuccess(), or send it with SendExchangeAsync");
        (await told.Location.SourceTree!.GetTextAsync()).ToString(told.Location.SourceSpan).ShouldBe("http.PostAsync(\"/order\", null)");
        told.Descriptor.HelpLinkUri.ShouldBe("docs/errors.md#exr0001");
    }
}
