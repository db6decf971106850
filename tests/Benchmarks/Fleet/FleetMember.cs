using System.Diagnostics;
using System.Globalization;
using ExchangeResilience;
using ExchangeResilience.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Benchmarks.Fleet;

/// <summary>A program of the fleet, in this process: everything it would register, over an exchange in memory.</summary>
internal sealed class FleetMember : IAsyncDisposable
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly ServiceProvider _services;
    private readonly HttpClient _http;
    private readonly PostgreSqlJournal? _journal;
    private readonly string _name;
    private readonly List<double> _latencies = [];
    private readonly Lock _lock = new();
    private (long Commits, long Grants) _warmedUp;
    private int _orders;

    /// <param name="name">No other member's.</param>
    /// <param name="database">Where the state is shared; null for one that shares nothing, and writes its journal to memory.</param>
    /// <param name="customer">Whose limits it shares: account and address.</param>
    /// <param name="limits">What the exchange allows.</param>
    public FleetMember(string name, string? database, string customer, FleetLimits limits)
    {
        _name = name;
        var services = new ServiceCollection();
        services.AddHttpClient("fleet", static http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static () => new OrderExchange())
            .AddExchangeErrorHandling(options =>
            {
                options.Account = options.EgressName = customer;
                (options.Limits.WeightPerMinute, options.Limits.OrdersPer10Seconds, options.Limits.OrdersPerMinute) = (limits.WeightPerMinute, limits.OrdersPer10Seconds, limits.OrdersPerMinute);

                // Who finds a window spent waits for the next.
                (options.MaxWait, options.SendBefore, options.TotalTimeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40));
            })
            .AddExchangeSigning(static options => (options.ApiKey, options.Secret) = ("key", "secret"));
        if (database is not null)
        {
            services.AddPostgreSqlExchangeState(options => (options.ConnectionString, options.MemberName) = (database, name));
        }

        _services = services.BuildServiceProvider();
        _journal = _services.GetService<PostgreSqlJournal>();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("fleet");
    }

    /// <summary>How long each order took, in milliseconds.</summary>
    public IReadOnlyList<double> Latencies => _latencies;

    /// <summary>Transactions that an order or a verdict waited for.</summary>
    public long Commits => (_journal?.Commits ?? 0) - _warmedUp.Commits;

    /// <summary>Exchanges of messages about room within the limits.</summary>
    public long Grants => (_journal?.Budget.RoundTrips ?? 0) - _warmedUp.Grants;

    /// <summary>Starts, and lets each caller place an order that does not count.</summary>
    public async Task StartAsync(int callers)
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => PlaceAsync(CancellationToken.None)));
        _latencies.Clear();
        _warmedUp = (Commits, Grants);
    }

    /// <summary>Places orders, so many at a time, until it is told to stop.</summary>
    public Task TradeAsync(int callers, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
        async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await PlaceAsync(stop);
            }
        },
        CancellationToken.None)));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
    }

    private async Task PlaceAsync(CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        var id = string.Create(CultureInfo.InvariantCulture, $"{_name}-{Interlocked.Increment(ref _orders)}");
        try
        {
            using var response = await _http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}", content: null, stop);
            response.EnsureSuccessStatusCode();
        }
        catch (ExchangeErrorException heldBack)
        {
            // Longer than it may wait. It comes again when it may.
            var pause = (heldBack.Error.RetryAt - TimeProvider.System.GetUtcNow()) ?? LeastPause;
            await Task.Delay(pause > LeastPause ? pause : LeastPause, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is answered after the end counts for no rate.
            return;
        }

        var took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        lock (_lock)
        {
            _latencies.Add(took);
        }
    }
}
