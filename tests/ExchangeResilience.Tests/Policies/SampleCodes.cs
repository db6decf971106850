namespace ExchangeResilience.Tests.Policies;

/// <summary>A small code table, so that these tests do not depend on any venue's.</summary>
internal static class SampleCodes
{
    public static ErrorCatalog Catalog { get; } = new(
    [
        Of(-1001, ErrorCategory.Unavailable),
        Of(-1003, ErrorCategory.RateLimited),
        Of(-1007, ErrorCategory.Indeterminate, ExecutionStatus.Unknown),
        Of(-1008, ErrorCategory.Overloaded),
        Of(-1015, ErrorCategory.OrderRateLimited),
        Of(-1016, ErrorCategory.Unavailable),
        Of(-1021, ErrorCategory.ClockSkew),
        Of(-1121, ErrorCategory.InvalidParameter),
        Of(-2010, ErrorCategory.OrderRejected),
        Of(-4001, ErrorCategory.FilterViolation),
        Of(-4003, ErrorCategory.FilterViolation),
        Of(-4010, ErrorCategory.InvalidParameter),
        Of(-4046, ErrorCategory.NoChangeNeeded),
        Of(-4047, ErrorCategory.AccountState),
        Of(-4059, ErrorCategory.NoChangeNeeded),
        Of(-4509, ErrorCategory.AccountState),
        Of(-5028, ErrorCategory.ClockSkew),
        Of(-5043, ErrorCategory.OrderRejected),
    ],
    ReplyVocabulary.None);

    public static ErrorDefinition Of(int code, ErrorCategory category, ExecutionStatus execution = ExecutionStatus.NotExecuted) =>
        new(code, $"CODE{code}", category, execution, "Advice.");

    /// <summary>The listed row, or an unclassified one.</summary>
    public static ErrorDefinition Get(int code) => Catalog.Find(code) ?? Of(code, ErrorCategory.Unclassified);

    public static PolicyMatrix Compile(params (string Selector, ErrorPolicy Policy)[] policies)
    {
        var matrix = Compile(out var faults, policies);
        faults.ShouldBeEmpty();
        return matrix;
    }

    public static PolicyMatrix Compile(out List<string> faults, params (string Selector, ErrorPolicy Policy)[] policies)
    {
        faults = [];
        return PolicyMatrix.Compile(policies.Select(policy => KeyValuePair.Create(policy.Selector, policy.Policy)), Catalog, ExchangeVenue.BinanceUsdFutures.Policies, faults);
    }
}
