using System.Globalization;
using System.Text.Json;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Batches;

/// <summary>Batches as a program writes them.</summary>
internal static class Batch
{
    public const string Place = "POST /fapi/v1/batchOrders";
    public const string Amend = "PUT /fapi/v1/batchOrders";
    public const string Cancel = "DELETE /fapi/v1/batchOrders";

    private const string Path = "/fapi/v1/batchOrders";

    public static string Buy(string id, decimal quantity = 0.001m, string more = "") => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"{{quantity}}"{{(id.Length == 0 ? "" : $",\"newClientOrderId\":\"{id}\"")}}{{more}}}""");

    public static string Rest(string id, int price = 40_000) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"{{price}}","newClientOrderId":"{{id}}"}""");

    public static string Change(string id, int price) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"symbol":"BTCUSDT","side":"BUY","quantity":"0.01","price":"{{price}}","origClientOrderId":"{{id}}"}""");

    public static string Of(params string[] items) => $"{Path}?batchOrders={Uri.EscapeDataString($"[{string.Join(',', items)}]")}";

    public static string CancelOf(params string[] ids) =>
        $"{Path}?symbol=BTCUSDT&origClientOrderIdList={Uri.EscapeDataString($"[{string.Join(',', ids.Select(id => $"\"{id}\""))}]")}";

    /// <summary>The ids of each batch that arrived, in order.</summary>
    public static IReadOnlyList<string> SentIds(this SimulatedExchange exchange, string route = Place) => [.. exchange.Seen(route).Select(request => string.Join(' ', IdsOf(request)))];

    private static IEnumerable<string?> IdsOf(ReceivedRequest request)
    {
        var text = request.Parameters.GetValueOrDefault("batchOrders") ?? request.Parameters.GetValueOrDefault("origClientOrderIdList") ?? request.Parameters["orderIdList"];
        return JsonSerializer.Deserialize<JsonElement[]>(text)!.Select(item => item.ValueKind != JsonValueKind.Object ? item.ToString()
            : item.TryGetProperty("newClientOrderId", out var id) ? id.GetString() : item.GetProperty("origClientOrderId").GetString());
    }
}

/// <summary>What one batch told its caller, item by item.</summary>
internal sealed record ToldBatch
{
    public int Status { get; private init; }

    public IReadOnlyList<ExchangeError?> Errors { get; private init; } = [];

    public IReadOnlyList<JsonElement> Items { get; private init; } = [];

    public ExchangeError? Error { get; private init; }

    public RecoveryReport? Report { get; private init; }

    public Exception? Thrown { get; private init; }

    public ExecutionStatus Execution { get; private init; }

    /// <summary>The outcome of each item, in a word.</summary>
    public string Outcomes => string.Join(' ', Errors.Select(error => (error?.Execution ?? ExecutionStatus.Executed).ToString()));

    /// <summary>What each item of the array holds: the order's id, or the code.</summary>
    public string Array => string.Join(' ', Items.Select(item =>
        item.TryGetProperty("clientOrderId", out var id) ? id.GetString() : item.TryGetProperty("code", out var code) ? code.ToString() : "?"));

    public static async Task<ToldBatch> HearAsync(Task<HttpResponseMessage> call)
    {
        try
        {
            using var response = await call;
            var body = await response.Content.ReadAsStringAsync();
            var json = JsonSerializer.Deserialize<JsonElement>(body);
            return new ToldBatch
            {
                Status = (int)response.StatusCode,
                Errors = response.GetExchangeErrors(),
                Error = response.GetExchangeError(),
                Report = response.GetRecoveryReport(),
                Items = json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray()] : [],
                Execution = response.GetExchangeError()?.Execution ?? ExecutionStatus.Executed,
            };
        }
        catch (OperationCanceledException cancelled) when (ExchangeOperationCanceledException.Find(cancelled) is { } found)
        {
            return new ToldBatch { Thrown = cancelled, Execution = found.Execution };
        }
        catch (ExchangeErrorException failed)
        {
            return new ToldBatch { Thrown = failed, Error = failed.Error, Report = failed.Report, Execution = failed.Error.Execution };
        }
    }

    public override string ToString() => $"{Status} {Outcomes} [{Array}] {Error} {Thrown?.Message} {Report}";
}
