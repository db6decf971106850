using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Policies;

public sealed class ErrorHandlingOptionsValidatorTests
{
    private static readonly string LikeAKey = new('k', 64);

    [Fact]
    public void The_defaults_are_valid() => Faults(_ => { }).ShouldBeEmpty();

    [Fact]
    public void A_short_profile_for_tests_is_valid() => Faults(options =>
    {
        options.TotalTimeout = options.SendBefore = TimeSpan.FromMilliseconds(100);
        options.AttemptTimeout = TimeSpan.FromMilliseconds(50);
        options.MaxWait = options.Reconciliation.SettleMargin = TimeSpan.Zero;
        options.ClientOrderIdPrefix = "";
        options.Limits.MaxWaiters = 0;
    }).ShouldBeEmpty();

    public static TheoryData<string, Action<ExchangeErrorHandlingOptions>> Rules() => new()
    {
        { "TotalTimeout: '99ms' is out of range; choose 100ms to 1h", o => o.TotalTimeout = o.AttemptTimeout = o.SendBefore = TimeSpan.FromMilliseconds(99) },
        { "TotalTimeout: '2h' is out of range; choose 100ms to 1h", o => o.TotalTimeout = TimeSpan.FromHours(2) },
        { "AttemptTimeout: '49ms' is out of range; choose 50ms to 1h", o => o.AttemptTimeout = TimeSpan.FromMilliseconds(49) },
        { "AttemptTimeout: '31s' is longer than TotalTimeout (30s); shorten it", o => o.AttemptTimeout = TimeSpan.FromSeconds(31) },
        { "SendBefore: '0s' is out of range; choose 1ms to 1h", o => o.SendBefore = TimeSpan.Zero },
        { "SendBefore: '31s' is longer than TotalTimeout (30s); shorten it", o => o.SendBefore = TimeSpan.FromSeconds(31) },
        { "MaxWait: '-1s' is out of range; choose 0s to 24h", o => o.MaxWait = TimeSpan.FromSeconds(-1) },
        { "Clock:ResyncInterval: '500ms' is out of range; choose 1s to 24h", o => o.Clock.ResyncInterval = TimeSpan.FromMilliseconds(500) },
        { "Clock:Samples: '21' is out of range; choose 1 to 20", o => o.Clock.Samples = 21 },
        { "Clock:MaxResyncsPerCall: '0' is out of range; choose 1 to 5", o => o.Clock.MaxResyncsPerCall = 0 },
        { "Reconciliation:SettleMargin: '-1s' is out of range; choose 0s to 1h", o => o.Reconciliation.SettleMargin = TimeSpan.FromSeconds(-1) },
        { "Reconciliation:MinimumAbsences: '2' is out of range; choose 3 to 20", o => o.Reconciliation.MinimumAbsences = 2 },
        { "Reconciliation:MinimumAbsences: '21' is out of range; choose 3 to 20", o => o.Reconciliation.MinimumAbsences = 21 },
        { "Reconciliation:FirstPause: '0s' is out of range; choose 1ms to 1h", o => o.Reconciliation.FirstPause = TimeSpan.Zero },
        { "Reconciliation:MaxPause: '2h' is out of range; choose 1ms to 1h", o => o.Reconciliation.MaxPause = TimeSpan.FromHours(2) },
        { "Reconciliation:FirstPause: '5s' is longer than Reconciliation:MaxPause (4s); shorten it", o => o.Reconciliation.FirstPause = TimeSpan.FromSeconds(5) },
        { "Reconciliation:VerdictRetention: '0s' is out of range; choose 1s to 2160h", o => o.Reconciliation.VerdictRetention = TimeSpan.Zero },
        { "Reconciliation:Rechecks:1: '0s' is out of range; choose 1s to 24h", o => o.Reconciliation.Rechecks[1] = TimeSpan.Zero },
        { "Reconciliation:MaxInDoubt: '0' is out of range; choose 1 to 1000000", o => o.Reconciliation.MaxInDoubt = 0 },
        { "Limits:WeightPerMinute: '0' is out of range; choose 1 to 10000000", o => o.Limits.WeightPerMinute = 0 },
        { "Limits:OrdersPer10Seconds: '-5' is out of range", o => o.Limits.OrdersPer10Seconds = -5 },
        { "Limits:OrdersPerMinute: '0' is out of range", o => o.Limits.OrdersPerMinute = 0 },
        { "Limits:MaxWaiters: '-1' is out of range; choose 0 to 1000000", o => o.Limits.MaxWaiters = -1 },
        { "Mode: '7' is not defined; choose from Enforce, Observe", o => o.Mode = (HandlingMode)7 },
        { "ClientOrderIds: '7' is not defined; choose from Generate, Require", o => o.ClientOrderIds = (ClientOrderIdMode)7 },
        { "AfterProvenAbsent: '7' is not defined; choose from Report, Resend", o => o.AfterProvenAbsent = (AfterProvenAbsent)7 },
        { "Reconciliation:Journal: '7' is not defined; choose from WriteAhead, OnUnknown", o => o.Reconciliation.Journal = (JournalMode)7 },
        { "ClientOrderIdPrefix: 'elevenchars' cannot start a client order id; use at most 10 of A-Z", o => o.ClientOrderIdPrefix = "elevenchars" },
        { "ClientOrderIdPrefix: 'a b' cannot start a client order id", o => o.ClientOrderIdPrefix = "a b" },
        { "ClientOrderIdPrefix: 'é' cannot start a client order id", o => o.ClientOrderIdPrefix = "é" },
        { "ClientOrderIdPrefix: 'null' cannot start a client order id", o => o.ClientOrderIdPrefix = null! },
        { "EgressName: is blank; name the address requests leave from", o => o.EgressName = " " },
        { "EgressName: is blank", o => o.EgressName = null! },
        { "EgressName: may be a key or a secret", o => o.EgressName = $"eu-{LikeAKey}" },
        { "Account: may be a key or a secret, and would be shown in logs, metrics and on the page; write a short name", o => o.Account = LikeAKey },
        { "Environment: may be a key or a secret", o => o.Environment = LikeAKey },
        { "Environment: may be a key or a secret", o => o.Environment = "Host=db;Password=abc" },
        { "Account: may be a key or a secret", o => o.Account = "https://user:abc@proxy" },
        { "Environment: is blank; write a name, or leave it out so that the host decides", o => o.Environment = "" },
        { "Account: is blank; write a name, or leave it out so that the API key decides", o => o.Account = " " },
        { "TrustedInnerHandlers:0: is blank; write the handler's full type name", o => o.TrustedInnerHandlers.Add("") },
        { "Venue: is null; choose one, such as ExchangeVenue.BinanceUsdFutures", o => o.Venue = null! },
        { "Policies:Oops!: is not a selector", o => o.Policies["Oops!"] = new() { MaxAttempts = 2 } },
        { "Policies:RateLimited:MaxAttempts: '0' is out of range; choose 1 to 20", o => o.Policies["RateLimited"] = new() { MaxAttempts = 0 } },
    };

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public void A_broken_rule_is_reported_with_path_value_and_remedy(string fault, Action<ExchangeErrorHandlingOptions> breakIt) =>
        Faults(breakIt).ShouldHaveSingleItem().ShouldStartWith("Trading:Exchange:" + fault);

    [Fact]
    public void Settings_made_in_code_are_named_by_client_and_property()
    {
        var result = new ErrorHandlingOptionsValidator("client").Validate("client", new ExchangeErrorHandlingOptions { EgressName = "" });
        result.Failures.ShouldHaveSingleItem().ShouldStartWith("client 'client': EgressName: is blank");
    }

    [Fact]
    public void All_faults_are_reported_at_once_those_of_reading_first()
    {
        var faults = Faults(options =>
        {
            options.ReadFaults.Add("Trading:Exchange:Policys: unknown key; did you mean 'Policies'?");
            options.Clock.Samples = 0;
            options.EgressName = "";
            options.Policies["RateLimited"] = new() { MaxAttempts = 0, BaseDelay = TimeSpan.Zero };
        });
        faults.Count.ShouldBe(5);
        faults[0].ShouldBe("Trading:Exchange:Policys: unknown key; did you mean 'Policies'?");
    }

    [Fact]
    public void Options_of_another_client_are_left_alone() =>
        new ErrorHandlingOptionsValidator("client").Validate("other", new ExchangeErrorHandlingOptions { EgressName = "" }).ShouldBeSameAs(ValidateOptionsResult.Skip);

    [Fact]
    public void A_name_that_may_be_a_key_is_not_repeated() => Faults(static options => options.Account = LikeAKey).ShouldHaveSingleItem().ShouldNotContain("kkk");

    private static List<string> Faults(Action<ExchangeErrorHandlingOptions> change)
    {
        var options = new ExchangeErrorHandlingOptions { ReadSections = { "Trading:Exchange" } };
        change(options);
        return [.. new ErrorHandlingOptionsValidator("client").Validate("client", options).Failures ?? []];
    }
}
