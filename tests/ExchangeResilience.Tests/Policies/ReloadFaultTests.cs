using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ExchangeResilience.Tests.Policies;

/// <summary>A source of settings that fails while they change: the last good ones stay, and the watch goes on.</summary>
public sealed class ReloadFaultTests
{
    [Fact]
    public async Task A_source_that_throws_takes_nobody_down_and_is_asked_again()
    {
        var time = new ManualTimeProvider();
        var log = new CollectedLog();
        using var source = new Source("futures");
        var wanted = TimeSpan.FromSeconds(7);
        using var client = new ProtectedClient(
            new ScriptedExchange(), options => options.AttemptTimeout = wanted, time, outer: builder =>
            {
                builder.Services.AddLogging(log.Register);
                builder.Services.AddSingleton<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>>(source);
            });
        var settings = client.Get<ClientSettingsRegistry>().For("futures");

        source.IsBroken = true;
        wanted = TimeSpan.FromSeconds(8);
        await source.ChangeAsync();
        settings.Current.Options.AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(8), "what changed could be read all the same");
        log.Of("SettingsRefused").ShouldHaveSingleItem().Text.ShouldContain(nameof(NotSupportedException));

        wanted = TimeSpan.FromSeconds(9);
        await time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2.5), time));
        settings.Current.Options.AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(9));
        log.Of("SettingsRefused").Count().ShouldBe(1, "said once");

        source.IsBroken = false;
        await time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), time));
        wanted = TimeSpan.FromSeconds(6);
        await source.ChangeAsync();
        settings.Current.Options.AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(6));
    }

    private sealed class Source(string name) : IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>, IDisposable
    {
        private CancellationTokenSource _change = new();

        public bool IsBroken { get; set; }

        public string Name => name;

        public IChangeToken GetChangeToken() => IsBroken ? throw new NotSupportedException("the provider is away") : new CancellationChangeToken(_change.Token);

        public void Dispose() => _change.Dispose();

        public async Task ChangeAsync()
        {
            var changed = _change;
            _change = new CancellationTokenSource();
            await changed.CancelAsync();
        }
    }
}
