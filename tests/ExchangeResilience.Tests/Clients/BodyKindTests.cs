using System.Net.Http.Json;
using System.Text;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Clients;

/// <summary>The exchange takes parameters from the query and from a form. What stands in a body of another kind it never sees, so that is refused before it leaves.</summary>
public sealed class BodyKindTests : IDisposable
{
    private readonly SimulatedFixture _world = new();

    public void Dispose() => _world.Dispose();

    public static TheoryData<string, string> Requests => new()
    {
        { "POST", "/fapi/v1/order" }, { "POST", "/fapi/v1/batchOrders" }, { "POST", "/fapi/v1/leverage" }, { "PUT", "/fapi/v1/order" }, { "DELETE", "/fapi/v1/order" }, { "POST", "/dapi/v1/order?timestamp=0" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_json_body_is_refused_with_the_remedy(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(new { symbol = "BTCUSDT", side = "BUY", type = "MARKET", quantity = 0.001m }) };

        var told = await SendAsync(request);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var error = told.Error.ShouldNotBeNull();
        error.Name.ShouldBe("BODY_NOT_A_FORM");
        error.Advice.ShouldContain("FormUrlEncodedContent");
        _world.Exchange.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_form_without_its_media_type_is_refused_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fapi/v1/order") { Content = new StringContent("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001") };

        (await SendAsync(request)).Error.ShouldNotBeNull().Name.ShouldBe("BODY_NOT_A_FORM");
    }

    [Fact]
    public async Task A_query_with_a_form_is_refused_since_its_signature_would_not_cover_that()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fapi/v1/order") { Content = new FormUrlEncodedContent([new("symbol", "BTCUSDT"), new("origClientOrderId", "a")]) };

        var told = await SendAsync(request);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("QUERY_WITH_BODY");
        _world.Exchange.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task An_empty_body_is_of_no_kind(string media)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("a")) { Content = new StringContent("", Encoding.UTF8, media) };

        (await SendAsync(request)).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_path_of_nobodys_that_needs_no_key_may_be_sent_anything()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hook") { Content = JsonContent.Create(new { a = 1 }) };

        await SendAsync(request);

        _world.Exchange.Requests.ShouldContain(static seen => seen.Path == "/hook");
    }

    private Task<Told> SendAsync(HttpRequestMessage request) => _world.Time.RunAsync(() => Told.HearAsync(_world.Http.SendAsync(request, TestContext.Current.CancellationToken)));
}
