using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Policies;

public sealed class ErrorHandlingSectionReaderTests
{
    [Fact]
    public void Every_setting_can_be_read()
    {
        var options = Read(out var faults,
            """
            {
              "Venue": "binanceusdfutures", "Mode": "observe", "TotalTimeout": "00:00:20", "AttemptTimeout": "4s", "SendBefore": "1500ms", "MaxWait": "2m",
              "ThrowOnError": true, "ClientOrderIds": "Require", "ClientOrderIdPrefix": "bot:", "AfterProvenAbsent": "Resend",
              "TrustedInnerHandlers": [ "My.Handler", "Your.Handler" ], "Environment": "paper", "Account": "main", "EgressName": "eu-1",
              "Clock": { "ResyncInterval": "10m", "Samples": 7, "MaxResyncsPerCall": 3 },
              "Reconciliation": { "SettleMargin": "15s", "MinimumAbsences": 4, "FirstPause": "100ms", "MaxPause": "2s", "Rechecks": [ "30s" ], "VerdictRetention": "48:00:00", "Journal": "OnUnknown", "RepeatsAfterRestart": "2h", "MaxInDoubt": 50 },
              "Limits": { "WeightPerMinute": 1200, "OrdersPer10Seconds": 100, "OrdersPerMinute": 600, "PaceBeforeLimit": false, "MaxWaiters": 5 },
              "Policies": {
                "-1003": { "Action": "BackOff", "MaxAttempts": 2, "BaseDelay": "2s", "MaxDelay": "1m", "Lane": "ip", "Execution": "Unknown" },
                "overloaded": { "maxattempts": "3" }
              }
            }
            """);

        faults.ShouldBeEmpty();
        options.Venue.ShouldBeSameAs(ExchangeVenue.BinanceUsdFutures);
        (options.Mode, options.ClientOrderIds, options.AfterProvenAbsent, options.ThrowOnError).ShouldBe((HandlingMode.Observe, ClientOrderIdMode.Require, AfterProvenAbsent.Resend, true));
        (options.TotalTimeout.TotalSeconds, options.AttemptTimeout.TotalSeconds, options.SendBefore.TotalSeconds, options.MaxWait.TotalSeconds).ShouldBe((20, 4, 1.5, 120));
        (options.ClientOrderIdPrefix, options.Environment, options.Account, options.EgressName).ShouldBe(("bot:", "paper", "main", "eu-1"));
        options.TrustedInnerHandlers.ShouldBe(["My.Handler", "Your.Handler"]);
        (options.Clock.ResyncInterval.TotalMinutes, options.Clock.Samples, options.Clock.MaxResyncsPerCall).ShouldBe((10, 7, 3));
        var reconciliation = options.Reconciliation;
        (reconciliation.SettleMargin.TotalSeconds, reconciliation.MinimumAbsences, reconciliation.MaxInDoubt).ShouldBe((15, 4, 50));
        (reconciliation.FirstPause.TotalSeconds, reconciliation.MaxPause.TotalSeconds, reconciliation.VerdictRetention.TotalHours).ShouldBe((0.1, 2, 48));
        (reconciliation.Journal, reconciliation.RepeatsAfterRestart.TotalHours).ShouldBe((JournalMode.OnUnknown, 2));
        reconciliation.Rechecks.ShouldBe([TimeSpan.FromSeconds(30)]);
        (options.Limits.WeightPerMinute, options.Limits.OrdersPer10Seconds, options.Limits.OrdersPerMinute, options.Limits.PaceBeforeLimit, options.Limits.MaxWaiters).ShouldBe((1200, 100, 600, false, 5));
        var policy = options.Policies["-1003"];
        (policy.Action, policy.MaxAttempts, policy.BaseDelay, policy.MaxDelay, policy.Lane, policy.Execution)
            .ShouldBe((RecoveryAction.BackOff, 2, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), TrafficLane.Ip, ExecutionStatus.Unknown));
        (options.Policies["Overloaded"].MaxAttempts, options.Policies["Overloaded"].Action).ShouldBe((3, null));
    }

    [Fact]
    public void Where_a_key_belongs_is_known_of_every_setting()
    {
        var paths = Paths(typeof(ExchangeErrorHandlingOptions), "ExchangeErrorHandling:").Concat(Paths(typeof(ExchangeSigningOptions), "ExchangeSigning:"));

        SettingPaths.All.ShouldBe(paths, ignoreOrder: true);
        SettingPaths.All.Select(static path => path.Split(':')[^1]).ShouldBeUnique();

        // Endpoints and signers are set in code only.
        static IEnumerable<string> Paths(Type type, string prefix) => type.GetProperties().SelectMany(property =>
            property.PropertyType == typeof(IList<ExchangeEndpoint>) || property.PropertyType == typeof(IExchangeSigner) ? []
            : property.Name is nameof(ExchangeErrorHandlingOptions.Policies) ? Paths(typeof(ErrorPolicy), prefix + "Policies:<selector>:")
            : property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) ? Paths(property.PropertyType, $"{prefix}{property.Name}:")
            : new[] { prefix + property.Name });
    }

    [Fact]
    public void Every_public_setting_has_a_key()
    {
        // Reads a section that holds one nonsense key for each property; a property the reader does not know would be called unknown.
        var values = Keys(typeof(ExchangeErrorHandlingOptions), "").ToDictionary(key => "X:" + key, _ => (string?)"?", StringComparer.Ordinal);
        values.Count.ShouldBeGreaterThan(25);
        var faults = new List<string>();
        ErrorHandlingSectionReader.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("X"), new ExchangeErrorHandlingOptions(), faults);
        faults.ShouldNotContain(fault => fault.Contains("unknown key", StringComparison.Ordinal));

        // Endpoints are set in code only.
        static IEnumerable<string> Keys(Type type, string prefix) => type.GetProperties().Where(property => property.PropertyType != typeof(IList<ExchangeEndpoint>)).SelectMany(property =>
            property.Name is nameof(ExchangeErrorHandlingOptions.Policies) ? Keys(typeof(ErrorPolicy), "Policies:Default:")
            : property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) ? Keys(property.PropertyType, prefix + property.Name + ":")
            : [prefix + property.Name]);
    }

    [Theory]
    [InlineData("{SECRET}", "1")]
    [InlineData("Policies:{SECRET}:Actions", "1")]
    [InlineData("Clock:{SECRET}", "1")]
    [InlineData("TotalTimeout", "{SECRET}")]
    [InlineData("Mode", "{SECRET}")]
    public void A_key_or_secret_of_the_exchange_in_the_wrong_place_is_not_repeated(string key, string value)
    {
        var secret = Convert.ToHexString(new byte[32]);
        var faults = new List<string>();

        ErrorHandlingSectionReader.Read(
            new ConfigurationManager { ["X:" + key.Replace("{SECRET}", secret, StringComparison.Ordinal)] = value.Replace("{SECRET}", secret, StringComparison.Ordinal) }.GetSection("X"), new ExchangeErrorHandlingOptions(), faults);

        faults.ShouldHaveSingleItem().ShouldContain("***");
        faults[0].ShouldNotContain(secret[..8]);
    }

    [Theory]
    [InlineData("TotalTimeout")]
    [InlineData("Mode")]
    [InlineData("ThrowOnError")]
    [InlineData("Clock:Samples")]
    [InlineData("Reconciliation:Rechecks:0")]
    [InlineData("Policies:-1003:Action")]
    [InlineData("Policies:-1003:BaseDelay")]
    public void What_is_longer_than_values_of_the_setting_are_is_not_repeated_whole(string key)
    {
        foreach (var secret in (string[])["d41d8cd98f00b204e9800998ecf8427e", "c0ffee00-1234-4bcd-8ef0-123456789abc", "correct horse", "1234567890123"])
        {
            var faults = new List<string>();

            ErrorHandlingSectionReader.Read(new ConfigurationManager { [$"X:{key}"] = secret }.GetSection("X"), new ExchangeErrorHandlingOptions(), faults);

            faults.ShouldHaveSingleItem().ShouldStartWith($"X:{key}: '{secret[..4]}…' is ");
            faults[0].ShouldNotContain(secret[..5]);
        }
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("Clock:{0}")]
    [InlineData("Policies:-1003:{0}")]
    [InlineData("Policies:{0}:MaxAttempts")]
    [InlineData("Policies:{0}:Mistake")]
    [InlineData("Policies:{0}:Action")]
    [InlineData("Policies:{0}")]
    [InlineData("TrustedInnerHandlers:{0}")]
    public void What_stands_where_a_key_should_and_is_longer_than_a_mistyped_one_is_not_repeated_whole(string key)
    {
        foreach (var secret in (string[])["aB3dE6gH9jK2mN5p", "correct horse b", "d41d8cd98f00b204e9800998ecf8427e"])
        {
            var path = string.Format(CultureInfo.InvariantCulture, key, secret);

            var faults = Docs.Settings.Faults(($"ExchangeErrorHandling:{path}", "7"));

            var (hidden, shown) = (secret[..5], "ExchangeErrorHandling:" + string.Format(CultureInfo.InvariantCulture, key, secret[..4] + "…").Split('…')[0] + "…");
            faults.ShouldAllBe(fault => !fault.Contains(hidden, StringComparison.Ordinal), path);
            faults.ShouldContain(fault => fault.StartsWith(shown, StringComparison.Ordinal), path);
        }
    }

    [Theory]
    [InlineData("ClientOrderIdPrefixes", "ExchangeErrorHandling:ClientOrderIdPrefixes: unknown key; did you mean 'ClientOrderIdPrefix'?")]
    [InlineData("Policies:InsuficientFunds:MaxAttempts", "ExchangeErrorHandling:Policies:InsuficientFunds: is not a selector; did you mean 'InsufficientFunds'?")]
    [InlineData("Policies:-1100..-1130:Action", "ExchangeErrorHandling:Policies:-1100..-1130:Action: '7' is unknown")]
    [InlineData("Retries", "ExchangeErrorHandling:Retries: unknown key")]
    public void A_key_that_is_short_or_near_to_a_known_one_is_shown_whole(string key, string expected) =>
        Docs.Settings.Faults(($"ExchangeErrorHandling:{key}", "7")).ShouldHaveSingleItem().ShouldStartWith(expected);

    [Fact]
    public void What_the_section_leaves_out_keeps_its_default()
    {
        var options = Read(out var faults, """{ "TotalTimeout": "25s" }""");
        faults.ShouldBeEmpty();
        options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(25));
        (options.AttemptTimeout, options.SendBefore, options.ClientOrderIdPrefix).ShouldBe((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), "xr-"));
        options.Reconciliation.Rechecks.Count.ShouldBe(2);
        options.Limits.WeightPerMinute.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{ "Environment": null, "TotalTimeout": null, "Clock": null, "Policies": {} , "Mode": "Enforce" }""")]
    [InlineData("""{ "Policies": {}, "Limits": {}, "Mode": "Enforce" }""")]
    public void Null_and_empty_objects_count_as_left_out(string json)
    {
        var options = Read(out var faults, json);
        faults.ShouldBeEmpty();
        options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(30));
        options.Environment.ShouldBeNull();
    }

    [Fact]
    public void An_empty_list_empties_the_default_list()
    {
        var options = Read(out var faults, """{ "Reconciliation": { "Rechecks": [] } }""");
        faults.ShouldBeEmpty();
        options.Reconciliation.Rechecks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{ "Policys": { "x": 1 } }""", "Trading:Exchange:Policys: unknown key; did you mean 'Policies'?")]
    [InlineData("""{ "Retries": 5 }""", "Trading:Exchange:Retries: unknown key; choose from Venue, Mode, TotalTimeout")]
    [InlineData("""{ "Clock": { "Sampels": 5 } }""", "Trading:Exchange:Clock:Sampels: unknown key; did you mean 'Samples'?")]
    [InlineData("""{ "Reconciliation": { "SetleMargin": "5s" } }""", "Trading:Exchange:Reconciliation:SetleMargin: unknown key; did you mean 'SettleMargin'?")]
    [InlineData("""{ "Policies": { "-1003": { "MaxAttempt": 5, "Action": "Retry" } } }""", "Trading:Exchange:Policies:-1003:MaxAttempt: unknown key; did you mean 'MaxAttempts'?")]
    [InlineData("""{ "RecvWindow": "5s" }""", "Trading:Exchange:RecvWindow: unknown key; it belongs to ExchangeSigning, the section of AddExchangeSigning")]
    [InlineData("""{ "settlemargin": "5s" }""", "Trading:Exchange:settlemargin: unknown key; it belongs to Trading:Exchange:Reconciliation")]
    [InlineData("""{ "Clock": { "TotalTimeout": "5s" } }""", "Trading:Exchange:Clock:TotalTimeout: unknown key; it belongs to Trading:Exchange")]
    [InlineData("""{ "MaxAttempts": 3 }""", "Trading:Exchange:MaxAttempts: unknown key; it belongs to Trading:Exchange:Policies:<selector>")]
    [InlineData("""{ "TotalTimeout": "30" }""", "Trading:Exchange:TotalTimeout: '30' is not a duration; add its unit: 30ms, 30s, 30m or 30h")]
    [InlineData("""{ "TotalTimeout": 30 }""", "Trading:Exchange:TotalTimeout: '30' is not a duration; add its unit: 30ms, 30s, 30m or 30h")]
    [InlineData("""{ "TotalTimeout": "soon" }""", "Trading:Exchange:TotalTimeout: 'soon' is not a duration; write hh:mm:ss, or a number with its unit such as 500ms")]
    [InlineData("""{ "TotalTimeout": "" }""", "Trading:Exchange:TotalTimeout: '' is not a duration; write hh:mm:ss")]
    [InlineData("""{ "TotalTimeout": { "Seconds": 30 } }""", "Trading:Exchange:TotalTimeout: holds a section or list where a value is expected; write the value itself")]
    [InlineData("""{ "Mode": "Observ" }""", "Trading:Exchange:Mode: 'Observ' is unknown; did you mean 'Observe'?")]
    [InlineData("""{ "Mode": "1" }""", "Trading:Exchange:Mode: '1' is unknown; choose from Enforce, Observe")]
    [InlineData("""{ "Mode": "Enforce, Observe" }""", "Trading:Exchange:Mode: 'Enfo…' is unknown; choose from Enforce, Observe")]
    [InlineData("""{ "Venue": "BinanceUsdFuture" }""", "Trading:Exchange:Venue: 'BinanceUsdFuture' is unknown; did you mean 'BinanceUsdFutures'?")]
    [InlineData("""{ "ThrowOnError": "yes" }""", "Trading:Exchange:ThrowOnError: 'yes' is neither true nor false; write true or false")]
    [InlineData("""{ "Clock": { "Samples": "five" } }""", "Trading:Exchange:Clock:Samples: 'five' is not a whole number; write digits alone")]
    [InlineData("""{ "Clock": { "Samples": 2.5 } }""", "Trading:Exchange:Clock:Samples: '2.5' is not a whole number")]
    [InlineData("""{ "Clock": { "Samples": 99999999999 } }""", "Trading:Exchange:Clock:Samples: '99999999999' is not a whole number")]
    [InlineData("""{ "Clock": "5s" }""", "Trading:Exchange:Clock: holds a value where a section is expected; put its settings below it")]
    [InlineData("""{ "Policies": { "-1003": "Retry" } }""", "Trading:Exchange:Policies:-1003: holds a value where a section is expected")]
    [InlineData("""{ "Policies": { "-1003": { "Action": "Retyr" } } }""", "Trading:Exchange:Policies:-1003:Action: 'Retyr' is unknown; did you mean 'Retry'?")]
    [InlineData("""{ "Policies": { "-1003": { "Lane": "Account" } } }""", "Trading:Exchange:Policies:-1003:Lane: 'Account' is unknown; choose from None, Ip, Orders, Host")]
    [InlineData("""{ "TrustedInnerHandlers": "My.Handler" }""", "Trading:Exchange:TrustedInnerHandlers: holds one value where a list is expected; write a list")]
    [InlineData("""{ "TrustedInnerHandlers": { "First": "My.Handler" } }""", "Trading:Exchange:TrustedInnerHandlers:First: unknown key in a list; write a list, whose keys are 0, 1")]
    [InlineData("""{ "TrustedInnerHandlers": [ { "Name": "x" } ] }""", "Trading:Exchange:TrustedInnerHandlers:0: holds a section or list where a value is expected")]
    [InlineData("""{ "Reconciliation": { "Rechecks": [ "1m", "5" ] } }""", "Trading:Exchange:Reconciliation:Rechecks:1: '5' is not a duration; add its unit: 5ms, 5s, 5m or 5h")]
    [InlineData("""{ "Reconciliation": { "Rechecks": [ null ] } }""", "Trading:Exchange:Reconciliation:Rechecks:0: is empty; write a value, or remove the item")]
    [InlineData("""{ "Reconciliation": { "Rechecks": [ "1m", null ] } }""", "Trading:Exchange:Reconciliation:Rechecks:1: is empty; write a value, or remove the item")]
    [InlineData("""{ "TrustedInnerHandlers": [ null, "My.Handler" ] }""", "Trading:Exchange:TrustedInnerHandlers:0: is empty; write a value, or remove the item")]
    public void A_fault_names_path_value_and_remedy(string json, string fault)
    {
        Read(out var faults, json);
        faults.ShouldHaveSingleItem().ShouldStartWith(fault);
    }

    [Theory]
    [InlineData("MaxWait", "5s", "TotalTimeout", "ExchangeErrorHandling:MaxWait:TotalTimeout: unknown key; it belongs to ExchangeErrorHandling")]
    [InlineData("MaxWait", "5s", "x", "ExchangeErrorHandling:MaxWait:x: unknown key; a value has none below it")]
    [InlineData("MaxWait", "5s", "aB3dE6gH9jK2mN5p", "ExchangeErrorHandling:MaxWait:aB3d…: unknown key; a value has none below it")]
    [InlineData("Mode", "Enforce", "x", "ExchangeErrorHandling:Mode:x: unknown key")]
    [InlineData("Account", "main", "x", "ExchangeErrorHandling:Account:x: unknown key")]
    [InlineData("Limits:WeightPerMinute", "100", "x", "ExchangeErrorHandling:Limits:WeightPerMinute:x: unknown key")]
    [InlineData("Policies:-1003:Action", "FailFast", "x", "ExchangeErrorHandling:Policies:-1003:Action:x: unknown key")]
    [InlineData("TrustedInnerHandlers:0", "My.Handler", "x", "ExchangeErrorHandling:TrustedInnerHandlers:0:x: unknown key")]
    public void A_key_below_a_value_is_unknown(string key, string value, string below, string expected) =>
        Docs.Settings.Faults(($"ExchangeErrorHandling:{key}", value), ($"ExchangeErrorHandling:{key}:{below}", "77")).ShouldHaveSingleItem().ShouldStartWith(expected);

    [Fact]
    public void A_value_with_a_key_below_it_is_judged_beside_others_all_the_same() =>
        Docs.Settings.Faults(("ExchangeErrorHandling:AttemptTimeout", "40s"), ("ExchangeErrorHandling:AttemptTimeout:x", "1s")).Count.ShouldBe(2);

    [Theory]
    [InlineData("Policies:-1003:Action", "Retyr")]
    [InlineData("Policies:-1003:Actoin", "Retry")]
    [InlineData("Policies:-1003", "Retry")]
    [InlineData("TotalTimeout", "3", "AttemptTimeout", "40s")]
    [InlineData("Policies:-2010:MaxAttempts", "x", "Policies:-2010:Action", "Retry")]
    [InlineData("Policies:-2010:Lane", "x", "Policies:-2010:Action", "BackOff")]
    public void What_could_not_be_read_is_one_fault_and_no_second_one_about_what_stands_in_its_place(string key, string value, string? otherKey = null, string? other = null)
    {
        List<(string, string)> settings = [("ExchangeErrorHandling:" + key, value)];
        if (otherKey is not null)
        {
            settings.Add(("ExchangeErrorHandling:" + otherKey, other!));
        }

        Docs.Settings.Faults([.. settings]).ShouldHaveSingleItem().ShouldStartWith($"ExchangeErrorHandling:{key}: ");
    }

    [Theory]
    [InlineData("AttemptTimeout", "40s", "TotalTimeout", "30s", "Clock:Samples", "x")]
    [InlineData("Policies:-1003:MaxAttempts", "1", "Policies:-1003:Action", "Retry", "Policies:-1003:BaseDelay", "abc")]
    [InlineData("Policies:-1003:MaxAttempts", "1", "Policies:-1003:Action", "Retry", "Policies:-1003:Retries", "5")]
    [InlineData("Policies:-1003:Lane", "None", "Policies:-1003:Action", "BackOff", "Policies:-1003:MaxAttempts", "many")]
    public void Two_values_that_were_read_are_judged_together_beside_one_that_was_not(string key, string value, string otherKey, string other, string unreadKey, string unread)
    {
        var faults = Docs.Settings.Faults(($"ExchangeErrorHandling:{key}", value), ($"ExchangeErrorHandling:{otherKey}", other), ($"ExchangeErrorHandling:{unreadKey}", unread));

        faults.Count.ShouldBe(2);
        faults.ShouldContain(fault => fault.StartsWith($"ExchangeErrorHandling:{unreadKey}: ", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith($"ExchangeErrorHandling:{key}: '{value}' ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_a_later_section_gives_is_judged_though_the_earlier_one_could_not_be_read()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Shared:TotalTimeout", "abc"), new("Own:TotalTimeout", "2s"), new("Own:AttemptTimeout", "3s")]).Build();
        var services = new ServiceCollection();
        services.AddHttpClient("futures").AddExchangeErrorHandling(configuration.GetSection("Shared")).ConfigureExchangeErrorHandling(configuration.GetSection("Own"));
        using var provider = services.BuildServiceProvider();

        var faults = Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<ClientSettingsRegistry>().For("futures")).Failures.ToList();

        faults.ShouldContain(fault => fault.StartsWith("Shared:TotalTimeout: 'abc' is not a duration", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("AttemptTimeout: '3s' is longer than TotalTimeout (2s)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_other_columns_of_a_row_that_was_read_in_part_are_judged_all_the_same() =>
        Docs.Settings.Faults(("ExchangeErrorHandling:Policies:-1003:Lane", "x"), ("ExchangeErrorHandling:Policies:-1003:MaxAttempts", "99")).Count.ShouldBe(2);

    [Fact]
    public void All_faults_are_found_in_one_go()
    {
        Read(out var faults, """{ "Mod": "x", "TotalTimeout": "30", "Clock": { "Samples": "x", "Y": 1 }, "Policies": { "-1003": { "Lane": "x", "Z": 1 } } }""");
        faults.Count.ShouldBe(6);
    }

    [Fact]
    public void A_value_in_the_place_of_a_section_is_not_repeated()
    {
        Read(out var faults, """{ "Clock": "s3cr3t" }""");
        faults.ShouldHaveSingleItem().ShouldNotContain("s3cr3t");
    }

    [Theory]
    [InlineData("Host=db;Username=bot;Password=hunter2")]
    [InlineData("Host=db;PWD = hunter2;Port=1")]
    [InlineData("https://bot:hunter2@db/")]
    [InlineData("secret=hunter2")]
    [InlineData("-----BEGIN PRIVATE KEY----- hunter2 -----END PRIVATE KEY-----")]
    public void A_secret_in_the_wrong_place_is_not_repeated(string value)
    {
        foreach (var key in (string[])["Mode", "TotalTimeout", "Venue", "Policies:-1003:Action", "Account", "EgressName", "Limits:MaxWaiters", "Policies:Password=hunter2:Action"])
        {
            var faults = Docs.Settings.Faults(("ExchangeErrorHandling:" + key, value));

            faults.ShouldNotBeEmpty(key);
            faults.ShouldAllBe(static fault => !fault.Contains("hunter2", StringComparison.Ordinal), key);
        }
    }

    [Theory]
    [InlineData("token=", ' ')]
    [InlineData("", ' ')]
    [InlineData("", 'A')]
    [InlineData("", ':')]
    [InlineData("-----BEGIN", '-')]
    public void A_value_of_any_length_is_told_as_a_fault(string start, char filling) =>
        Docs.Settings.Faults(("ExchangeErrorHandling:TotalTimeout", start + new string(filling, 500_000))).ShouldHaveSingleItem().ShouldContain("is not a duration");

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "Trading": {} }""")]
    [InlineData("""{ "Trading": { "Exchange": {} } }""")]
    [InlineData("""{ "Trading": { "Exchange": null } }""")]
    [InlineData("""{ "Trading": { "Exchange": [] } }""")]
    [InlineData("""{ "Trading": { "Exchanges": { "Mode": "Observe" } } }""")]
    public void A_missing_or_empty_section_is_a_fault_that_names_it(string json)
    {
        var faults = new List<string>();
        ErrorHandlingSectionReader.Read(Json.Parse(json).GetSection("Trading:Exchange"), new ExchangeErrorHandlingOptions(), faults);
        faults.ShouldHaveSingleItem().ShouldStartWith("Trading:Exchange: the section is missing or empty; write it, or call AddExchangeErrorHandling() without a section");
    }

    [Fact]
    public void A_policy_made_in_code_is_completed_by_configuration()
    {
        var options = new ExchangeErrorHandlingOptions { Policies = { ["RateLimited"] = new() { MaxAttempts = 2 } } };
        var faults = new List<string>();
        ErrorHandlingSectionReader.Read(Json.Parse("""{ "X": { "Policies": { "ratelimited": { "BaseDelay": "3s" } } } }""").GetSection("X"), options, faults);
        faults.ShouldBeEmpty();
        var policy = options.Policies.ShouldHaveSingleItem().Value;
        (policy.MaxAttempts, policy.BaseDelay).ShouldBe((2, TimeSpan.FromSeconds(3)));
    }

    private static ExchangeErrorHandlingOptions Read(out List<string> faults, string json)
    {
        var options = new ExchangeErrorHandlingOptions();
        faults = [];
        ErrorHandlingSectionReader.Read(Json.Parse($$"""{ "Trading": { "Exchange": {{json}} } }""").GetSection("Trading:Exchange"), options, faults);
        return options;
    }
}
