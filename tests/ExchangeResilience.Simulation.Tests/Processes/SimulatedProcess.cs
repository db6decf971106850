using System.Globalization;
using ExchangeResilience.Simulation.Tests.Checks;
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
    private static readonly TimeSpan StandardAttempt = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StandardTotal = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan OuterAttempt = TimeSpan.FromMilliseconds(700);
    private const string FirstHost = "127.0.0.";
    private static readonly TimeSpan HedgeAfter = TimeSpan.FromMilliseconds(400);

    private readonly World _world;
    private readonly ServiceProvider _services;
    private readonly IConfigurationRoot _configuration;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly FlakyPlugIns _plugIns;
    private readonly string _host;
    private readonly TaskCompletionSource _death = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SimulatedProcess(World world, int number, TimeSpan wallOffset, ProcessIdentity identity, string host = FirstHost)
    {
        _world = world;
        _host = host;
        _plugIns = new FlakyPlugIns(world);
        Number = number;
        Identity = identity;
        StartedAt = world.Time.Elapsed;
        Time = new ProcessTime(world.Time, wallOffset);
        _configuration = new ConfigurationBuilder().AddInMemoryCollection(world.Plan.Settings.Clients.SelectMany(client =>
            world.Plan.Settings.Configuration.Concat(client.Settings)
                .Append(new("TrustedInnerHandlers:0", typeof(PauseBeforeSigning).FullName!))
                .Select(pair => KeyValuePair.Create($"{client.Name}:{pair.Key}", (string?)pair.Value)))).Build();
        _services = Build();
        InDoubt = _services.GetRequiredService<IInDoubtOrders>();
        InDoubt.Settled += (_, settled) =>
        {
            world.Findings.NoteSettled(this, settled);
            _plugIns.Use(PlugIn.EventHandler);
        };
        InDoubt.AbsenceContradicted += (_, contradicted) => world.Findings.NoteContradicted(this, contradicted);
        InDoubt.KeptCancelEnded += (_, ended) => world.Findings.NoteCancelEnded(this, ended);
    }

    public ProcessIdentity Identity { get; }

    /// <summary>What the middleware knows of orders.</summary>
    public ClaimTable Claims => _services.GetRequiredService<ClaimTable>();

    /// <summary>What the middleware held when it had started.</summary>
    public IReadOnlyDictionary<string, int> Born { get; private set; } = new Dictionary<string, int>();

    /// <summary>Ends when it dies.</summary>
    public Task Death => _death.Task;

    public int Number { get; }

    public TimeSpan StartedAt { get; }

    public TimeSpan? DiedAt { get; private set; }

    public ProcessTime Time { get; }

    public bool IsDead => Time.IsDead;

    public IInDoubtOrders InDoubt { get; }

    /// <summary>The client for a road; where the program has none, the plain one.</summary>
    public HttpClient Client(Road road) =>
        Client(_world.Plan.Settings.Clients.FirstOrDefault(client => client.Name == road.ToString())?.Name ?? nameof(Road.Plain));

    public HttpClient Client(string name)
    {
        if (!_clients.TryGetValue(name, out var client))
        {
            _clients[name] = client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(NameOf(name));
        }

        return client;
    }

    /// <summary>What this process calls a client.</summary>
    public string NameOf(string client) => client + Identity.Suffix;

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

        // That nothing starts without what it needs is the host's own affair.
        _plugIns.AreInUse = true;
        if (_world.Plan.Kind.IsLarger())
        {
            Born = MemoryChecks.Count(this);
        }
    }

    /// <summary>At this instant: no timer of it fires again, nothing of it reaches wire or journal, and no answer reaches it.</summary>
    public void Die()
    {
        Time.Die();
        DiedAt = _world.Time.Elapsed;
        _death.SetResult();
    }

    public void Reload(Reload reload)
    {
        foreach (var client in _world.Plan.Settings.Clients.Where(client => reload.Client is null || reload.Client == client.Name))
        {
            _configuration[$"{client.Name}:{reload.Key}"] = reload.Value;
        }

        _configuration.Reload();
    }

    public void Dispose()
    {
        // What ends with a client may ask for another: a failover does.
        foreach (var client in _clients.Values.ToList())
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
        services.AddSingleton(provider => new GateRegistry(Time, Luck("reopening"), clocks: provider.GetRequiredService<ExchangeClocks>()));
        services.AddSingleton<IOrderJournal>(new ProcessJournal(_world, this));
        if (_world.Plan.Settings.Flaky == PlugIn.Logger)
        {
            services.AddSingleton(_plugIns.Logger());
        }

        foreach (var client in _world.Plan.Settings.Clients)
        {
            Add(services, client);
        }

        return services.BuildServiceProvider();
    }

    private void Add(ServiceCollection services, ClientWanted client)
    {
        var builder = services.AddHttpClient(NameOf(client.Name), http =>
        {
            http.BaseAddress = client.Host;

            // Real time has no say here.
            http.Timeout = Timeout.InfiniteTimeSpan;
        });
        builder.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        if (HandlerAbove(client.Road) is { } above)
        {
            builder.AddHttpMessageHandler(above);
        }

        builder.AddExchangeErrorHandling(_configuration.GetSection(client.Name));
        if (client.Signs)
        {
            builder.AddExchangeSigning(options =>
            {
                options.ApiKey = Identity.Key.Key;
                if (_world.Plan.Settings.Flaky == PlugIn.Signer)
                {
                    options.Signer = _plugIns.Signer(Identity.Key.Secret);
                }
                else
                {
                    options.Secret = Identity.Key.Secret;
                }

                options.RecvWindow = _world.Plan.Settings.RecvWindow;
            });
        }

        builder.AddHttpMessageHandler(() => new PauseBeforeSigning(_world, this));
        builder.ConfigurePrimaryHttpMessageHandler(() => new Cable(_world, this, client.Address.Replace(FirstHost, _host, StringComparison.Ordinal)));
    }

    private Func<DelegatingHandler>? HandlerAbove(Road road) => road switch
    {
        Road.Resend => () => new NaiveRetry(Time, OuterAttempt, clones: false),
        Road.Clone => () => new NaiveRetry(Time, OuterAttempt, clones: true),
        Road.Hedge => () => new Hedging(Time, HedgeAfter, hedged: 2),
        Road.Standard => () => new StandardRetry(Time, StandardAttempt, StandardTotal),
        Road.Queue => static () => new SendingQueue(),
        Road.Failover => () => new Failover(Time, OuterAttempt, () => Client(PlanMaker.Backup)),
        Road.Facade => static () => new Facade(),
        _ => null,
    };

    // Each life has luck of its own, or the second would give out the first one's ids again.
    private Random Luck(string what) => new((int)(Dice.Draw(_world.Plan.Seed, string.Create(CultureInfo.InvariantCulture, $"{what} {Number}")) * int.MaxValue));
}

/// <summary>Under which key and names a process runs.</summary>
internal sealed record ProcessIdentity(SimulatedApiKey Key, string Suffix);
