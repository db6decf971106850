using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience.Testing.Tests;

/// <summary>A plain client that signs and does nothing else.</summary>
internal sealed class Trader : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public Trader(SimulatedExchange exchange, TimeProvider time, string address = "127.0.0.1")
        : this(exchange.CreateHandler(address), SimulatedExchange.Address, time)
    {
    }

    public Trader(HttpMessageHandler handler, Uri address, TimeProvider time)
    {
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _time = time;
    }

    public string Key { get; set; } = SimulatedExchangeOptions.DefaultApiKey;

    public string Secret { get; set; } = SimulatedExchangeOptions.DefaultApiSecret;

    public TimeSpan Skew { get; set; }

    public static string Sign(string payload, string secret = SimulatedExchangeOptions.DefaultApiSecret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(payload)));

    public Task<Reply> PlaceMarketAsync(string? id, string quantity = "0.001", string side = "BUY", string more = "", CancellationToken cancellationToken = default) =>
        SignedAsync(HttpMethod.Post, "/fapi/v1/order", $"symbol=BTCUSDT&side={side}&type=MARKET&quantity={quantity}{(id is null ? "" : "&newClientOrderId=" + id)}{more}", cancellationToken);

    public Task<Reply> PlaceLimitAsync(string id, string price = "40000", string quantity = "0.001", string side = "BUY", string timeInForce = "GTC", string more = "") =>
        SignedAsync(HttpMethod.Post, "/fapi/v1/order", $"symbol=BTCUSDT&side={side}&type=LIMIT&timeInForce={timeInForce}&price={price}&quantity={quantity}&newClientOrderId={id}{more}");

    public Task<Reply> FindAsync(string id, string path = "/fapi/v1/order") => SignedAsync(HttpMethod.Get, path, $"symbol=BTCUSDT&origClientOrderId={id}");

    public Task<Reply> GetAsync(string path, string query = "") => SendAsync(HttpMethod.Get, path + (query.Length > 0 ? "?" + query : ""), content: null);

    public Task<Reply> SignedAsync(HttpMethod method, string path, string query = "", CancellationToken cancellationToken = default)
    {
        var stamp = (_time.GetUtcNow() + Skew).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var payload = $"{query}{(query.Length > 0 ? "&" : "")}timestamp={stamp}";
        var content = method == HttpMethod.Get ? null : new ByteArrayContent([]);
        return SendAsync(method, $"{path}?{payload}&signature={Sign(payload, Secret)}", content, cancellationToken);
    }

    public async Task<Reply> SendAsync(HttpMethod method, string target, HttpContent? content, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, target) { Content = content };
        if (Key.Length > 0)
        {
            request.Headers.Add("X-MBX-APIKEY", Key);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var body = await reader.ReadToEndAsync(cancellationToken);
        return new Reply(response.StatusCode, body, response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));
    }

    public void Dispose() => _http.Dispose();
}

internal sealed record Reply(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public int Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetInt32() : 0;

    public string Text(string name) => Json.GetProperty(name).ToString();

    public void ShouldBeOk() => Status.ShouldBe(HttpStatusCode.OK, Body);

    public void ShouldBeRefused(int code, int status = 400)
    {
        Code.ShouldBe(code, Body);
        ((int)Status).ShouldBe(status);
    }
}
