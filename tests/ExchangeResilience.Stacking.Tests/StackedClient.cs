using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Stacking.Tests;

/// <summary>A program whose client has somebody else's resilience on top of the middleware, in front of the simulated exchange, all on manual time.</summary>
internal sealed class StackedClient : IDisposable
{
    private readonly ServiceProvider _services;

    public StackedClient(int seed, Action<IHttpClientBuilder> outer)
    {
        Exchange = new SimulatedExchange(
            new SimulatedExchangeOptions { Latency = TimeSpan.FromMilliseconds(20), QueryLag = TimeSpan.FromMilliseconds(900), HoldGrace = TimeSpan.FromMilliseconds(40) },
            Time);
        Exchange.Faults.Plan = FaultPlan.Mixed(seed);

        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        var builder = services.AddHttpClient("futures", static client => client.BaseAddress = SimulatedExchange.Address);
        outer(builder);
        builder
            .AddExchangeErrorHandling()
            .AddExchangeSigning(static options =>
            {
                options.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
                options.Secret = SimulatedExchangeOptions.DefaultApiSecret;
            })
            .ConfigurePrimaryHttpMessageHandler(() => Exchange.CreateHandler());
        _services = services.BuildServiceProvider();
        Http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public HttpClient Http { get; }

    public IInDoubtOrders InDoubt => _services.GetRequiredService<IInDoubtOrders>();

    /// <summary>Places orders, each of a quantity of its own, so that whatever is doubled shows; every other one bears an id of the caller's.</summary>
    public async Task<IReadOnlyList<StackAnswer>> PlaceAsync(int orders, int parallel)
    {
        var heard = new StackAnswer[orders];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(async _ =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < orders)
            {
                heard[number] = await StackAnswer.OfAsync(Http.PostAsync(AddressOf(number), content: null));
            }
        }));
        return heard;
    }

    /// <summary>Asks again for what a caller has heard no verdict on, as far as it bears the caller's id.</summary>
    public async Task<IReadOnlyList<StackAnswer>> AskAgainAsync(IReadOnlyList<StackAnswer> heard)
    {
        Exchange.Faults.Clear();
        List<StackAnswer> answers = [];
        foreach (var number in Enumerable.Range(0, heard.Count).Where(number => number % 2 == 0 && heard[number].Execution == ExecutionStatus.Unknown))
        {
            answers.Add(await StackAnswer.OfAsync(Http.PostAsync(AddressOf(number), content: null)));
        }

        return answers;
    }

    public ExecutionStatus Truth(int number) =>
        Exchange.Orders.Any(order => order.Quantity == QuantityOf(number)) ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;

    public void Dispose()
    {
        Http.Dispose();
        _services.Dispose();
    }

    private static decimal QuantityOf(int number) => (number + 1) * 0.001m;

    private static string AddressOf(int number) =>
        FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={QuantityOf(number)}{(number % 2 == 0 ? $"&newClientOrderId=n{number}" : "")}");
}

/// <summary>What a caller heard, under the name it would be seen by in a log.</summary>
internal sealed record StackAnswer(ExecutionStatus Execution, string Form)
{
    public static async Task<StackAnswer> OfAsync(Task<HttpResponseMessage> call)
    {
        try
        {
            using var response = await call;
            var execution = response.GetExchangeError()?.Execution ?? (response.IsSuccessStatusCode ? ExecutionStatus.Executed : ExecutionStatus.Unknown);
            return new StackAnswer(execution, FormattableString.Invariant($"{(int)response.StatusCode} {execution}"));
        }
        catch (ExchangeErrorException failed)
        {
            return new StackAnswer(failed.Error.Execution, $"{nameof(ExchangeErrorException)} {failed.Error.Name} {failed.Error.Execution}");
        }
        catch (Exception thrown)
        {
            return new StackAnswer(ExecutionStatus.Unknown, thrown.GetType().Name);
        }
    }
}
