using ExchangeResilience.Tests.Errors;

namespace ExchangeResilience.Tests.Venues;

public sealed class BinanceUsdFuturesErrorsTests
{
    private static ErrorCatalog Catalog => ExchangeVenue.BinanceUsdFutures.Errors;

    [Fact]
    public void The_table_holds_every_known_code_under_its_name_and_no_other()
    {
        var expected = Recorded.Lines("catalog.tsv").Select(line => line.Split('\t')).ToDictionary(f => int.Parse(f[0], System.Globalization.CultureInfo.InvariantCulture), f => f[1]);

        expected.Count.ShouldBe(212);
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
    [InlineData(ErrorCategory.Authentication, new[] { -1002, -1011, -1022, -1099, -2014, -2015, -2017, -4056, -4057 })]
    public void Categories_that_steer_recovery_hold_exactly_these_codes(ErrorCategory category, int[] codes) =>
        Catalog.All.Where(row => row.Category == category).Select(row => row.Code).ShouldBe(codes);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(-9999)]
    [InlineData(1121)]
    public void A_code_that_is_not_listed_is_not_found(int code) => Catalog.Find(code).ShouldBeNull();
}
