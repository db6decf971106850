using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>A program of some kind, with something above the middleware, in front of the simulated exchange, all on manual time.</summary>
internal sealed class World : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly StackedProgram _program;
    private readonly bool _alwaysNames;

    public World(KindOfClient kind, Above above, FaultPlan plan)
    {
        _program = new StackedProgram(kind, above);
        _alwaysNames = kind == KindOfClient.Refit;
        Exchange = new SimulatedExchange(
            new SimulatedExchangeOptions { Latency = TimeSpan.FromMilliseconds(20), QueryLag = TimeSpan.FromMilliseconds(900), HoldGrace = TimeSpan.FromMilliseconds(40) },
            Time);
        Exchange.Faults.Plan = plan;

        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.ConfigureAll<HttpStandardResilienceOptions>(static options => options.Retry.UseJitter = false);
        _program.AddTo(services, SimulatedExchange.Address, () => Exchange.CreateHandler());
        _services = services.BuildServiceProvider();
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public ITradingHalt Halt => _services.GetRequiredService<ITradingHalt>();

    /// <summary>Buys; each order has a quantity of its own, so that whatever is doubled shows. Every other one bears no id, where the kind of client lets it.</summary>
    public Task<StackAnswer> BuyAsync(int number) => _program.BuyAsync(_services, QuantityOf(number), number % 2 == 0 || _alwaysNames ? FormattableString.Invariant($"n{number}") : null);

    public Task<StackAnswer> CancelAsync() => _program.CancelAsync(_services);

    public ExecutionStatus Truth(int number) => Exchange.Orders.Any(order => order.Quantity == QuantityOf(number)) ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;

    public int Doubled => Exchange.Orders.CountBy(static order => order.Quantity).Count(static each => each.Value > 1);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Dispose() => _services.Dispose();

    private static decimal QuantityOf(int number) => (number + 1) * 0.001m;
}
