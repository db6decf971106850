using System.Net;
using BenchmarkDotNet.Attributes;
using ExchangeResilience;

namespace Benchmarks.Lookups;

/// <summary>Looking up what a code means, what happens next and what a path does, each for many keys in turn.</summary>
public class LookupBenchmarks
{
    private const int Keys = 16;
    private const int NotListed = -999_001;

    private static readonly ExchangeVenue Venue = ExchangeVenue.BinanceUsdFutures;

    private readonly int[] _codes = new int[Keys];
    private readonly ErrorDefinition[] _definitions = new ErrorDefinition[Keys];
    private readonly ErrorDefinition[] _unlisted = new ErrorDefinition[Keys];
    private readonly Uri[] _addresses = new Uri[Keys];
    private readonly HttpMethod[] _methods = new HttpMethod[Keys];
    private Dictionary<int, ErrorDefinition> _dictionary = [];
    private PolicyMatrix? _matrix;
    private EndpointTable? _endpoints;

    [GlobalSetup]
    public void SetUp()
    {
        var all = Venue.Errors.All;
        var endpoints = Venue.Endpoints.All.ToList();
        _dictionary = all.ToDictionary(row => row.Code);
        _matrix = PolicyMatrix.Compile([], ExchangeVenue.BinanceUsdFutures.Errors, ExchangeVenue.BinanceUsdFutures.Policies, []);
        _endpoints = Venue.Endpoints;
        for (var key = 0; key < Keys; key++)
        {
            _definitions[key] = all[key * all.Count / Keys];
            _codes[key] = _definitions[key].Code;
            _unlisted[key] = ReplyErrors.Unlisted(NotListed - key, ExecutionStatus.NotExecuted);
            var endpoint = endpoints[key * endpoints.Count / Keys];
            _methods[key] = endpoint.Method;
            _addresses[key] = new Uri($"https://fapi.binance.com{endpoint.Path}?symbol=BTCUSDT");
        }
    }

    [Benchmark(Description = "Dictionary<int, ErrorDefinition>", OperationsPerInvoke = Keys)]
    public int Dictionary()
    {
        var found = 0;
        foreach (var code in _codes)
        {
            found += _dictionary.TryGetValue(code, out var row) ? (int)row.Category : 0;
        }

        return found;
    }

    [Benchmark(Description = "ErrorCatalog: a listed code", OperationsPerInvoke = Keys)]
    public int Catalog()
    {
        var found = 0;
        foreach (var code in _codes)
        {
            found += Venue.Errors.Find(code) is { } row ? (int)row.Category : 0;
        }

        return found;
    }

    [Benchmark(Description = "ErrorCatalog: a code nobody lists", OperationsPerInvoke = Keys)]
    public int CatalogUnlisted()
    {
        var found = 0;
        foreach (var code in _codes)
        {
            found += Venue.Errors.Find(code + NotListed) is null ? 1 : 0;
        }

        return found;
    }

    [Benchmark(Description = "PolicyMatrix: a listed code", OperationsPerInvoke = Keys)]
    public int Matrix()
    {
        var found = 0;
        foreach (var definition in _definitions)
        {
            found += (int)_matrix!.Find(definition, (int)HttpStatusCode.BadRequest).Action;
        }

        return found;
    }

    [Benchmark(Description = "PolicyMatrix: a code nobody lists", OperationsPerInvoke = Keys)]
    public int MatrixUnlisted()
    {
        var found = 0;
        foreach (var definition in _unlisted)
        {
            found += (int)_matrix!.Find(definition, (int)HttpStatusCode.ServiceUnavailable).Action;
        }

        return found;
    }

    [Benchmark(Description = "EndpointTable: an address", OperationsPerInvoke = Keys)]
    public int Endpoint()
    {
        var found = 0;
        for (var key = 0; key < Keys; key++)
        {
            found += (int)_endpoints!.Find(_methods[key], _addresses[key]).Kind;
        }

        return found;
    }
}
