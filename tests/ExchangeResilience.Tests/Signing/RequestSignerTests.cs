using System.Text;

namespace ExchangeResilience.Tests;

public sealed class RequestSignerTests
{
    private const long Stamp = 1_591_702_613_943;
    private static readonly ExchangeSecret DocumentedSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

    private readonly RecordingSigner _recorder = new();

    // Key and parameters of the exchange's own examples; the signatures by `openssl dgst -sha256 -hmac`.
    [Theory]
    [InlineData(
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000", null,
        "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9")]
    [InlineData(
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC", "quantity=1&price=9000&recvWindow=5000",
        "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4")]
    [InlineData("symbol=测试USDT", null, "f01d79a6d62f2d9b5b4782abd10c81a150acbe4f161ad3eeb3b9550a7ea3f823")]
    public void Documented_requests_get_the_signature_that_openssl_gives_them(string query, string? body, string signature)
    {
        var signed = new RequestSigner(new HmacSha256Signer(DocumentedSecret), TimeSpan.FromSeconds(5)).Sign(Address(query), body, Stamp);

        (signed.Body ?? signed.Address.Query).ShouldEndWith($"&recvWindow=5000&timestamp={Stamp}&signature={signature}");
    }

    [Theory]
    // Where the new parameters go.
    [InlineData("", null, "recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("a=1", null, "a=1&recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("a=1", "", "a=1&recvWindow=5000&timestamp=T&signature=S", "")]
    [InlineData("", "b=2", "", "b=2&recvWindow=5000&timestamp=T&signature=S")]
    [InlineData("a=1", "b=2", "a=1", "b=2&recvWindow=5000&timestamp=T&signature=S")]
    // Signed before: stripped wherever it stands, however it is spelt.
    [InlineData("timestamp=1&a=1&signature=x", null, "a=1&recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("timestamp=1&timestamp=2&a=1&signature=x&signature=y", "signature=z&b=2&timestamp=3", "a=1", "b=2&recvWindow=5000&timestamp=T&signature=S")]
    [InlineData("%74imestamp=1&a=1&s%69gnature=x", null, "a=1&recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("a=1", "timestamp=3&signature=z", "a=1&recvWindow=5000&timestamp=T&signature=S", "")]
    [InlineData("Timestamp=1&signatures=x", null, "Timestamp=1&signatures=x&recvWindow=5000&timestamp=T&signature=S", null)]
    // The caller's window stays, once.
    [InlineData("recvWindow=700&a=1", null, "recvWindow=700&a=1&timestamp=T&signature=S", null)]
    [InlineData("recvWindow=700&a=1&recvWindow=800", "b=2&recvWindow=900", "recvWindow=700&a=1", "b=2&timestamp=T&signature=S")]
    [InlineData("a=1", "recvWindow=900&b=2", "a=1", "recvWindow=900&b=2&timestamp=T&signature=S")]
    // The caller's encoding stays, and is made good where it may not be sent.
    [InlineData("a=%2B%2b%20+&b=c%2Fd", "e=+%20%2b", "a=%2B%2b%20+&b=c%2Fd", "e=+%20%2b&recvWindow=5000&timestamp=T&signature=S")]
    [InlineData("batchOrders=[{\"symbol\":\"BTCUSDT\"}]", null, "batchOrders=%5B%7B%22symbol%22:%22BTCUSDT%22%7D%5D&recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%7D%5D", null, "batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%7D%5D&recvWindow=5000&timestamp=T&signature=S", null)]
    [InlineData("", "symbol=测试USDT", "", "symbol=%E6%B5%8B%E8%AF%95USDT&recvWindow=5000&timestamp=T&signature=S")]
    public void The_request_gets_one_timestamp_one_window_and_one_signature_the_signature_last(
        string query, string? body, string expectedQuery, string? expectedBody)
    {
        var signed = new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(Address(query), body, Stamp);

        Masked(signed.Address.Query.TrimStart('?')).ShouldBe(expectedQuery);
        signed.Body.ShouldBe(expectedBody?.Replace("=T&", $"={Stamp}&", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a=1&signature=old", null)]
    [InlineData("a=1", "b=[2]")]
    [InlineData("", "b=2")]
    [InlineData("symbol=测试USDT&x=%41%7e [\"]'()", "y=é%2b")]
    public void What_is_signed_is_what_is_sent(string query, string? body)
    {
        var signed = new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(Address(query), body, Stamp);

        var sent = signed.Address.PathAndQuery.Split('?', 2).ElementAtOrDefault(1) + signed.Body;
        sent.ShouldBe(_recorder.Payload + "&signature=S");
    }

    [Fact]
    public void Signing_again_replaces_only_the_stamp()
    {
        var signer = new RequestSigner(_recorder, TimeSpan.FromSeconds(5));
        var once = signer.Sign(Address("a=[1]"), "b=é", Stamp);

        var twice = signer.Sign(RequestTarget.Of(once.Address), once.Body, Stamp + 1);

        twice.Address.ShouldBe(once.Address);
        twice.Body.ShouldBe("b=%C3%A9&recvWindow=5000&timestamp=1591702613944&signature=S");
    }

    [Fact]
    public void A_signature_is_encoded_for_the_address()
    {
        _recorder.Answer = "a+b/c==";

        var signed = new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(Address("a=1"), null, Stamp);

        signed.Address.Query.ShouldEndWith("&signature=a%2Bb%2Fc%3D%3D");
    }

    [Fact]
    public void The_rest_of_the_address_stays()
    {
        var signed = new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(RequestTarget.Of(new Uri("http://localhost:8080/a%2Fb/order#part")), null, Stamp);

        signed.Address.GetLeftPart(UriPartial.Path).ShouldBe("http://localhost:8080/a%2Fb/order");
    }

    [Theory]
    [InlineData("a=1", 5_000)]
    [InlineData("recvWindow=700", 700)]
    [InlineData("recvWindow=700.25", 701)]
    [InlineData("recvWindow=9999999", 9_999_999)]
    [InlineData("recvWindow=", 60_000)]
    [InlineData("recvWindow=0", 60_000)]
    [InlineData("recvWindow=-5", 60_000)]
    [InlineData("recvWindow=soon", 60_000)]
    [InlineData("recvWindow=99999999999999999999999", 60_000)]
    public void The_window_that_bounds_the_doubt_is_the_one_sent(string query, long expectedMs) =>
        new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(Address(query), null, Stamp).RecvWindowMs.ShouldBe(expectedMs);

    [Fact]
    public void A_signed_request_does_not_show_its_signature() =>
        new RequestSigner(_recorder, TimeSpan.FromSeconds(5)).Sign(Address("a=1"), "b=2", Stamp).ToString()
            .ShouldBe("https://fapi.example:8443/fapi/v1/order, recvWindow 5000 ms");

    private static RequestTarget Address(string query) => RequestTarget.Of(new Uri($"https://fapi.example:8443/fapi/v1/order?{query}"));

    private static string Masked(string text) => text.Replace($"={Stamp}&", "=T&", StringComparison.Ordinal);

    private sealed class RecordingSigner : IExchangeSigner
    {
        public string Answer { get; set; } = "S";

        public string Payload { get; private set; } = "";

        public string Sign(ReadOnlySpan<byte> payload)
        {
            Payload = Encoding.UTF8.GetString(payload);
            return Answer;
        }
    }
}
