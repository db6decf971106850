using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A timeout that is shorter than recovery may be set where nobody sees it, on the finished client. The first call that it cuts tells of it.</summary>
public sealed class TimeoutAboveTests : IDisposable
{
    private readonly CollectedLog _log = new();
    private readonly ApplicationLifetime _host = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly SimulatedFixture _world;

    public TimeoutAboveTests()
    {
        _world = new SimulatedFixture(outer: builder => builder.Services.AddSingleton<IHostApplicationLifetime>(_host).AddLogging(_log.Register), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(60));
    }

    public void Dispose()
    {
        _world.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task The_first_call_that_is_cut_is_told_of_once_with_the_remedy()
    {
        await CutAsync("a", TimeSpan.FromSeconds(10));
        await CutAsync("b", TimeSpan.FromSeconds(10));

        var line = _log.Of("RecoveryCut").ShouldHaveSingleItem();
        line.Level.ShouldBe(LogLevel.Warning);
        line.Text.ShouldContain("futures");
        line.Text.ShouldContain("10.0 s");
        line.Text.ShouldContain("HttpClient.Timeout");
        line.Text.ShouldContain("40s");
    }

    [Fact]
    public async Task A_cancellation_within_a_second_is_nobodys_timeout()
    {
        await CutAsync("a", TimeSpan.FromMilliseconds(900));

        _log.Of("RecoveryCut").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_that_ends_with_its_host_is_nobodys_timeout()
    {
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        await _world.Time.RunAsync(async () =>
        {
            var order = Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market("a"), content: null, _host.ApplicationStopping));
            await Task.Delay(TimeSpan.FromSeconds(10), _world.Time);
            _host.StopApplication();
            return await order;
        });

        _log.Of("RecoveryCut").ShouldBeEmpty();
    }

    private Task<Told> CutAsync(string id, TimeSpan after)
    {
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        return _world.Time.RunAsync(async () =>
        {
            using var timeout = new CancellationTokenSource(after, _world.Time);
            return await Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market(id), content: null, timeout.Token));
        });
    }
}
