using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Fleet;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>An exchange and a journal that outlive the programs which use them, all on manual time.</summary>
internal sealed class JournalledWorld : IDisposable
{
    private readonly List<ProgramRun> _runs = [];
    private readonly Action<ExchangeErrorHandlingOptions>? _configure;

    public JournalledWorld(Action<ExchangeErrorHandlingOptions>? configure = null, Action<SimulatedExchangeOptions>? exchange = null, bool isFleet = false)
    {
        _configure = configure;
        var options = new SimulatedExchangeOptions();
        exchange?.Invoke(options);
        Exchange = new SimulatedExchange(options, Time);
        Journal = new InMemoryOrderJournal(Time);
        Fleet = isFleet ? new FleetStore(Journal) : null;
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public InMemoryOrderJournal Journal { get; }

    /// <summary>How the holds are read of a journal that cannot be opened for writing; null where they cannot be.</summary>
    public Func<IReadOnlyList<JournalHold>>? ReadHolds { get; set; }

    /// <summary>Programs that live beside each other share the journal through this; null where one follows the other.</summary>
    public FleetStore? Fleet { get; }

    /// <summary>Starts a program on what earlier ones left behind.</summary>
    /// <param name="opens">Ends when the program can open the journal; null where it can at once.</param>
    public ProgramRun Start(
        Action<ExchangeErrorHandlingOptions>? configure = null, string key = SimulatedExchangeOptions.DefaultApiKey, bool signed = true, string name = "futures", Task? opens = null)
    {
        var run = new ProgramRun(this, _runs.Count, _configure + configure, key, signed, name, opens ?? Task.CompletedTask);
        _runs.Add(run);
        return run;
    }

    /// <summary>Calls that give up the search for truth after a second; it goes on without them.</summary>
    public static void Hurried(ExchangeErrorHandlingOptions options) =>
        options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1);

    public Task LetPassAsync(double seconds) => Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(seconds), Time), TimeSpan.FromDays(30));

    public void Dispose()
    {
        foreach (var run in _runs)
        {
            run.Dispose();
        }
    }
}

/// <summary>One run of a program, which can be killed: from then on nothing of it reaches the exchange or the journal, and nothing reaches it.</summary>
internal sealed class ProgramRun : IDisposable
{
    private readonly JournalledWorld _world;
    private readonly CancellationTokenSource _death = new();
    private readonly ProtectedClient _client;

    public ProgramRun(JournalledWorld world, int number, Action<ExchangeErrorHandlingOptions>? configure, string key, bool signed, string name, Task opens)
    {
        _world = world;
        _client = new ProtectedClient(
            new Cable(_death.Token) { InnerHandler = world.Exchange.CreateHandler() },
            options =>
            {
                options.TrustedInnerHandlers.Add(typeof(Cable).FullName!);
                configure?.Invoke(options);
            },
            world.Time,
            signed,
            key,
            SimulatedExchangeOptions.DefaultApiSecret,
            name: name,
            outer: builder =>
            {
                // No two runs deal the same ids.
                builder.Services.AddSingleton(new RandomSource(new Random(number)));
                builder.Services.AddLogging(Log.Register);
                if (world.Fleet is { } fleet)
                {
                    builder.Services.AddSingleton<IOrderJournal>(Member = fleet.Join(_death.Token));
                    builder.Services.AddSingleton<ISharedOrderJournal>(Member);
                }
                else
                {
                    builder.Services.AddSingleton<IOrderJournal>(new Pen(world.Journal, world.ReadHolds, opens, _death.Token));
                }
            });
        InDoubt.Settled += (_, settled) => Settled.Add(settled);
        InDoubt.AbsenceContradicted += (_, contradiction) => Contradictions.Add(contradiction);
    }

    /// <summary>This run as a member of a fleet; null where there is none.</summary>
    public FleetStoreMember? Member { get; private set; }

    public static Uri Host { get; } = new("https://fapi.test");

    public CollectedLog Log { get; } = new();

    public HttpClient Http => _client.Http;

    public IInDoubtOrders InDoubt => _client.Get<IInDoubtOrders>();

    public List<InDoubtSettledEventArgs> Settled { get; } = [];

    public List<AbsenceContradictedEventArgs> Contradictions { get; } = [];

    public T Get<T>()
        where T : notnull => _client.Get<T>();

    /// <summary>Does what the host does before it starts anything that could send.</summary>
    public Task OpenAsync() => _world.Time.RunAsync(async () => (await Get<JournalRecovery>().TryAsync(CancellationToken.None)).ShouldBeNull());

    public Task<Told> PlaceAsync(string id = "a", decimal quantity = 0.001m, string more = "") => _world.Time.RunAsync(() => SendAsync(id, quantity, more));

    public Task<Told> SendAsync(string id = "a", decimal quantity = 0.001m, string more = "") => Told.HearAsync(Http.PostAsync(SimulatedFixture.Market(id, quantity, more), content: null));

    /// <summary>Places an order that finds nobody to trade with, and stays open.</summary>
    public Task<Told> PlaceRestingAsync() => _world.Time.RunAsync(() => Told.HearAsync(Http.PostAsync(
        "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a", content: null)));

    public Task<Told> CancelAsync() => _world.Time.RunAsync(() => Told.HearAsync(Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")));

    public Task<Told> GetAsync(string path) => _world.Time.RunAsync(() => Told.HearAsync(Http.GetAsync(path)));

    /// <summary>Sends an order, and dies before it is answered.</summary>
    public async Task DieWhileSendingAsync(string id = "a", double after = 1, decimal quantity = 0.001m, string more = "")
    {
        var call = await RunIntoAsync(() => SendAsync(id, quantity, more), after);
        call.IsCompleted.ShouldBeFalse("the order was answered before the program died");
        Kill();
    }

    /// <summary>Starts a call and lets some time pass; it may be under way still.</summary>
    public async Task<Task<Told>> RunIntoAsync(Func<Task<Told>> send, double seconds)
    {
        Task<Told>? call = null;
        await _world.Time.RunAsync(async () =>
        {
            call = send();
            await Task.Delay(TimeSpan.FromSeconds(seconds), _world.Time);
        });
        return call!;
    }

    public void Kill() => _death.Cancel();

    public void Dispose()
    {
        Kill();
        _client.Dispose();
        _death.Dispose();
    }

    private static Task Never(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>What has left before the cable is cut goes on at the exchange.</summary>
    private sealed class Cable(CancellationToken death) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (death.IsCancellationRequested)
            {
                await Never(cancellationToken);
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (death.IsCancellationRequested)
            {
                await Never(cancellationToken);
            }

            return response;
        }
    }

    private sealed class Pen(IOrderJournal journal, Func<IReadOnlyList<JournalHold>>? readHolds, Task opens, CancellationToken death) : IOrderJournal
    {
        public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => WriteAsync(async () =>
        {
            await opens.WaitAsync(cancellationToken);
            return await journal.OpenAsync(cancellationToken);
        });

        // Whatever keeps it from being written.
        public ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken) => WriteAsync(() => ValueTask.FromResult(readHolds?.Invoke() ?? []));

        public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(() => journal.RecordAsync(entry, cancellationToken));

        public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(() => journal.FindAsync(entry, cancellationToken));

        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(() => journal.SettleAsync(entry, cancellationToken));

        public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => await WriteAsync(async () =>
        {
            await journal.HoldAsync(hold, cancellationToken);
            return true;
        });

        private async ValueTask<T> WriteAsync<T>(Func<ValueTask<T>> write)
        {
            if (death.IsCancellationRequested)
            {
                await Never(CancellationToken.None);
            }

            var written = await write();
            if (death.IsCancellationRequested)
            {
                await Never(CancellationToken.None);
            }

            return written;
        }
    }
}
