using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>One life of the program: a service provider with a client for each road, on clocks, a wire and a journal that end with it.</summary>
internal sealed class SimulatedProcess : IDisposable
{
    private const string Section = "ExchangeErrorHandling";
    private static readonly TimeSpan OuterAttempt = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan HedgeAfter = TimeSpan.FromMilliseconds(400);

    private readonly World _world;
    private readonly ServiceProvider _services;
    private readonly IConfigurationRoot _configuration;
    private readonly Dictionary<Road, HttpClient> _clients = [];

    public SimulatedProcess(World world, int number, TimeSpan wallOffset, IReadOnlyDictionary<string, string> configuration)
    {
        _world = world;
        Number = number;
        StartedAt = world.Time.Elapsed;
        Time = new ProcessTime(world.Time, wallOffset);
        _configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.Select(static pair => KeyValuePair.Create($"{Section}:{pair.Key}", (string?)pair.Value))
                .Append(new($"{Section}:TrustedInnerHandlers:0", typeof(PauseBeforeSigning).FullName)))
            .Build();
        _services = Build();
        InDoubt = _services.GetRequiredService<IInDoubtOrders>();
        InDoubt.Settled += (_, settled) => world.Findings.NoteSettled(this, settled);
        InDoubt.AbsenceContradicted += (_, contradicted) => world.Findings.NoteContradicted(this, contradicted);
    }

    public int Number { get; }

    public TimeSpan StartedAt { get; }

    public TimeSpan? DiedAt { get; private set; }

    public ProcessTime Time { get; }

    public bool IsDead => Time.IsDead;

    public IInDoubtOrders InDoubt { get; }

    public HttpClient Client(Road road)
    {
        if (!_clients.TryGetValue(road, out var client))
        {
            _clients[road] = client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(road.ToString());
        }

        return client;
    }

    public async Task StartAsync()
    {
        var services = _services.GetServices<IHostedService>().ToList();
        foreach (var service in services.OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(CancellationToken.None);
        }

        foreach (var service in services)
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    /// <summary>At this instant: no timer of it fires again, nothing of it reaches wire or journal, and no answer reaches it.</summary>
    public void Die()
    {
        Time.Die();
        DiedAt = _world.Time.Elapsed;
    }

    public void Reload(string key, string value)
    {
        _configuration[$"{Section}:{key}"] = value;
        _configuration.Reload();
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _services.Dispose();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p{Number}");

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(new RandomSource(Luck("ids and jitter")));
        services.AddSingleton(_ => new TrafficControl(Time, Luck("reopening")));
        services.AddSingleton<IOrderJournal>(new ProcessJournal(_world, this));
        foreach (var road in Enum.GetValues<Road>())
        {
            var builder = services.AddHttpClient(road.ToString(), static client =>
            {
                client.BaseAddress = SimulatedExchange.Address;

                // Real time has no say here.
                client.Timeout = Timeout.InfiniteTimeSpan;
            });
            builder.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
            switch (road)
            {
                case Road.Resend:
                    builder.AddHttpMessageHandler(() => new NaiveRetry(Time, OuterAttempt, clones: false));
                    break;
                case Road.Clone:
                    builder.AddHttpMessageHandler(() => new NaiveRetry(Time, OuterAttempt, clones: true));
                    break;
                case Road.Hedge:
                    builder.AddHttpMessageHandler(() => new Hedging(Time, HedgeAfter, hedged: 2));
                    break;
                default:
                    break;
            }

            builder.AddExchangeErrorHandling(_configuration.GetSection(Section));
            builder.AddExchangeSigning(options =>
            {
                options.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
                options.Secret = SimulatedExchangeOptions.DefaultApiSecret;
                options.RecvWindow = _world.Plan.Settings.RecvWindow;
            });
            builder.AddHttpMessageHandler(() => new PauseBeforeSigning(_world, this));
            builder.ConfigurePrimaryHttpMessageHandler(() => new Cable(_world, this));
        }

        return services.BuildServiceProvider();
    }

    // Each life has luck of its own, or the second would give out the first one's ids again.
    private Random Luck(string what) => new((int)(Dice.Draw(_world.Plan.Seed, string.Create(CultureInfo.InvariantCulture, $"{what} {Number}")) * int.MaxValue));
}
