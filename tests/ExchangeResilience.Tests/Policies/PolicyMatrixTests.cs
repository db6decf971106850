using static ExchangeResilience.Tests.Policies.SampleCodes;

namespace ExchangeResilience.Tests.Policies;

public sealed class PolicyMatrixTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(ErrorCategory.RateLimited, RecoveryAction.BackOff, 5, 1_000, 60_000, TrafficLane.Ip)]
    [InlineData(ErrorCategory.OrderRateLimited, RecoveryAction.BackOff, 5, 1_000, 60_000, TrafficLane.Orders)]
    [InlineData(ErrorCategory.Overloaded, RecoveryAction.BackOff, 5, 200, 2_000, TrafficLane.Host)]
    [InlineData(ErrorCategory.Unavailable, RecoveryAction.Retry, 3, 500, 5_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Indeterminate, RecoveryAction.Reconcile, 4, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Transport, RecoveryAction.Reconcile, 4, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.ClockSkew, RecoveryAction.ResyncClock, 3, 100, 1_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Unclassified, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Authentication, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.InvalidParameter, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.FilterViolation, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.InsufficientFunds, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.OrderRejected, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.OrderNotFound, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.DuplicateOrder, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.NoChangeNeeded, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.AccountState, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.LimitReached, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.MarketState, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Restricted, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    [InlineData(ErrorCategory.Blocked, RecoveryAction.BackOff, 1, 300_000, 300_000, TrafficLane.Ip)]
    [InlineData(ErrorCategory.NotSupported, RecoveryAction.FailFast, 1, 250, 4_000, TrafficLane.None)]
    public void Every_category_has_its_default(ErrorCategory category, RecoveryAction action, int attempts, int baseMs, int maxMs, TrafficLane lane)
    {
        var row = Compile().Find(Of(0, category), httpStatus: null);
        (row.Action, row.MaxAttempts, row.BaseDelay.TotalMilliseconds, row.MaxDelay.TotalMilliseconds, row.Lane).ShouldBe((action, attempts, baseMs, maxMs, lane));
        row.IsOverridden.ShouldBeFalse();
        row.Execution.ShouldBeNull();
    }

    [Fact]
    public void The_table_of_defaults_names_every_category() =>
        typeof(PolicyMatrixTests).GetMethod(nameof(Every_category_has_its_default))!
            .GetCustomAttributes(typeof(InlineDataAttribute), inherit: false).Cast<InlineDataAttribute>()
            .Select(row => (ErrorCategory)row.Data[0]!).Order().ShouldBe(Enum.GetValues<ErrorCategory>());

    [Theory]
    [InlineData(-1016, RecoveryAction.FailFast, 1)]
    [InlineData(-5028, RecoveryAction.ResyncClock, 2)]
    [InlineData(-5043, RecoveryAction.Retry, 5)]
    [InlineData(-4509, RecoveryAction.Retry, 4)]
    [InlineData(-1001, RecoveryAction.Retry, 3)]
    [InlineData(-1021, RecoveryAction.ResyncClock, 3)]
    [InlineData(-9999, RecoveryAction.FailFast, 1)]
    public void A_code_that_differs_from_its_category_has_a_row_of_its_own(int code, RecoveryAction action, int attempts)
    {
        var row = Compile().Find(Get(code), httpStatus: 400);
        (row.Action, row.MaxAttempts).ShouldBe((action, attempts));
    }

    [Fact]
    public void A_firewalls_block_closes_the_address_for_five_minutes_and_a_row_for_its_status_changes_that()
    {
        var row = Compile().Find(Of(0, ErrorCategory.Blocked), httpStatus: 403);
        (row.Selector, row.Action, row.Lane, row.MaxAttempts, row.BaseDelay).ShouldBe(("Blocked", RecoveryAction.BackOff, TrafficLane.Ip, 1, TimeSpan.FromMinutes(5)));

        var own = Compile(("Http403", new() { BaseDelay = TimeSpan.FromMinutes(1) })).Find(Of(0, ErrorCategory.Blocked), httpStatus: 403);
        (own.Selector, own.Action, own.Lane, own.BaseDelay).ShouldBe(("Http403", RecoveryAction.BackOff, TrafficLane.Ip, TimeSpan.FromMinutes(1)));
        Compile().Find(Of(0, ErrorCategory.Restricted), httpStatus: 403).Action.ShouldBe(RecoveryAction.FailFast);
    }

    [Fact]
    public void A_listed_code_ignores_the_status_that_carried_it() =>
        Compile().Find(Get(-1121), httpStatus: 403).Selector.ShouldBe("Default");

    [Fact]
    public void An_override_by_category_does_not_reach_a_code_with_a_built_in_row()
    {
        var matrix = Compile(("OrderRejected", new() { MaxAttempts = 9, Action = RecoveryAction.Retry, Execution = ExecutionStatus.Unknown }));
        matrix.Find(Get(-2010), 400).MaxAttempts.ShouldBe(9);
        var pending = matrix.Find(Get(-5043), 400);
        (pending.Selector, pending.MaxAttempts, pending.Execution, pending.IsOverridden).ShouldBe(("-5043", 5, null, false));
    }

    [Theory]
    [InlineData(-4003, 400, "-4003")]
    [InlineData(-4001, 400, "-4001..-4004")]
    [InlineData(-4002, 400, "-4001..-4004")] // not listed, within the range all the same
    [InlineData(-4010, 400, "-4001..-4014")]
    [InlineData(-4014, 400, "-4001..-4014")]
    [InlineData(-4015, 400, "Http400")] // not listed: the status decides
    [InlineData(-1121, 400, "InvalidParameter")] // listed: the status does not
    [InlineData(-4015, 451, "Default")]
    [InlineData(-2010, 400, "Default")]
    [InlineData(0, 400, "Http400")]
    public void The_most_specific_selector_wins(int code, int status, string selector)
    {
        var matrix = Compile(
            ("Default", Retry(2)),
            ("InvalidParameter", Retry(3)),
            ("Http400", Retry(4)),
            ("-4014..-4001", Retry(5)),
            ("-4001..-4004", Retry(6)),
            ("-4003", Retry(7)));
        matrix.Find(code == 0 ? Of(0, ErrorCategory.InvalidParameter) : Get(code), status).Selector.ShouldBe(selector);
    }

    [Fact]
    public void A_code_the_venue_does_not_list_can_have_a_row()
    {
        var matrix = Compile(("-7777", Retry(3)), ("-7000..-7999", Retry(2)), ("Http400", Retry(4)));
        matrix.Find(Get(-7777), 400).MaxAttempts.ShouldBe(3);
        matrix.Find(Get(-7778), 400).MaxAttempts.ShouldBe(2);
    }

    [Fact]
    public void A_partial_row_inherits_from_the_row_that_would_have_applied_without_it()
    {
        var matrix = Compile(
            ("-1003", new() { MaxAttempts = 2 }),
            ("-5043", new() { BaseDelay = Second }),
            ("-4001..-4014", new() { Action = RecoveryAction.Retry, MaxAttempts = 4 }),
            ("-4003", new() { MaxAttempts = 6 }));

        matrix.Find(Get(-1003), 429).ShouldBe(new PolicyRow
        {
            Selector = "-1003", Action = RecoveryAction.BackOff, MaxAttempts = 2, BaseDelay = Second, MaxDelay = 60 * Second,
            Lane = TrafficLane.Ip, Execution = null, IsOverridden = true,
        });
        var pending = matrix.Find(Get(-5043), 400);
        (pending.Action, pending.MaxAttempts, pending.BaseDelay, pending.MaxDelay, pending.IsOverridden).ShouldBe((RecoveryAction.Retry, 5, Second, 2 * Second, true));
        var filter = matrix.Find(Get(-4003), 400);
        (filter.Action, filter.MaxAttempts, filter.BaseDelay).ShouldBe((RecoveryAction.Retry, 6, TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public void A_partial_range_leaves_each_code_the_columns_of_its_own_category()
    {
        var matrix = Compile(("-1000..-1099", new() { MaxAttempts = 2 }));
        matrix.Find(Get(-1003), 429).ShouldSatisfyAllConditions(row => row.Action.ShouldBe(RecoveryAction.BackOff), row => row.Lane.ShouldBe(TrafficLane.Ip), row => row.MaxAttempts.ShouldBe(2));
        matrix.Find(Get(-1007), 408).ShouldSatisfyAllConditions(row => row.Action.ShouldBe(RecoveryAction.Reconcile), row => row.MaxAttempts.ShouldBe(2));
        matrix.Find(Of(-1098, ErrorCategory.Indeterminate), 500).Action.ShouldBe(RecoveryAction.Reconcile);
        matrix.Find(Get(-1098), 400).Action.ShouldBe(RecoveryAction.FailFast);
    }

    [Fact]
    public void Overlapping_ranges_of_different_width_cascade_where_they_overlap()
    {
        var matrix = Compile(
            ("-7000..-7010", new() { Action = RecoveryAction.Retry, MaxAttempts = 3 }),
            ("-7008..-7030", new() { Action = RecoveryAction.Retry, MaxAttempts = 7, BaseDelay = 2 * Second }));
        Shape(-7005).ShouldBe((3, 250d));
        Shape(-7009).ShouldBe((3, 2_000d));
        Shape(-7020).ShouldBe((7, 2_000d));
        Shape(-7031).ShouldBe((1, 250d));

        (int, double) Shape(int code)
        {
            var row = matrix.Find(Get(code), 400);
            return (row.MaxAttempts, row.BaseDelay.TotalMilliseconds);
        }
    }

    [Fact]
    public void A_range_is_not_judged_by_codes_it_does_not_hold()
    {
        var matrix = Compile(("-1003..-1003", new() { Action = RecoveryAction.BackOff, MaxAttempts = 3 }));
        matrix.Rows.Where(row => row.IsOverridden).ShouldHaveSingleItem().Selector.ShouldBe("-1003");

        // Without a lane of its own, it would leave BackOff on the unlisted codes between none to close.
        Compile(out var faults, ("-1003..-1004", new() { Action = RecoveryAction.BackOff, MaxAttempts = 3 }));
        faults.ShouldHaveSingleItem().ShouldStartWith("Policies:-1003..-1004:Lane: 'None'");
    }

    [Theory]
    [InlineData(-4509)]
    [InlineData(-1121)]
    [InlineData(-7777)]
    public void A_range_of_one_code_is_that_code(int code)
    {
        var matrix = Compile(($"{code}..{code}", new() { Action = RecoveryAction.Retry, MaxAttempts = 7 }));

        matrix.Find(Get(code), 400).MaxAttempts.ShouldBe(7);
        matrix.Rows.Where(row => row.IsOverridden).ShouldHaveSingleItem().Selector.ShouldBe($"{code}");
    }

    [Fact]
    public void A_partial_status_row_leaves_each_category_its_own_columns()
    {
        var matrix = Compile(("Http503", new() { MaxAttempts = 2 }));
        matrix.Find(Of(0, ErrorCategory.Overloaded), 503).ShouldSatisfyAllConditions(row => row.Lane.ShouldBe(TrafficLane.Host), row => row.MaxAttempts.ShouldBe(2));
        matrix.Find(Of(0, ErrorCategory.Indeterminate), 503).ShouldSatisfyAllConditions(row => row.Action.ShouldBe(RecoveryAction.Reconcile), row => row.MaxAttempts.ShouldBe(2));
        matrix.Find(Of(0, ErrorCategory.Indeterminate), 502).MaxAttempts.ShouldBe(4);
    }

    [Theory]
    [InlineData(5_000, null, 5_000, 5_000)]
    [InlineData(null, 100, 100, 100)]
    [InlineData(1_000, null, 1_000, 2_000)]
    [InlineData(null, 9_000, 200, 9_000)]
    [InlineData(3_000, 9_000, 3_000, 9_000)]
    public void An_inherited_delay_yields_to_a_given_one(int? baseDelay, int? maxDelay, int effectiveBase, int effectiveMax)
    {
        var row = Compile(("Overloaded", new() { BaseDelay = Ms(baseDelay), MaxDelay = Ms(maxDelay) })).Find(Get(-1008), 503);
        (row.BaseDelay, row.MaxDelay).ShouldBe((Ms(effectiveBase)!.Value, Ms(effectiveMax)!.Value));

        static TimeSpan? Ms(int? value) => value is { } given ? TimeSpan.FromMilliseconds(given) : null;
    }

    [Fact]
    public void An_overridden_default_reaches_what_has_no_row_and_nothing_else()
    {
        var matrix = Compile(("Default", new() { Action = RecoveryAction.Retry, MaxAttempts = 2 }));
        matrix.Find(Get(-2010), 400).ShouldSatisfyAllConditions(row => row.Action.ShouldBe(RecoveryAction.Retry), row => row.IsOverridden.ShouldBeTrue());
        matrix.Find(Get(-1021), 400).Action.ShouldBe(RecoveryAction.ResyncClock);
    }

    [Fact]
    public void A_row_may_darken_the_execution_status() =>
        Compile(("-1001", new() { Execution = ExecutionStatus.Unknown })).Find(Get(-1001), 503).Execution.ShouldBe(ExecutionStatus.Unknown);

    [Fact]
    public void Failing_fast_sends_once_whatever_attempts_are_inherited() =>
        Compile(("RateLimited", new() { Action = RecoveryAction.FailFast })).Find(Get(-1003), 429).MaxAttempts.ShouldBe(1);

    [Theory]
    [InlineData("-4046")]
    [InlineData("-4046..-4046")]
    [InlineData("NoChangeNeeded")]
    public void Already_so_can_be_taken_for_success(string selector) =>
        Compile((selector, new() { Action = RecoveryAction.TreatAsSuccess })).Find(Get(-4046), 400).Action.ShouldBe(RecoveryAction.TreatAsSuccess);

    [Fact]
    public void An_unlisted_code_is_never_taken_for_success()
    {
        var matrix = Compile(("-4050..-4059", new() { Action = RecoveryAction.TreatAsSuccess }));
        matrix.Find(Get(-4059), 400).Action.ShouldBe(RecoveryAction.TreatAsSuccess);
        matrix.Find(Get(-4055), 400).Action.ShouldBe(RecoveryAction.FailFast);
    }

    [Theory]
    [InlineData("-4047", RecoveryAction.TreatAsSuccess, "Policies:-4047:Action: 'TreatAsSuccess' is only for NoChangeNeeded, and -4047 is AccountState; select only codes of NoChangeNeeded")]
    [InlineData("-4046..-4059", RecoveryAction.TreatAsSuccess, "-4047 is AccountState")]
    [InlineData("-7777", RecoveryAction.TreatAsSuccess, "the venue lists no such code")]
    [InlineData("-7000..-7999", RecoveryAction.TreatAsSuccess, "the venue lists no such code")]
    [InlineData("OrderNotFound", RecoveryAction.TreatAsSuccess, "this is OrderNotFound")]
    [InlineData("Http400", RecoveryAction.TreatAsSuccess, "Http400 selects any category")]
    [InlineData("Default", RecoveryAction.TreatAsSuccess, "Default selects any category")]
    [InlineData("-1003", RecoveryAction.ResyncClock, "'ResyncClock' is only for ClockSkew, and -1003 is RateLimited")]
    [InlineData("Default", RecoveryAction.ResyncClock, "Default selects any category")]
    [InlineData("-1003", (RecoveryAction)77, "Policies:-1003:Action: '77' is not defined; choose from FailFast, BackOff")]
    public void An_action_outside_its_category_is_refused(string selector, RecoveryAction action, string fault)
    {
        Compile(out var faults, (selector, new() { Action = action }));
        faults.ShouldHaveSingleItem().ShouldContain(fault);
    }

    public static TheoryData<string, ErrorPolicy, string> ColumnFaults() => new()
    {
        { "-1003", new() { MaxAttempts = 0 }, "Policies:-1003:MaxAttempts: '0' is out of range; choose 1 to 20" },
        { "RateLimited", new() { MaxAttempts = 21 }, "Policies:RateLimited:MaxAttempts: '21' is out of range; choose 1 to 20" },
        { "-1003", new() { BaseDelay = TimeSpan.Zero }, "Policies:-1003:BaseDelay: '0s' is out of range; choose 1ms to 1h" },
        { "-1003", new() { BaseDelay = TimeSpan.FromHours(2), MaxDelay = TimeSpan.FromHours(2) }, "Policies:-1003:BaseDelay: '2h' is out of range; choose 1ms to 1h" },
        { "-1003", new() { MaxDelay = TimeSpan.FromDays(2) }, "Policies:-1003:MaxDelay: '48h' is out of range; choose 1ms to 24h" },
        { "-1003", new() { BaseDelay = 5 * Second, MaxDelay = 2 * Second }, "Policies:-1003:MaxDelay: '2s' is shorter than BaseDelay (5s); lengthen it, or shorten BaseDelay" },
        { "-2010", new() { Action = RecoveryAction.BackOff }, "Policies:-2010:Lane: 'None' leaves BackOff no lane to close; set Lane to Ip, Orders or Host" },
        { "-1003", new() { Lane = TrafficLane.None }, "Policies:-1003:Lane: 'None' leaves BackOff no lane" },
        { "-1003", new() { Lane = (TrafficLane)9 }, "Policies:-1003:Lane: '9' is not defined; choose from None, Ip, Orders, Host" },
        { "-2010", new() { Action = RecoveryAction.Retry }, "Policies:-2010:MaxAttempts: '1' makes Retry send nothing again, since it counts the first send; set MaxAttempts to 2 or more, or Action to FailFast" },
        { "-1021", new() { MaxAttempts = 1 }, "Policies:-1021:MaxAttempts: '1' makes ResyncClock send nothing again" },
        { "-1001", new() { Execution = ExecutionStatus.NotExecuted }, "Policies:-1001:Execution: 'NotExecuted' cannot be set by a policy, which may make an outcome less certain but never more certain; set Unknown" },
        { "-1001", new() { Execution = ExecutionStatus.Executed }, "Policies:-1001:Execution: 'Executed' cannot be set by a policy" },
        { "-4046", new() { Action = RecoveryAction.TreatAsSuccess, Execution = ExecutionStatus.Unknown }, "Policies:-4046:Execution: 'Unknown' contradicts TreatAsSuccess" },
        { "-1003", new(), "Policies:-1003: says nothing; give at least one of Action" },
        { "-1003", null!, "Policies:-1003: says nothing" },
        { "RateLimted", new() { MaxAttempts = 2 }, "Policies:RateLimted: is not a selector; did you mean 'RateLimited'?" },
        { "-4014..-4001", new() { Action = RecoveryAction.BackOff }, "Policies:-4014..-4001:Lane: 'None'" },
    };

    [Theory]
    [MemberData(nameof(ColumnFaults), DisableDiscoveryEnumeration = true)]
    public void A_faulty_row_is_refused_with_path_value_and_remedy(string selector, ErrorPolicy policy, string fault)
    {
        Compile(out var faults, (selector, policy));
        faults.ShouldHaveSingleItem().ShouldStartWith(fault);
    }

    [Theory]
    [InlineData("-4001..-4014", "-4014..-4001", "Policies:-4014..-4001: selects the same errors as '-4001..-4014'; keep one of the two")]
    [InlineData("-4001..-4004", "-4003..-4006", "Policies:-4003..-4006: overlaps the equally wide range '-4001..-4004'")]
    [InlineData("-1003", "-1003..-1003", "Policies:-1003..-1003: selects the same errors as '-1003'")]
    [InlineData("-1003", "-01003", "Policies:-01003: selects the same errors as '-1003'")]
    public void Rows_of_equal_precedence_for_one_error_are_refused(string first, string second, string fault)
    {
        Compile(out var faults, (first, Retry(2)), (second, Retry(3)));
        faults.ShouldHaveSingleItem().ShouldStartWith(fault);
    }

    [Fact]
    public void Equally_wide_ranges_side_by_side_are_fine() =>
        Compile(("-4001..-4004", Retry(2)), ("-4005..-4008", Retry(3))).Find(Get(-4005), 400).MaxAttempts.ShouldBe(3);

    [Fact]
    public void All_faults_of_all_rows_are_reported_at_once()
    {
        Compile(out var faults,
            ("-1003", new() { MaxAttempts = 0, BaseDelay = TimeSpan.Zero, Execution = ExecutionStatus.Executed }),
            ("Oops", Retry(2)),
            ("-2010", new() { Action = RecoveryAction.BackOff }));
        faults.Count.ShouldBe(5);
    }

    [Fact]
    public void The_built_in_matrix_prints_as_this_table()
    {
        Compile().ToMarkdown().ShouldBe(
            """
            | Selector | Action | MaxAttempts | BaseDelay | MaxDelay | Lane | Execution | Overridden |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            | -1016 | FailFast | 1 | 500ms | 5s | None |  |  |
            | -4509 | Retry | 4 | 250ms | 2s | None |  |  |
            | -5028 | ResyncClock | 2 | 100ms | 1s | None |  |  |
            | -5043 | Retry | 5 | 200ms | 2s | None |  |  |
            | RateLimited | BackOff | 5 | 1s | 1m | Ip |  |  |
            | OrderRateLimited | BackOff | 5 | 1s | 1m | Orders |  |  |
            | Overloaded | BackOff | 5 | 200ms | 2s | Host |  |  |
            | Unavailable | Retry | 3 | 500ms | 5s | None |  |  |
            | Indeterminate | Reconcile | 4 | 250ms | 4s | None |  |  |
            | ClockSkew | ResyncClock | 3 | 100ms | 1s | None |  |  |
            | Blocked | BackOff | 1 | 5m | 5m | Ip |  |  |
            | Transport | Reconcile | 4 | 250ms | 4s | None |  |  |
            | Default | FailFast | 1 | 250ms | 4s | None |  |  |

            """, StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public void Overrides_are_marked_and_a_row_with_several_outcomes_shows_each()
    {
        var rows = Compile(
            ("-1003", new() { MaxAttempts = 2 }),
            ("-1000..-1010", new() { MaxAttempts = 3, Execution = ExecutionStatus.Unknown }),
            ("Unavailable", new() { MaxAttempts = 4 })).Rows;
        rows.Where(row => row.IsOverridden).Select(row => (row.Selector, row.Action, row.MaxAttempts, row.Execution)).ShouldBe(
        [
            ("-1003", RecoveryAction.BackOff, 2, ExecutionStatus.Unknown),
            ("-1000..-1010 (Unavailable)", RecoveryAction.Retry, 3, ExecutionStatus.Unknown),
            ("-1000..-1010 (Indeterminate)", RecoveryAction.Reconcile, 3, ExecutionStatus.Unknown),
            ("-1000..-1010 (Overloaded)", RecoveryAction.BackOff, 3, ExecutionStatus.Unknown),
            ("-1000..-1010", RecoveryAction.FailFast, 1, ExecutionStatus.Unknown),
            ("Unavailable", RecoveryAction.Retry, 4, null),
        ]);
        rows.Count.ShouldBe(13 + 5);
    }

    [Fact]
    public void The_order_of_rows_does_not_depend_on_the_order_of_overrides()
    {
        (string, ErrorPolicy)[] policies = [("-4003", Retry(2)), ("Http503", Retry(3)), ("-1000..-1099", Retry(4)), ("OrderRejected", Retry(5)), ("-9001", Retry(6))];
        Compile(policies).ToMarkdown().ShouldBe(Compile([.. policies.Reverse()]).ToMarkdown());
    }

    [Fact]
    public void Find_allocates_nothing()
    {
        var matrix = Compile(("-7000..-7999", Retry(2)), ("Http503", Retry(3)));
        (ErrorDefinition, int?)[] errors =
        [
            (Get(-1003), 429), (Get(-7777), 400), (Get(-9999), 400), (Of(0, ErrorCategory.Overloaded), 503), (Of(0, ErrorCategory.Transport), null),
        ];
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                foreach (var (definition, status) in errors)
                {
                    matrix.Find(definition, status);
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();
        Measure().ShouldBe(0);
    }

    private static ErrorPolicy Retry(int attempts) => new() { Action = RecoveryAction.Retry, MaxAttempts = attempts };
}
