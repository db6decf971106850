using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Policies;

public sealed class ClientSettingsTests : IDisposable
{
    private readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Defaults_need_no_configuration()
    {
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures"));
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(30));
        source.Current.Version.ShouldBe(1);
        source.LastReload.ShouldBeNull();
        services.GetRequiredService<ClientSettingsRegistry>().Names.ShouldBe(["futures"]);
    }

    [Fact]
    public void Settings_made_in_code_and_later_configure_calls_all_count()
    {
        using var services = Build(services =>
        {
            ErrorHandlingOptionsRegistration.Add(services, "futures", options => options.ThrowOnError = true);
            services.Configure<ExchangeErrorHandlingOptions>("futures", options => options.EgressName = "eu");
            services.PostConfigure<ExchangeErrorHandlingOptions>("futures", options => options.Account = "main");
        });
        var options = services.GetRequiredService<ClientSettingsRegistry>().For("futures").Current.Options;
        (options.ThrowOnError, options.EgressName, options.Account).ShouldBe((true, "eu", "main"));
    }

    [Fact]
    public void Each_client_has_its_own_settings_and_one_source()
    {
        using var services = Build(services =>
        {
            ErrorHandlingOptionsRegistration.Add(services, "a", options => options.EgressName = "a");
            ErrorHandlingOptionsRegistration.Add(services, "b", options => options.EgressName = "b");
        });
        var registry = services.GetRequiredService<ClientSettingsRegistry>();
        registry.For("a").Current.Options.EgressName.ShouldBe("a");
        registry.For("b").Current.Options.EgressName.ShouldBe("b");
        registry.For("a").ShouldBeSameAs(registry.For("a"));
        registry.Names.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_client_that_has_no_error_handling_is_named_with_those_that_have()
    {
        using var services = Build(services =>
        {
            ErrorHandlingOptionsRegistration.Add(services, "futures");
            ErrorHandlingOptionsRegistration.Add(services, "spot");
        });
        var registry = services.GetRequiredService<ClientSettingsRegistry>();

        Should.Throw<ArgumentException>(() => new ExchangePolicies(registry).ToMarkdown("futrues")).Message.ShouldBe(
            "No client 'futrues' has exchange error handling. Those that have it: 'futures', 'spot'. A typed client has the name of its type. (Parameter 'name')");
        _log.Entries.ShouldBeEmpty();
        new ExchangePolicies(registry).ToMarkdown("spot").ShouldContain("| RateLimited");
    }

    [Theory]
    [InlineData("Resend", "5s", "Enforce", true, true)]
    [InlineData("Resend", "13s", "Enforce", true, true)]
    [InlineData("Resend", "14s", "Enforce", true, false)]
    [InlineData("Report", "5s", "Enforce", true, false)]
    [InlineData("Resend", "5s", "Observe", true, false)]
    [InlineData("Resend", "5s", "Enforce", false, false)]
    public void A_resend_that_its_time_does_not_allow_is_a_warning_at_the_start_and_at_each_reload(string after, string before, string mode, bool signs, bool warns)
    {
        var root = Memory(("X:AfterProvenAbsent", after), ("X:SendBefore", before), ("X:Mode", mode), ("X:Reconciliation:SettleMargin", "10s"));
        using var services = Build(services =>
        {
            var client = services.AddHttpClient("futures").AddExchangeErrorHandling(root.GetSection("X"));
            if (signs)
            {
                client.AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret, keys.RecvWindow) = ("key", "secret", TimeSpan.FromSeconds(3)));
            }
        });
        _ = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        Set(root, ("X:TotalTimeout", "29s"));

        var warning = $"Client 'futures': AfterProvenAbsent is Resend, but SendBefore ({before}) is over before an absence can be proven, which takes RecvWindow (3s) and Reconciliation:SettleMargin (10s), "
            + "so no order is sent again unless its request has a longer SendBefore of its own; lengthen SendBefore, or set AfterProvenAbsent to Report";
        _log.Entries.Where(static entry => entry.Level == LogLevel.Warning).ShouldBe(warns ? [(LogLevel.Warning, 1003, warning), (LogLevel.Warning, 1003, warning)] : []);
        _log.Entries.Count(static entry => entry.Id == 1000).ShouldBe(2);
    }

    [Fact]
    public void The_first_settings_throw_with_every_fault()
    {
        var root = Memory(("X:Policys:a", "1"), ("X:TotalTimeout", "30"), ("X:Clock:Samples", "0"), ("X:Policies:RateLimited:MaxAttempts", "0"));
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X")));
        var registry = services.GetRequiredService<ClientSettingsRegistry>();
        var failure = Should.Throw<OptionsValidationException>(() => registry.For("futures"));
        failure.OptionsName.ShouldBe("futures");
        failure.Failures.Select(fault => fault[..fault.IndexOf(": ", StringComparison.Ordinal)]).ShouldBe(
            ["X:TotalTimeout", "X:Policys", "X:Clock:Samples", "X:Policies:RateLimited:MaxAttempts"], ignoreOrder: true);

        // A fault at the start is no verdict for ever.
        Set(root, ("X:Policys:a", null), ("X:TotalTimeout", "25s"), ("X:Clock:Samples", null), ("X:Policies:RateLimited:MaxAttempts", "2"));
        registry.For("futures").Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(25));
    }

    [Fact]
    public void A_missing_section_throws_and_names_it()
    {
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", Memory().GetSection("Trading:Exchange")));
        Should.Throw<OptionsValidationException>(() => services.GetRequiredService<ClientSettingsRegistry>().For("futures"))
            .Message.ShouldStartWith("Trading:Exchange: the section is missing or empty");
    }

    [Fact]
    public void A_change_takes_effect_at_once_and_a_bad_one_leaves_the_last_good_settings()
    {
        var root = Memory(("X:Policies:RateLimited:MaxAttempts", "2"));
        var time = new FixedTime(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using var services = Build(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X"));
        });
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        var first = source.Current;
        Attempts().ShouldBe(2);

        Set(root, ("X:Policies:RateLimited:MaxAttempts", "3"));
        Attempts().ShouldBe(3);
        source.Current.Version.ShouldBe(2);
        (source.LastReload!.At, source.LastReload.Accepted).ShouldBe((time.GetUtcNow(), true));
        first.Matrix.Find(SampleCodes.Of(0, ErrorCategory.RateLimited), 429).MaxAttempts.ShouldBe(2);

        Set(root, ("X:Policies:RateLimited:MaxAttempts", "99"), ("X:Mode", "Watch"));
        Attempts().ShouldBe(3);
        source.Current.Version.ShouldBe(2);
        source.LastReload!.Accepted.ShouldBeFalse();
        source.LastReload.Faults.ShouldBe(
        [
            "X:Mode: 'Watch' is unknown; choose from Enforce, Observe",
            "X:Policies:RateLimited:MaxAttempts: '99' is out of range; choose 1 to 20",
        ]);

        Set(root, ("X:Policies:RateLimited:MaxAttempts", "4"), ("X:Mode", null));
        Attempts().ShouldBe(4);
        source.Current.Version.ShouldBe(3);
        source.LastReload!.Accepted.ShouldBeTrue();
        _log.Entries.Select(entry => (entry.Level, entry.Id)).ShouldBe(
            [(LogLevel.Information, 1000), (LogLevel.Information, 1000), (LogLevel.Error, 1001), (LogLevel.Information, 1000)]);
        _log.Entries[2].Message.ShouldContain("X:Policies:RateLimited:MaxAttempts: '99'");
        _log.Entries[2].Message.ShouldContain("settings 2 stay in force");

        int Attempts() => source.Current.Matrix.Find(SampleCodes.Of(0, ErrorCategory.RateLimited), 429).MaxAttempts;
    }

    [Fact]
    public void A_save_that_is_reported_twice_does_no_harm()
    {
        var root = Memory(("X:ClientOrderIdPrefix", "eu"));
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X")));
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        Set(root, ("X:ClientOrderIdPrefix", " "));
        root.Reload();
        _log.Entries.Count(entry => entry.Id == 1001).ShouldBe(1);
        source.Current.Options.ClientOrderIdPrefix.ShouldBe("eu");
        Set(root, ("X:ClientOrderIdPrefix", "us"));
        root.Reload();
        source.Current.Options.ClientOrderIdPrefix.ShouldBe("us");
    }

    [Fact]
    public void A_file_that_could_not_be_read_again_takes_nothing_away_when_another_is_saved()
    {
        var (settings, overrides) = (new SavedFile("X:MaxWait", "1s"), new SavedFile("X:Limits:WeightPerMinute", "600"));
        var root = new ConfigurationBuilder().Add(settings).Add(overrides).Build();
        using var services = Build(services =>
        {
            services.AddSingleton<IConfiguration>(root);
            ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X"));
        });
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");

        overrides.CutOff();
        settings.Save("X:MaxWait", "2s");

        source.LastReload!.Faults.ShouldHaveSingleItem().ShouldContain("gave settings that are in force, and is empty now");
        (source.Current.Options.Limits.WeightPerMinute, source.Current.Options.MaxWait).ShouldBe((600, TimeSpan.FromSeconds(1)));

        overrides.Save("X:Limits:WeightPerMinute", "700");
        (source.Current.Options.Limits.WeightPerMinute, source.Current.Options.MaxWait).ShouldBe((700, TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData("Account")]
    [InlineData("Environment")]
    [InlineData("EgressName")]
    public void A_name_that_identifies_cannot_change_while_the_program_runs(string name)
    {
        var root = Memory(($"X:{name}", "desk"), ("X:MaxWait", "1s"));
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X")));
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");

        Set(root, ($"X:{name}", "house"), ("X:MaxWait", "2s"));

        source.LastReload!.Faults.ShouldHaveSingleItem().ShouldBe($"X:{name}: 'house' is not the name in use, 'desk'; a name that identifies cannot change while the program runs; change it back, or restart the program");
        source.Current.Options.MaxWait.ShouldBe(TimeSpan.FromSeconds(1), "what is refused is refused as a whole");

        Set(root, ($"X:{name}", "desk"));
        source.Current.Options.MaxWait.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_running_program_does_not_stop_protecting_what_is_in_doubt()
    {
        var root = Memory(("X:Mode", "Observe"));
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X")));
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");

        Set(root, ("X:Mode", "Enforce"));
        source.Current.Options.Mode.ShouldBe(HandlingMode.Enforce);
        Set(root, ("X:Mode", "Observe"));

        source.Current.Options.Mode.ShouldBe(HandlingMode.Enforce);
        source.LastReload!.Faults.ShouldHaveSingleItem().ShouldBe(
            "X:Mode: 'Observe' cannot take the place of 'Enforce' while the program runs, since an order in doubt would then be sent again; restart the program");
    }

    [Fact]
    public void A_failure_of_the_users_own_configuration_code_is_a_refusal_too()
    {
        var root = Memory(("X:ClientOrderIdPrefix", "eu"));
        using var services = Build(services =>
        {
            ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X"));
            services.PostConfigure<ExchangeErrorHandlingOptions>("futures", options => _ = options.ClientOrderIdPrefix is "boom" ? throw new FormatException("No such place.") : 0);
        });
        var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        Set(root, ("X:ClientOrderIdPrefix", "boom"));
        source.Current.Options.ClientOrderIdPrefix.ShouldBe("eu");
        source.LastReload!.Faults.ShouldBe(["FormatException: No such place."]);
    }

    [Fact]
    public void A_change_of_one_client_leaves_another_alone()
    {
        var (one, other) = (Memory(("X:ClientOrderIdPrefix", "eu")), Memory(("X:ClientOrderIdPrefix", "us")));
        using var services = Build(services =>
        {
            ErrorHandlingOptionsRegistration.Add(services, "one", one.GetSection("X"));
            ErrorHandlingOptionsRegistration.Add(services, "other", other.GetSection("X"));
        });
        var registry = services.GetRequiredService<ClientSettingsRegistry>();
        var untouched = registry.For("other").Current;
        registry.For("one").Current.Version.ShouldBe(1);
        Set(one, ("X:ClientOrderIdPrefix", "jp"));
        registry.For("one").Current.Version.ShouldBe(2);
        registry.For("other").Current.ShouldBeSameAs(untouched);
    }

    [Fact]
    public void Nothing_is_reloaded_once_the_container_is_gone()
    {
        var root = Memory(("X:ClientOrderIdPrefix", "eu"));
        ClientSettingsSource source;
        using (var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X"))))
        {
            source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        }

        Set(root, ("X:ClientOrderIdPrefix", "us"));
        source.Current.Options.ClientOrderIdPrefix.ShouldBe("eu");
    }

    [Fact]
    public void A_file_is_followed_from_good_to_bad_to_broken_to_good()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Write("""{ "X": { "TotalTimeout": "20s" } }""");
            var root = new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build();
            using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures", root.GetSection("X")));
            var source = services.GetRequiredService<ClientSettingsRegistry>().For("futures");

            WriteAndReload("""{ "X": { "TotalTimeout": "20" } }""");
            source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(20));
            source.LastReload!.Faults.ShouldHaveSingleItem().ShouldContain("X:TotalTimeout: '20' is not a duration; add its unit");

            Write("""{ "X": { "TotalTim""");
            Should.Throw<InvalidDataException>(root.Reload);
            source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(20));

            WriteAndReload("{}");
            source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(20));
            source.LastReload!.Faults.ShouldHaveSingleItem().ShouldStartWith("X: the section is missing or empty");

            WriteAndReload("""{ "X": { "TotalTimeout": "25s", "Policies": { "Transport": { "MaxAttempts": 9 } } } }""");
            source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(25));
            source.Current.Matrix.Find(SampleCodes.Of(0, ErrorCategory.Transport), null).MaxAttempts.ShouldBe(9);
            source.LastReload!.Accepted.ShouldBeTrue();

            void WriteAndReload(string json)
            {
                Write(json);
                root.Reload();
            }
        }
        finally
        {
            File.Delete(path);
        }

        void Write(string json) => File.WriteAllText(path, json);
    }

    [Fact]
    public async Task Faulty_settings_stop_the_host_before_it_starts()
    {
        using var host = Host(("a", Memory(("X:Mode", "?")).GetSection("X")));
        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message.ShouldContain("X:Mode");
    }

    [Fact]
    public async Task Faulty_settings_of_several_clients_are_all_reported()
    {
        using var host = Host(("a", Memory(("X:Mode", "?")).GetSection("X")), ("b", Memory(("X:Mode", "Observe")).GetSection("X")), ("c", Memory().GetSection("Y")));
        var failure = await Should.ThrowAsync<AggregateException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        failure.InnerExceptions.Cast<OptionsValidationException>().Select(inner => inner.OptionsName).ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task A_bad_reload_under_a_running_host_throws_into_nobody()
    {
        var root = Memory(("X:Mode", "Observe"));
        using var host = Host(("a", root.GetSection("X")));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Should.NotThrow(() => Set(root, ("X:Mode", "?")));
        host.Services.GetRequiredService<ClientSettingsRegistry>().For("a").Current.Options.Mode.ShouldBe(HandlingMode.Observe);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_matrix_is_logged_for_those_who_debug()
    {
        _log.Least = LogLevel.Debug;
        using var services = Build(services => ErrorHandlingOptionsRegistration.Add(services, "futures"));
        _ = services.GetRequiredService<ClientSettingsRegistry>().For("futures");
        _log.Entries.ShouldContain(entry => entry.Id == 1002 && entry.Message.Contains("| Blocked | BackOff |", StringComparison.Ordinal));
    }

    private static IConfigurationRoot Memory(params (string Key, string? Value)[] values)
    {
        var root = new ConfigurationBuilder().Add(new EditableConfiguration()).Build();
        Set(root, values);
        return root;
    }

    private static void Set(IConfigurationRoot root, params (string Key, string? Value)[] values)
    {
        var editable = (EditableConfiguration)root.Providers.Single();
        foreach (var (key, value) in values)
        {
            editable.Edit(key, value);
        }

        root.Reload();
    }

    private ServiceProvider Build(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        configure(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static IHost Host(params (string Name, IConfigurationSection Section)[] clients) =>
        new HostBuilder().ConfigureServices(services =>
        {
            foreach (var (name, section) in clients)
            {
                ErrorHandlingOptionsRegistration.Add(services, name, section);
            }
        }).Build();

    /// <summary>Configuration in memory from which keys can also be removed, by setting them to null.</summary>
    private sealed class EditableConfiguration : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Edit(string key, string? value)
        {
            if (value is null)
            {
                Data.Remove(key);
            }
            else
            {
                Data[key] = value;
            }
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class LogRecorder : ILoggerProvider, ILogger
    {
        public LogLevel Least { get; set; } = LogLevel.Information;

        public List<(LogLevel Level, int Id, string Message)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Entries.Add((logLevel, eventId.Id, formatter(state, exception)));
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class SavedFile(string key, string value) : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load() => Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [key] = value };

        /// <summary>As .NET does with a file that it cannot read: the settings go, and nobody is told.</summary>
        public void CutOff() => Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

        public void Save(string saved, string to)
        {
            Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [saved] = to };
            OnReload();
        }
    }
}
