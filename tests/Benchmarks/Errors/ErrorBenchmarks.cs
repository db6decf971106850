using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ExchangeResilience;

namespace Benchmarks.Errors;

/// <summary>What it costs to learn what a refusal means, from its bytes.</summary>
public class ErrorBenchmarks
{
    private static readonly ExchangeVenue Venue = ExchangeVenue.BinanceUsdFutures;
    private static readonly Uri Address = new("https://fapi.binance.com/fapi/v1/order?symbol=BTCUSDT");

    private int _status;
    private byte[] _body = [];
    private ExchangeEndpoint? _query;
    private ExchangeEndpoint? _place;
    private AwsChecks? _aws;
    private AzureChecks? _azure;

    [Params(Bodies.Json, Bodies.Html)]
    public string Reply { get; set; } = "";

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        (_status, _body) = Bodies.Of(Reply);
        _query = Venue.Endpoints.Find(HttpMethod.Get, Address);
        _place = Venue.Endpoints.Find(HttpMethod.Post, Address);
        _aws = new AwsChecks(_status, _body);
        _azure = await AzureChecks.OfAsync(_status, _body);
    }

    [GlobalCleanup]
    public void CleanUp() => _azure?.Dispose();

    [Benchmark(Description = "JsonDocument: code and message")]
    public int Json()
    {
        try
        {
            using var body = JsonDocument.Parse(_body);
            return body.RootElement.GetProperty("code").GetInt32() + body.RootElement.GetProperty("msg").GetString()!.Length;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    [Benchmark(Description = "ErrorReader: what the body says")]
    public bool Read() => ErrorReader.Read(_body, Venue.Errors.Vocabulary).IsFailure;

    [Benchmark(Description = "ReplyClassifier: a query's verdict")]
    public bool ClassifyQuery() => ReplyClassifier.Classify(_status, _body, _query!, Venue.Errors).IsSuccess;

    [Benchmark(Description = "ReplyClassifier: an order's verdict")]
    public bool ClassifyOrder() => ReplyClassifier.Classify(_status, _body, _place!, Venue.Errors).IsSuccess;

    [Benchmark(Description = "ReplyClassifier: an order's verdict, told with its text")]
    public object Tell() => ReplyClassifier.ToError(ReplyClassifier.Classify(_status, _body, _place!, Venue.Errors), _body, _status, null, null);

    [Benchmark(Description = "AWSSDK.Core: exception and retry policy")]
    public bool Aws() => _aws!.IsRetriable();

    [Benchmark(Description = "Azure.Core: retry by status alone")]
    public bool AzureStatus() => _azure!.IsRetriable();

    [Benchmark(Description = "Azure.Core: exception and code")]
    public string? AzureCode() => _azure!.ErrorCode();
}
