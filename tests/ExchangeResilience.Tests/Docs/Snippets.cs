#region program
using System.Globalization;
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
#endregion
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

// What the snippets print belongs to their tests.
[assembly: CaptureConsole]

namespace Documented;

/// <summary>The code the documentation shows: each region is one block of it, regions of the same name are its parts.</summary>
internal static class Snippets
{
    public static void Use(HostApplicationBuilder builder)
    {
        #region use-registration
        builder.Services
            .AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(builder.Configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(builder.Configuration.GetSection("ExchangeSigning"));
        #endregion
    }

    public static async Task UseAsync(HttpClient http, CancellationToken cancellationToken)
    {
        #region use-call
        using var order = new HttpRequestMessage(HttpMethod.Post, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=my-order-1");
        var result = await http.SendExchangeAsync(order, cancellationToken);
        Console.WriteLine(result.Execution switch
        {
            ExecutionStatus.Executed => result.Body, // the order, also where its reply was lost and it was looked up
            ExecutionStatus.NotExecuted => $"not executed: {result}", // refused, held back or proven absent
            _ => $"unknown: {result}", // send the same again, which joins the search; never under another id
        });
        #endregion
    }

    public static async Task ProgramAsync(string[] args)
    {
        #region program
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services
            .AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri(builder.Configuration["Address"] ?? "https://testnet.binancefuture.com"))
            .AddExchangeErrorHandling(builder.Configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(builder.Configuration.GetSection("ExchangeSigning"));

        using var host = builder.Build();
        await host.StartAsync();
        var futures = host.Services.GetRequiredService<FuturesClient>();
        Console.WriteLine(await futures.BuyAsync("BTCUSDT", 0.001m, "my-order-1"));
        #endregion
    }

    public static void Keep(HostApplicationBuilder builder, Uri address, IConfigurationSection keys)
    {
        #region after-a-crash
        builder.Services
            .AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
            .AddExchangeErrorHandling().AddExchangeSigning(keys);
        builder.Services.AddSqliteOrderJournal("/var/lib/bot/orders.db");
        #endregion
    }

    public static async Task<ExecutionStatus> CancelledAsync(FuturesClient futures, CancellationToken cancellationToken)
    {
        #region cancelled
        try
        {
            return await futures.BuyAsync("BTCUSDT", 0.001m, "my-order-2", cancellationToken);
        }
        catch (ExchangeOperationCanceledException order)
        {
            return order.Execution; // Unknown: order.ClientOrderId may exist
        }
        #endregion
    }

    public static void Share(HostApplicationBuilder builder, Uri address, IConfigurationSection keys, string connectionString)
    {
        #region fleet
        builder.Services
            .AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
            .AddExchangeErrorHandling().AddExchangeSigning(keys);
        builder.Services.AddPostgreSqlExchangeState(connectionString);
        #endregion
    }

    public static void AddJournal(IServiceCollection services, IConfiguration configuration)
    {
        #region journal
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        services.AddSqliteOrderJournal("data/orders.db");
        #endregion
    }

    public static void AddSharedState(IServiceCollection services, IConfiguration configuration)
    {
        #region shared-state
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        services.AddPostgreSqlExchangeState(configuration.GetSection("ExchangeState"));
        #endregion
    }

    public static void AddTwo(IServiceCollection services, IConfiguration configuration, Uri address)
    {
        #region two-accounts
        foreach (var account in (string[])["main", "hedge"])
        {
            services.AddHttpClient(account, http => http.BaseAddress = address)
                .AddExchangeErrorHandling(options => options.Account = account)
                .AddExchangeSigning(configuration.GetSection($"Keys:{account}"));
            services.AddKeyedTransient(account, (provider, _) => new FuturesClient(provider.GetRequiredService<IHttpClientFactory>().CreateClient(account)));
        }
        #endregion
    }

    #region own-library
    public static IHttpClientBuilder AddFuturesClient(this IServiceCollection services, IConfigurationSection? exchange = null)
    {
        var client = services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"));

        // A section that is handed over must hold something; without one the defaults are in force.
        return exchange.Exists() ? client.AddExchangeErrorHandling(exchange) : client.AddExchangeErrorHandling();
    }
    #endregion

    public static void AddSigner(IHttpClientBuilder client, IConfiguration configuration)
    {
        #region own-signer
        client.AddExchangeSigning(configuration.GetSection("ExchangeSigning")); // ApiKey alone
        client.Services.AddSingleton<VaultSigner>();
        client.Services.AddOptions<ExchangeSigningOptions>(client.Name).Configure<VaultSigner>((options, signer) => options.Signer = signer);
        #endregion
    }

    public static void AddJournal(IServiceCollection services, Func<IServiceProvider, IOrderJournal> openStore)
    {
        #region own-journal
        services.AddSingleton<IOrderJournal>(openStore);
        #endregion
    }

    public static void MapOptions(IServiceCollection services)
    {
        #region own-options
        const string Client = nameof(FuturesClient);
        services.AddOptions<ExchangeErrorHandlingOptions>(Client)
            .Configure<IOptionsMonitor<FuturesOptions>>((options, own) => options.TotalTimeout = own.CurrentValue.Patience);
        services.AddSingleton<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>>(
            provider => new FuturesOptionsChanges(Client, provider.GetRequiredService<IOptionsMonitor<FuturesOptions>>()));
        #endregion
    }

    public static async Task<IReadOnlyList<ExchangeResultItem>> PlaceAsync(HttpClient http, CancellationToken cancellationToken)
    {
        #region batch
        const string Orders =
            """
            [
              {"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"entry-1"},
              {"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":"0.001","price":"90000","reduceOnly":"true","newClientOrderId":"exit-1"}
            ]
            """;
        using var batch = new HttpRequestMessage(HttpMethod.Post, "/fapi/v1/batchOrders")
        {
            Content = new FormUrlEncodedContent([new("batchOrders", Orders)]),
        };
        var result = await http.SendExchangeAsync(batch, cancellationToken);
        if (result.Items.Count == 0)
        {
            Console.WriteLine($"none of them has an outcome of its own: {result}");
        }

        foreach (var item in result.Items)
        {
            Console.WriteLine(item.Execution switch
            {
                ExecutionStatus.Executed => item.Body,
                ExecutionStatus.NotExecuted => $"send it again if it is still wanted: {item.Error}",
                _ => $"it may exist; the same batch again joins the search and sends nothing twice: {item.Error}",
            });
        }
        #endregion
        return result.Items;
    }

    public static void AddEndpoint(IServiceCollection services)
    {
        #region endpoints
        services.Configure<ExchangeErrorHandlingOptions>(nameof(FuturesClient), options => options.Endpoints.Add(
            new ExchangeEndpoint(HttpMethod.Post, "/fapi/v1/newSetting", OperationKind.Setting) { Weight = 5, Proof = SuccessProof.Code200 }));
        #endregion
    }

    public static void Explain(HttpResponseMessage response)
    {
        #region errors
        if (response.GetExchangeError() is { } error)
        {
            Console.WriteLine($"{error.Code} {error.Name}: {error.Advice}");
            if (error.Execution == ExecutionStatus.NotExecuted && error.RetryAt is { } when)
            {
                Console.WriteLine($"safe to send again from {when:O} on");
            }
        }
        #endregion
    }

    public static void SetPolicies(IServiceCollection services, IConfigurationSection signing)
    {
        #region policies
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(options =>
            {
                options.TotalTimeout = TimeSpan.FromSeconds(20);
                options.Policies["-4509"] = new ErrorPolicy { MaxAttempts = 6 };
                options.Policies["Overloaded"] = new ErrorPolicy { BaseDelay = TimeSpan.FromMilliseconds(400) };
            })
            .AddExchangeSigning(signing);
        #endregion
    }

    public static void PrintMatrix(IServiceProvider services)
    {
        #region matrix
        Console.WriteLine(services.GetRequiredService<IExchangePolicies>().ToMarkdown(nameof(FuturesClient)));
        #endregion
    }

    public static async Task<ExchangeError?> SendWithinAsync(HttpClient http, string order, CancellationToken cancellationToken)
    {
        #region send-before
        using var request = new HttpRequestMessage(HttpMethod.Post, order).SetSendBefore(TimeSpan.FromSeconds(20));
        using var response = await http.SendAsync(request, cancellationToken);
        #endregion
        return response.GetExchangeError();
    }

    public static async Task<ExchangeResult> SendAsTheRequestSaysAsync(HttpClient http, string question)
    {
        #region per-request
        using var request = new HttpRequestMessage(HttpMethod.Get, question)
            .SetTotalTimeout(TimeSpan.FromSeconds(5))
            .SetThrowOnError(false)
            .SetPolicy("RateLimited", new ErrorPolicy { Action = RecoveryAction.FailFast });
        #endregion
        return await http.SendExchangeAsync(request);
    }

    public static void Change(IHttpClientBuilder client, IConfigurationSection differences)
    {
        #region configure
        client.ConfigureExchangeErrorHandling(options => options.Limits.WeightPerMinute = 1200);
        client.ConfigureExchangeErrorHandling(differences); // a section: what this client has otherwise than others
        #endregion
    }

    public static HttpResponseMessage Refused()
    {
        #region made-by-tests
        var refused = new ExchangeError
        {
            Code = ExchangeErrorCodes.MarginNotSufficien,
            Name = "MARGIN_NOT_SUFFICIEN",
            Message = "Margin is insufficient.",
            Category = ErrorCategory.InsufficientFunds,
            Execution = ExecutionStatus.NotExecuted,
            Advice = "Add margin.",
        };
        var result = new ExchangeResult(ExecutionStatus.NotExecuted) { Error = refused };
        var cancelled = new ExchangeOperationCanceledException("POST /fapi/v1/order", "my-order-1", ExecutionStatus.Unknown);
        var exception = new ExchangeErrorException(refused, new RecoveryReport("POST /fapi/v1/order", ExecutionStatus.NotExecuted) { ClientOrderId = "my-order-1" });
        var response = new HttpResponseMessage(System.Net.HttpStatusCode.BadRequest).SetExchangeOutcome(refused);
        #endregion
        _ = (result, cancelled, exception);
        return response;
    }

    public static async Task StartStoppedAsync(IHost host)
    {
        #region stopped
        if (host.Services.GetRequiredService<IConfiguration>()["StopOrders"] is { Length: > 0 } reason)
        {
            host.Services.GetRequiredService<ITradingHalt>().StopOrders("settings", reason);
        }

        await host.StartAsync();
        #endregion
    }

    public static void Watch(HostApplicationBuilder builder)
    {
        #region health
        builder.Services.AddHealthChecks().AddExchangeResilience();
        #endregion
    }

    public static void Read(IServiceProvider services)
    {
        #region monitor
        var state = services.GetRequiredService<IExchangeMonitor>().Read();
        foreach (var lane in state.Lanes.Where(lane => lane.State == LaneState.Held))
        {
            Console.WriteLine($"{lane.Lane} of {lane.Scope}: held until {lane.HeldUntil:u} by {lane.Code}");
        }

        foreach (var order in state.OrdersInDoubt)
        {
            Console.WriteLine($"{order.ClientOrderId}: {order.Side} {order.Quantity} {order.Symbol} at {order.Price}, in doubt since {order.Since:u}");
        }
        #endregion
    }

    public static async Task RunAsync(int seed, Func<HttpMessageHandler, TimeProvider, Task> trade)
    {
        #region testing-run
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { QueryLag = TimeSpan.FromMilliseconds(300) }, time);
        exchange.Faults.Plan = FaultPlan.Mixed(seed);

        await time.RunAsync(() => trade(exchange.CreateHandler(), time));

        Console.WriteLine(exchange.Scoreboard);
        if (exchange.Duplicates.Count + exchange.SentIntoHold.Count > 0)
        {
            throw new InvalidOperationException($"seed {seed} buys twice or sends into a hold");
        }
        #endregion
    }

    public static async Task ServeAsync()
    {
        #region exchange
        var exchange = new SimulatedExchange();
        exchange.Faults.Plan = FaultPlan.Mixed(seed: 1);
        await using var server = await exchange.ListenAsync(port: 5055);

        Console.WriteLine($"{server.Address} until Enter");
        Console.ReadLine();
        Console.WriteLine(exchange.Scoreboard);
        #endregion
    }

    public static void Watch(IServiceProvider services, Action<string> alarm)
    {
        #region in-doubt
        var inDoubt = services.GetRequiredService<IInDoubtOrders>();
        inDoubt.Settled += (_, settled) => Console.WriteLine($"{settled.Order.ClientOrderId} is {settled.Execution}: {settled.Evidence}");
        inDoubt.AbsenceContradicted += (_, late) => alarm($"{late.Order.ClientOrderId} was reported as not executed and is {late.OrderStatus}");
        #endregion
    }
}

#region program
public sealed class FuturesClient(HttpClient http)
{
    public async Task<ExecutionStatus> BuyAsync(string symbol, decimal quantity, string orderId, CancellationToken cancellationToken = default)
    {
        var order = string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}");
        using var request = new HttpRequestMessage(HttpMethod.Post, order);
        var result = await http.SendExchangeAsync(request, cancellationToken);
        if (!result.IsExecuted)
        {
            // NotExecuted: refused, held back or proven absent. Unknown: it may exist. Call again with the same id, never with another.
            Console.WriteLine($"{result} {result.Report}");
        }

        return result.Execution;
    }
}
#endregion

#region own-options
public sealed class FuturesOptionsChanges : IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>, IDisposable
{
    private readonly IDisposable? _subscription;
    private CancellationTokenSource _change = new();

    public FuturesOptionsChanges(string client, IOptionsMonitor<FuturesOptions> options)
    {
        Name = client;

        // The monitor calls this once its own value is the new one.
        _subscription = options.OnChange(_ => Interlocked.Exchange(ref _change, new CancellationTokenSource()).Cancel());
    }

    public string? Name { get; }

    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _change).Token);

    public void Dispose() => _subscription?.Dispose();
}
#endregion
