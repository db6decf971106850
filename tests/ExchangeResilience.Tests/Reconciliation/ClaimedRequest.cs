using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Claims as the handler makes them of a request, without a wire.</summary>
internal static class ClaimedRequest
{
    public const long Stamp = 1_000_000;
    public const long RecvWindow = 5_000;

    public static AttemptWindow Window => new(Stamp, RecvWindow);

    /// <summary>Where the requests of an account go, and who can be asked about them.</summary>
    public static ClaimOrigin OriginOf(string account, bool canAsk = true) => new("futures", ExchangeVenue.BinanceUsdFutures, new Uri("https://fapi.test"), canAsk)
    {
        Environment = "fapi.test",
        Account = new AccountIdentity { Label = account, Name = account },
    };

    /// <summary>A journal that keeps nothing.</summary>
    public static ClaimJournal NoJournal(TimeProvider time) => new(journal: null, shared: null, time, new RandomSource(new Random(1)), NullLogger<ClaimJournal>.Instance);

    public static Claim Of(string route, string parameters, params AttemptWindow?[] windows) => Of(route, parameters, idIsGenerated: false, canAsk: true, windows);

    public static Claim Of(string route, string parameters, bool idIsGenerated, bool canAsk, params AttemptWindow?[] windows)
    {
        var operation = Operation(route, parameters, idIsGenerated);
        var claim = new Claim(operation, OriginOf("account", canAsk)) { Since = DateTimeOffset.UnixEpoch };
        foreach (var window in windows)
        {
            claim.Attempts.Add(window);
        }

        return claim;
    }

    public static ExchangeOperation Operation(string route, string parameters, bool idIsGenerated = false)
    {
        var (method, path) = route.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException("A method and a path.", nameof(route));
        return OperationReader.Read(ExchangeVenue.BinanceUsdFutures.Endpoints.Find(new HttpMethod(method), path), new RequestParameters(parameters, null), idIsGenerated);
    }
}
