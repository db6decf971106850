using ExchangeResilience.Tests.Errors;

namespace ExchangeResilience.Tests.Venues;

public sealed class BinanceUsdFuturesErrorsTests
{
    private static ErrorCatalog Catalog => ExchangeVenue.BinanceUsdFutures.Errors;

    [Fact]
    public void The_table_holds_every_known_code_under_its_name_and_no_other()
    {
        var expected = Recorded.Lines("catalog.tsv").Select(line => line.Split('\t')).ToDictionary(f => int.Parse(f[0], System.Globalization.CultureInfo.InvariantCulture), f => f[1]);

        expected.Count.ShouldBe(225);
        Catalog.All.ToDictionary(row => row.Code, row => row.Name).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void The_table_runs_from_the_highest_code_down() =>
        Catalog.All.Select(row => row.Code).ShouldBe(Catalog.All.Select(row => row.Code).OrderDescending());

    [Fact]
    public void Each_code_has_a_kind_a_verdict_and_advice_of_its_own()
    {
        foreach (var row in Catalog.All)
        {
            row.Category.ShouldNotBe(ErrorCategory.Unclassified, row.Name);
            row.Category.ShouldNotBe(ErrorCategory.Transport, row.Name);
            row.Execution.ShouldNotBe(ExecutionStatus.Executed, row.Name);
            row.Advice.Length.ShouldBeInRange(20, 180, row.Name);
            row.Advice[^1].ShouldBeOneOf('.', '-');
            Catalog.Find(row.Code).ShouldBeSameAs(row);
        }

        Catalog.All.Select(row => row.Advice).Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(Catalog.All.Count);
        Catalog.All.Select(row => row.Advice[..20]).Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBeGreaterThan(190);
    }

    // Sentences that begin with one of these tell the reader to do something.
    private static readonly HashSet<string> Imperatives = new(StringComparer.OrdinalIgnoreCase)
    {
        "add", "ask", "avoid", "back", "bring", "cancel", "carry", "change", "check", "choose", "close", "compare", "contact", "correct", "create", "cut", "decide", "drop", "fetch",
        "fill", "find", "follow", "fund", "give", "grant", "keep", "leave", "let", "list", "look", "lower", "measure", "mend", "move", "name", "open", "pass", "place", "put", "quote",
        "raise", "read", "reduce", "register", "reload", "remove", "repeat", "replace", "report", "round", "send", "set", "settle", "shorten", "shrink", "sign", "split", "stamp", "stay", "stop", "swap", "switch",
        "take", "trade", "transfer", "try", "turn", "unlock", "use", "wait", "watch", "write",
    };

    [Fact]
    public void Each_advice_names_what_to_do_next()
    {
        var all = Catalog.All.SelectMany(static row => row.Elsewhere is { } other ? new[] { row.Advice, other.Advice } : [row.Advice])
            .Concat(Enumerable.Range(400, 200).Select(static status => ReplyErrors.OfStatus(status).Advice))
            .Concat([ReplyErrors.Restricted403.Advice, ReplyErrors.TooManyRequests.Advice, ReplyErrors.Banned403.Advice, ReplyErrors.UnderMaintenance.Advice, ReplyErrors.Unlisted(-9, default).Advice]);

        all.Distinct(StringComparer.Ordinal).Where(static advice => !TellsToDo(advice)).ShouldBeEmpty();
    }

    private static bool TellsToDo(string advice) => advice
        .Split(['.', ';', ':', ','])
        .Select(static clause => clause.Trim().Split(' ').SkipWhile(static word => word is "or" or "and" or "then" or "only" or "first"))
        .Any(static words => Imperatives.Contains(words.FirstOrDefault() ?? "") || words.Any(static word => word is "must"));

    [Theory]
    [InlineData(-1109, "demo", "try again")]
    [InlineData(-1130, "JSON array", "percent-encoded")]
    [InlineData(-2008, "environment", "live, demo and testnet")]
    [InlineData(-2011, "GET order", "/fapi/v1/algoOrder")]
    [InlineData(-2013, "ask again", "/fapi/v1/algoOrder")]
    [InlineData(-4411, "POST /fapi/v1/stock/contract", "order again")]
    [InlineData(-4418, "reduceOnly", "another symbol")]
    [InlineData(-5000, "retired", "successor")]
    [InlineData(-5047, "Leave reduceOnly out", "place a new one")]
    public void What_the_field_stumbled_over_is_said(int code, params string[] words)
    {
        foreach (var word in words)
        {
            Catalog.Find(code).ShouldNotBeNull().Advice.ShouldContain(word);
        }
    }

    [Theory]
    [InlineData(-4405)]
    [InlineData(-4407)]
    [InlineData(-4408)]
    [InlineData(-4411)]
    [InlineData(-4415)]
    [InlineData(-4418)]
    [InlineData(-4517)]
    [InlineData(-4518)]
    [InlineData(-4519)]
    public void A_rule_of_law_or_risk_is_a_restriction(int code) =>
        (Catalog.Find(code)?.Category, Catalog.Find(code)?.Execution).ShouldBe((ErrorCategory.Restricted, ExecutionStatus.NotExecuted));

    [Fact]
    public void Only_the_codes_that_admit_ignorance_leave_the_outcome_open() =>
        Catalog.All.Where(row => row.Execution == ExecutionStatus.Unknown).Select(row => row.Code).ShouldBe([-1000, -1006, -1007, -2012, -4083]);

    [Fact]
    public void An_unknown_outcome_and_the_indeterminate_category_are_the_same_rows() =>
        Catalog.All.Where(row => row.Category == ErrorCategory.Indeterminate).ShouldBe(Catalog.All.Where(row => row.Execution == ExecutionStatus.Unknown));

    [Theory]
    [InlineData(ErrorCategory.RateLimited, new[] { -1003 })]
    [InlineData(ErrorCategory.OrderRateLimited, new[] { -1015 })]
    [InlineData(ErrorCategory.Overloaded, new[] { -1008 })]
    [InlineData(ErrorCategory.ClockSkew, new[] { -1021, -5028 })]
    [InlineData(ErrorCategory.OrderNotFound, new[] { -2011, -2013 })]
    [InlineData(ErrorCategory.DuplicateOrder, new[] { -4116 })]
    [InlineData(ErrorCategory.NoChangeNeeded, new[] { -4046, -4052, -4059, -4171, -5027 })]
    [InlineData(ErrorCategory.LimitReached, new[] { -2025, -4045, -4077, -5026 })]
    [InlineData(ErrorCategory.Authentication, new[] { -1002, -1011, -1022, -1099, -2008, -2014, -2015, -2017, -4056, -4057 })]
    public void Categories_that_steer_recovery_hold_exactly_these_codes(ErrorCategory category, int[] codes) =>
        Catalog.All.Where(row => row.Category == category).Select(row => row.Code).ShouldBe(codes);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(-9999)]
    [InlineData(1121)]
    public void A_code_that_is_not_listed_is_not_found(int code) => Catalog.Find(code).ShouldBeNull();
}
