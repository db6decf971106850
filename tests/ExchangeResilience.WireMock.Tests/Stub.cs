namespace ExchangeResilience.WireMock.Tests;

/// <summary>One reply that the server is told to give.</summary>
internal sealed record Stub(int Status, string Body, string? RetryAfter = null)
{
    public static Stub Ok(string body) => new(200, body);

    public static Stub Refusal(int status, int code, string message) => new(status, $$"""{"code":{{code}},"msg":"{{message}}"}""");
}
