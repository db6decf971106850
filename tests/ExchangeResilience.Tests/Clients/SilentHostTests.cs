using System.Diagnostics.Metrics;
using System.Net.Sockets;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Clients;

/// <summary>An exchange that gives no reply is noticed within half a minute, and said once.</summary>
public sealed class SilentHostTests : IDisposable
{
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";

    private readonly CollectedLog _log = new();
    private readonly SimulatedFixture _world;
    private Exception? _cut;

    public SilentHostTests() => _world = new SimulatedFixture(
        static options => options.TrustedInnerHandlers.Add(typeof(Cable).FullName!), outer: client => client.Services.AddLogging(_log.Register), wire: exchange => new Cable(() => _cut) { InnerHandler = exchange });

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task An_exchange_out_of_reach_is_one_warning_after_half_a_minute_and_one_when_it_answers()
    {
        await OrdersForAsync(seconds: 5);
        _cut = new HttpRequestException(HttpRequestError.NameResolutionError, "no such host");
        var since = _world.Time.GetUtcNow();
        await OrdersForAsync(seconds: 20);
        var soon = (Silent.Count, _log.Of("HostSilent").Count(), (await CheckAsync()).Status);
        await OrdersForAsync(seconds: 65);

        var (silent, health, gauge) = (Silent.ShouldHaveSingleItem(), await CheckAsync(), ReadGauge());
        _cut = null;
        await OrdersForAsync(seconds: 20);

        soon.ShouldBe((0, 0, HealthStatus.Healthy));
        (silent.Host, silent.Failure).ShouldBe((_world.Http.BaseAddress!.Authority, "CONNECTION_REFUSED (NameResolutionError)"));
        silent.Since.ShouldBeInRange(since, since.AddSeconds(3));
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldNotBeNull().ShouldContain($"No reply from {silent.Host} since {silent.Since:u}: CONNECTION_REFUSED (NameResolutionError).");
        health.Data["hosts_silent"].ShouldBe(1);
        (gauge, ReadGauge()).ShouldBe(($"exchange.scope={silent.Host}: 1", $"exchange.scope={silent.Host}: 0"));
        var began = _log.Of("HostSilent").ShouldHaveSingleItem();
        (began.Level, began.Text.Trim()).ShouldBe((LogLevel.Warning,
            $"No reply from {silent.Host} since {silent.Since:u}: CONNECTION_REFUSED (NameResolutionError). Orders fail or stay in doubt until it answers; look at network, proxy, DNS and the exchange's status page"));
        var ended = _log.Of("HostAnswers").ShouldHaveSingleItem();
        ended.Level.ShouldBe(LogLevel.Warning);
        ended.Text.ShouldMatch($"{silent.Host} answers again, after (8[4-9]|9[0-9]) s without a reply");
        Silent.ShouldBeEmpty();
        (await CheckAsync()).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Any_status_is_a_reply()
    {
        _world.Exchange.Faults.Plan = FaultPlan.Custom(static _ => Fault.HtmlReply(502));

        await OrdersForAsync(seconds: 90);

        Silent.ShouldBeEmpty();
        _log.Of("HostSilent").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reply_that_breaks_off_is_a_reply()
    {
        _world.Exchange.Faults.Plan = FaultPlan.Custom(static _ => Fault.HalfBody);

        await OrdersForAsync(seconds: 90);

        Silent.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_reply_in_half_a_minute_is_no_silence()
    {
        for (var i = 0; i < 6; i++)
        {
            _cut = new SocketException((int)SocketError.HostUnreachable);
            await OrdersForAsync(seconds: 20);
            _cut = null;
            await OrdersForAsync(seconds: 10);
        }

        _log.Of("HostSilent").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_host_that_nobody_asks_is_not_silent()
    {
        _cut = new HttpRequestException(HttpRequestError.ConnectionError);
        await PriceAsync();
        await _world.Time.RunAsync(() => Task.Delay(TimeSpan.FromHours(1), _world.Time));

        Silent.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_its_caller_cancels_proves_nothing()
    {
        for (var i = 0; i < 40; i++)
        {
            using var caller = new CancellationTokenSource(TimeSpan.FromSeconds(1), _world.Time);
            _world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Silence);
            await Should.ThrowAsync<TaskCanceledException>(() => _world.Time.RunAsync(() => _world.Http.GetAsync(Price, caller.Token)));
        }

        Silent.ShouldBeEmpty();
    }

    private IReadOnlyList<SilentHost> Silent => _world.Client.Get<IExchangeMonitor>().Read().SilentHosts;

    private string ReadGauge() => Gauge.Read(_world.Client.Get<IMeterFactory>(), "exchange.host.silent");

    private async Task OrdersForAsync(int seconds)
    {
        var end = _world.Time.GetUtcNow().AddSeconds(seconds);
        while (_world.Time.GetUtcNow() < end)
        {
            await _world.Time.RunAsync(() => Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market(Guid.NewGuid().ToString("N")), content: null)));
            await _world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(1), _world.Time));
        }
    }

    private Task<Told> PriceAsync() => _world.Time.RunAsync(() => Told.HearAsync(_world.Http.GetAsync(Price)));

    private Task<HealthCheckResult> CheckAsync() => Checked.ByAsync(_world.Client.Get<IExchangeMonitor>());

    /// <summary>The road to the exchange, which may be cut.</summary>
    private sealed class Cable(Func<Exception?> cut) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            cut() is { } fault ? Task.FromException<HttpResponseMessage>(fault) : base.SendAsync(request, cancellationToken);
    }
}
