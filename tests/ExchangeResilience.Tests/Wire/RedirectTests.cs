using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Replies that point elsewhere. Key and signature belong to one host, so nothing follows.</summary>
public sealed class RedirectTests
{
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_signed_request_is_never_followed_to_another_host(int status)
    {
        await using var elsewhere = new RawServer(static _ => RawAnswer.Json(200, """{"orderId":1}"""));
        var answer = new RawAnswer(FormattableString.Invariant($"HTTP/1.1 {status} X\r\nLocation: {elsewhere.Address}fapi/v1/order\r\nContent-Length: 0\r\n\r\n"), RawEnding.KeepAlive);
        await using var exchange = new HostileExchange(() => answer, primary: new SocketsHttpHandler { AllowAutoRedirect = true });

        (await exchange.TellAsync("GET")).ShouldBe(FormattableString.Invariant($"{status}"));
        (await exchange.TellAsync("POST")).ShouldBe(FormattableString.Invariant($"{status} UNPROVEN_REPLY NotExecuted"));

        (exchange.SeenOf("GET"), exchange.SeenOf("POST")).ShouldBe((1, 1));
        elsewhere.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_redirect_of_the_middlewares_own_questions_answers_none_of_them()
    {
        await using var elsewhere = new RawServer(static _ => RawAnswer.Json(200, """{"serverTime":1,"orderId":1}"""));
        var answer = new RawAnswer($"HTTP/1.1 302 X\r\nLocation: {elsewhere.Address}\r\nContent-Length: 0\r\n\r\n", RawEnding.KeepAlive);
        await using var server = new RawServer(_ => answer);
        await using var services = WireFixture.Build(server.Address, static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromMilliseconds(400));
        using var http = services.GetRequiredService<FuturesClient>().Http;

        (await HostileExchange.TellAsync(() => http.PostAsync(HostileExchange.TargetOf("POST"), content: null))).ShouldBe("throws UNPROVEN_REPLY Unknown");

        server.HeadsOf("POST /fapi/v1/order").Count.ShouldBe(1);
        server.HeadsOf("GET /fapi/v1/order").ShouldNotBeEmpty();
        elsewhere.Connections.ShouldBe(0);
    }
}
