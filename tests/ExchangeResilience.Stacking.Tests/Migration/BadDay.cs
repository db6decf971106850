using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>Fifteen hundred orders of one client on a bad day, one each second, and a cancel with every tenth, on manual time: the same orders meet the same faults, whoever sends them.</summary>
internal sealed class BadDay
{
    public const int Orders = 1_500;
    public const int Seed = 1;

    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;

    public BadDay()
    {
        _exchange = new SimulatedExchange(
            new SimulatedExchangeOptions
            {
                Latency = TimeSpan.FromMilliseconds(20),
                QueryLag = TimeSpan.FromMilliseconds(300),

                // A request into a wait is noted and served all the same: else each client would earn bans, and faults, of its own.
                EnforceRetryAfter = false,

                // What was already on its way when the wait was told is nobody's fault.
                HoldGrace = TimeSpan.FromMilliseconds(40),
            },
            _time);
        _exchange.Faults.Plan = FaultPlan.Mixed(Seed);
    }

    public static IConfiguration Configuration { get; } = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["ExchangeErrorHandling:Mode"] = "Enforce",
        ["ExchangeSigning:ApiKey"] = SimulatedExchangeOptions.DefaultApiKey,
        ["ExchangeSigning:Secret"] = SimulatedExchangeOptions.DefaultApiSecret,
    }).Build();

    public Func<HttpMessageHandler> Exchange => () => _exchange.CreateHandler();

    /// <param name="add">Registers the client.</param>
    /// <param name="buy">Buys under an id; what the program was told, and <see cref="ExecutionStatus.NotExecuted"/> where it saw an error that does not say.</param>
    /// <param name="cancel">Cancels what is not there; whether a breaker refused that.</param>
    public async Task<Toll> TakeAsync(Action<IServiceCollection, Uri> add, Func<IServiceProvider, string, Task<ExecutionStatus>> buy, Func<IServiceProvider, Task<bool>> cancel)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(Exchange));
        services.ConfigureAll<HttpStandardResilienceOptions>(static options => options.Retry.UseJitter = false);
        add(services, SimulatedExchange.Address);
        await using var provider = services.BuildServiceProvider();

        var told = new ExecutionStatus[Orders];
        var cancelsRefused = 0;
        await _time.RunAsync(async () =>
        {
            for (var number = 0; number < Orders; number++)
            {
                told[number] = await buy(provider, Id(number));
                cancelsRefused += number % 10 == 0 && await cancel(provider) ? 1 : 0;
                await Task.Delay(TimeSpan.FromSeconds(1), _time);
            }
        });

        var bought = Enumerable.Range(0, Orders).Select(number => _exchange.ExecutionsOf(Id(number)).Count).ToArray();
        return new Toll(
            bought.Count(static times => times > 0),
            bought.Count(static times => times > 1),
            bought.Sum(static times => Math.Max(0, times - 1)),
            Enumerable.Range(0, Orders).Count(number => told[number] == ExecutionStatus.NotExecuted && bought[number] > 0),
            Enumerable.Range(0, Orders).Count(number => told[number] == ExecutionStatus.Executed && bought[number] == 0),
            told.Count(static status => status == ExecutionStatus.Unknown),
            cancelsRefused,
            _exchange.SentIntoHold.Count);
    }

    private static string Id(int number) => FormattableString.Invariant($"n{number}");
}
