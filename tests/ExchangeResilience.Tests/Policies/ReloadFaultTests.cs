using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
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

    [Theory]
    [InlineData("Account", "house", "is not the name in use, ''")]
    [InlineData("Environment", "house", "is not the name in use, ''")]
    [InlineData("EgressName", "house", "is not the name in use, 'default'")]
    [InlineData("Mode", "Observe", "cannot take the place of 'Enforce'")]
    public void What_may_not_change_is_named_beside_every_other_fault(string key, string value, string problem)
    {
        using var client = new ReloadedClient(("TotalTimeout", "20s"));

        var faults = client.Reload((key, value), ("TotalTimeout", "abc"), ("Clock:Samples", "0"), ("Retries", "5"), ("Policies:-1003:Action", "Retyr"));

        faults.Count.ShouldBe(5);
        faults.ShouldContain(fault => fault.StartsWith($"X:{key}: '{value}' {problem}", StringComparison.Ordinal));
        foreach (var other in (string[])["TotalTimeout", "Clock:Samples", "Retries", "Policies:-1003:Action"])
        {
            faults.ShouldContain(fault => fault.StartsWith($"X:{other}: ", StringComparison.Ordinal), other);
        }
    }

    [Fact]
    public void A_name_that_could_not_be_read_is_one_fault()
    {
        using var client = new ReloadedClient(("EgressName", "desk"));

        client.Reload(("EgressName:x", "desk")).ShouldHaveSingleItem().ShouldStartWith("X:EgressName: holds a section or list");
    }

    [Fact]
    public void A_file_that_was_cut_off_is_named_beside_every_other_fault()
    {
        using var client = new ReloadedClient(("Account", "desk"), ("Limits:WeightPerMinute", "600"));

        var faults = client.CutOffAnd(("TotalTimeout", "abc"));

        faults.ShouldContain(fault => fault.Contains("is empty now", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("X:TotalTimeout: 'abc'", StringComparison.Ordinal));
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

    /// <summary>One client, whose settings are in two sources.</summary>
    private sealed class ReloadedClient : IDisposable
    {
        private readonly Settings _first = new();
        private readonly Settings _second = new();
        private readonly ServiceProvider _services;
        private readonly ClientSettingsSource _source;

        public ReloadedClient(params (string Key, string Value)[] settings)
        {
            _first.Set(settings);
            _second.Set(("MaxWait", "2s"));
            var configuration = new ConfigurationBuilder().Add(_first).Add(_second).Build();
            var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
            services.AddHttpClient("futures").AddExchangeErrorHandling(configuration.GetSection("X"));
            _services = services.BuildServiceProvider();
            _source = _services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        }

        public IReadOnlyList<string> Reload(params (string Key, string Value)[] settings) => Saved(_first, settings);

        public IReadOnlyList<string> CutOffAnd(params (string Key, string Value)[] settings)
        {
            _first.Set();
            return Saved(_second, settings);
        }

        public void Dispose() => _services.Dispose();

        private IReadOnlyList<string> Saved(Settings settings, (string Key, string Value)[] values)
        {
            settings.Set(values);
            settings.OnSaved();
            return _source.LastReload!.Faults;
        }

        private sealed class Settings : ConfigurationProvider, IConfigurationSource
        {
            public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

            public void Set(params (string Key, string Value)[] values) =>
                Data = values.ToDictionary(static value => $"X:{value.Key}", static value => (string?)value.Value, StringComparer.OrdinalIgnoreCase);

            public void OnSaved() => OnReload();
        }
    }
}
