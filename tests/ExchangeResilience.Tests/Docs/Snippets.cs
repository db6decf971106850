#region program
using System.Globalization;
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
#endregion
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;

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

    public static async Task UseAsync(HttpClient http)
    {
        #region use-call
        using var response = await http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=my-order-1", content: null);
        if (response.GetExchangeError() is { } error)
        {
            Console.WriteLine($"{error} {error.Advice}");
        }
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
            .AddExchangeErrorHandling().AddExchangeSigning(keys).AddSqliteOrderJournal("orders.db");
        #endregion
    }

    public static async Task<ExecutionStatus> CancelledAsync(FuturesClient futures, CancellationToken cancellationToken)
    {
        #region cancelled
        try
        {
            return await futures.BuyAsync("BTCUSDT", 0.001m, "my-order-2", cancellationToken);
        }
        catch (OperationCanceledException cancelled)
        {
            if (ExchangeOperationCanceledException.Find(cancelled) is { } order)
            {
                return order.Execution; // Unknown: order.ClientOrderId may exist
            }

            throw;
        }
        #endregion
    }

    public static void Share(HostApplicationBuilder builder, Uri address, IConfigurationSection keys, string connectionString)
    {
        #region fleet
        builder.Services
            .AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
            .AddExchangeErrorHandling().AddExchangeSigning(keys).AddPostgreSqlExchangeState(connectionString);
        #endregion
    }

    public static void AddJournal(IServiceCollection services, IConfiguration configuration)
    {
        #region journal
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"))
            .AddSqliteOrderJournal("data/orders.db");
        #endregion
    }

    public static void AddSharedState(IServiceCollection services, IConfiguration configuration)
    {
        #region shared-state
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri("https://fapi.binance.com"))
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"))
            .AddPostgreSqlExchangeState(configuration.GetSection("ExchangeState"));
        #endregion
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
        inDoubt.AbsenceContradicted += (_, late) => alarm($"{late.Order.ClientOrderId} was reported as not executed and is {late.Status}");
        #endregion
    }
}

#region program
public sealed class FuturesClient(HttpClient http)
{
    public async Task<ExecutionStatus> BuyAsync(string symbol, decimal quantity, string orderId, CancellationToken cancellationToken = default)
    {
        var order = string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}");
        try
        {
            using var response = await http.PostAsync(order, content: null, cancellationToken);
            if (response.GetExchangeError() is not { } error)
            {
                return ExecutionStatus.Executed; // the body is the order, also where only a look-up found it
            }

            Console.WriteLine($"{error} {error.Advice}");
            return error.Execution;
        }
        catch (ExchangeErrorException failure)
        {
            // NotExecuted: proven, though there is no reply to return. Unknown: it may exist. Call again with the same id, never with another.
            Console.WriteLine($"{failure.Error} {failure.Report}");
            return failure.Error.Execution;
        }
    }
}
#endregion
