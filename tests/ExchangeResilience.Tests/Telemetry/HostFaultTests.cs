using System.Diagnostics;
using System.Diagnostics.Metrics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>Loggers, listeners and subscribers of the host that throw or never return, beside orders that must go their way.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public sealed class HostFaultTests
{
    [Theory]
    [InlineData("Log")]
    [InlineData("IsEnabled")]
    [InlineData("BeginScope")]
    public async Task A_logger_that_throws_is_nobodys_concern(string where)
    {
        using var provider = new HostileLog((call, _) => call == where ? throw new InvalidOperationException("the disk is full") : true);
        using var world = new SimulatedFixture(outer: builder => builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(provider)));

        await GoThroughAsync(world);

        provider.Calls.ShouldContain(where);
    }

    [Fact]
    public async Task A_listener_of_metrics_that_throws_is_nobodys_concern()
    {
        using var world = new SimulatedFixture();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, world.Client.Get<ExchangeMetrics>().Meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var heard = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException($"{++heard}"));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException($"{++heard}"));
        listener.Start();

        await GoThroughAsync(world);

        heard.ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listener_of_spans_that_throws_is_nobodys_concern_and_leaves_no_span_behind(bool atStart)
    {
        var heard = 0;
        void Throw(Activity span) => throw new InvalidOperationException($"{++heard}");
        using var world = new SimulatedFixture();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == CallTrace.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = atStart ? Throw : null,
            ActivityStopped = atStart ? null : Throw,
        };
        ActivitySource.AddActivityListener(listener);

        await GoThroughAsync(world);

        heard.ShouldBeGreaterThan(3);
        Activity.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_logger_that_never_returns_keeps_no_order_and_no_search()
    {
        using var release = new ManualResetEventSlim();
        using var provider = new HostileLog((call, line) =>
        {
            if (call == "Log" && line == "InDoubt")
            {
                release.Wait();
            }

            return true;
        });
        using var services = LiveWorld(out var exchange, out var http, builder => builder.Services.AddLogging(logging => logging.AddProvider(provider)));
        exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await Told.HearAsync(http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        provider.Lines.ShouldNotContain("Settled", "it stands behind the line that is being written");
        release.Set();
        await provider.UntilAsync("Settled");
        provider.Lines.ToList().IndexOf("InDoubt").ShouldBeLessThan(provider.Lines.ToList().IndexOf("Settled"));
    }

    [Fact]
    public async Task A_subscriber_that_never_returns_keeps_neither_verdict_nor_log()
    {
        using var release = new ManualResetEventSlim();
        using var provider = new HostileLog(static (_, _) => true);
        using var services = LiveWorld(out var exchange, out var http, builder => builder.Services.AddLogging(logging => logging.AddProvider(provider)));
        services.GetRequiredService<IInDoubtOrders>().Settled += (_, _) => release.Wait();
        for (var order = 0; order < 2; order++)
        {
            exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

            (await Told.HearAsync(http.PostAsync(SimulatedFixture.Market($"{order}"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
        }

        provider.Lines.Count(static line => line == "Settled").ShouldBe(2);
        release.Set();
    }

    [Fact]
    public void Lines_keep_their_order_their_scope_and_their_span()
    {
        var said = new List<(string? Span, int Thread)>();
        var host = new HostThread();
        using var span = new Activity("outer").Start();
        for (var line = 0; line < 100; line++)
        {
            host.Call(() =>
            {
                host.Call(() => said.Add((Activity.Current?.OperationName, Environment.CurrentManagedThreadId)));
                throw new InvalidOperationException("nobody hears this");
            });
            said.Count.ShouldBe(line + 1, "it is told before anything follows");
        }

        said.ShouldAllBe(one => one.Span == "outer" && one.Thread == said[0].Thread && one.Thread != Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void A_host_that_is_behind_is_not_waited_for_and_not_told_without_end()
    {
        using var release = new ManualResetEventSlim();
        var host = new HostThread();
        var told = 0;
        host.Call(release.Wait);
        for (var line = 0; line < 5000; line++)
        {
            host.Call(() => Interlocked.Increment(ref told));
        }

        Volatile.Read(ref told).ShouldBe(0);
        release.Set();
        SpinWait.SpinUntil(() => Volatile.Read(ref told) == 1024, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        SpinWait.SpinUntil(() => { host.Call(() => Interlocked.Increment(ref told)); return Volatile.Read(ref told) > 1024; }, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    /// <summary>What logs, counts and traces: an error, a repeat, a doubt that is settled, a wait.</summary>
    private static async Task GoThroughAsync(SimulatedFixture world)
    {
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled, Fault.ExecuteThenDrop);
        var order = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));
        var query = await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=nobody")));

        order.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        query.Error.ShouldNotBeNull().Code.ShouldBe(-2013);
    }

    private static ServiceProvider LiveWorld(out SimulatedExchange exchange, out HttpClient http, Action<IHttpClientBuilder> more)
    {
        var world = exchange = new SimulatedExchange(new SimulatedExchangeOptions());
        var services = new ServiceCollection();
        var builder = services.AddHttpClient("futures", static client => client.BaseAddress = SimulatedExchange.Address);
        builder.AddExchangeErrorHandling()
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => world.CreateHandler());
        more(builder);
        var provider = services.BuildServiceProvider();
        http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        return provider;
    }

    private sealed class HostileLog(Func<string, string?, bool> act) : ILoggerProvider, ILogger
    {
        private readonly Lock _lock = new();
        private readonly List<string> _lines = [];
        private readonly HashSet<string> _calls = [];
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Lines
        {
            get { lock (_lock) { return [.. _lines]; } }
        }

        public IReadOnlyCollection<string> Calls
        {
            get { lock (_lock) { return [.. _calls]; } }
        }

        public async Task UntilAsync(string line)
        {
            while (true)
            {
                Task news;
                lock (_lock)
                {
                    if (_lines.Contains(line))
                    {
                        return;
                    }

                    news = _news.Task;
                }

                await news;
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Note("BeginScope", null);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => Note("IsEnabled", null);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Note("Log", eventId.Name);
            lock (_lock)
            {
                _lines.Add(eventId.Name ?? "");
                _news.SetResult();
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public void Dispose()
        {
        }

        private bool Note(string call, string? line)
        {
            lock (_lock)
            {
                _calls.Add(call);
            }

            return act(call, line);
        }
    }
}
