namespace ExchangeResilience.Tests.Errors;

/// <summary>What the library says of its own accord: callers branch on these names, and a wrong execution status makes them buy twice or not at all.</summary>
public sealed class LocalErrorsTests
{
    [Theory]
    [InlineData(nameof(LocalErrors.HeldBack), "HELD_BACK", ErrorCategory.RateLimited, "RetryAt")]
    [InlineData(nameof(LocalErrors.TooManyWaiters), "TOO_MANY_WAITERS", ErrorCategory.RateLimited, "Limits:MaxWaiters")]
    [InlineData(nameof(LocalErrors.TimeSpent), "TIME_SPENT", ErrorCategory.Transport, "SendBefore")]
    [InlineData(nameof(LocalErrors.NotSent), "NOT_SENT", ErrorCategory.InvalidParameter, "inner exception")]
    [InlineData(nameof(LocalErrors.Abandoned), "ABANDONED_BEFORE_SENDING", ErrorCategory.Transport, "send it again")]
    [InlineData(nameof(LocalErrors.OtherRequestHasId), "CLIENT_ORDER_ID_IN_USE", ErrorCategory.DuplicateOrder, "id of its own")]
    [InlineData(nameof(LocalErrors.AmendmentUnderWay), "AMENDMENT_UNDER_WAY", ErrorCategory.AccountState, "amend it again")]
    [InlineData(nameof(LocalErrors.CancelledInDoubt), "CANCELLED_ORDER_IN_DOUBT", ErrorCategory.DuplicateOrder, "new id")]
    [InlineData(nameof(LocalErrors.Overtaken), "OVERTAKEN", ErrorCategory.AccountState, "decide again")]
    [InlineData(nameof(LocalErrors.FoundMeanwhile), "ORDER_FOUND_MEANWHILE", ErrorCategory.AccountState, "does not show as executed")]
    [InlineData(nameof(LocalErrors.NewerOrderPlaced), "NEWER_ORDER_PLACED", ErrorCategory.AccountState, "open orders")]
    [InlineData(nameof(LocalErrors.KeyOfAnotherAccount), "KEY_OF_ANOTHER_ACCOUNT", ErrorCategory.Authentication, "a key of the account that sent it")]
    [InlineData(nameof(LocalErrors.OrdersStopped), "ORDERS_STOPPED", ErrorCategory.Restricted, "ITradingHalt")]
    [InlineData(nameof(LocalErrors.TooManyInDoubt), "TOO_MANY_IN_DOUBT", ErrorCategory.LimitReached, "Reconciliation:MaxInDoubt")]
    [InlineData(nameof(LocalErrors.NotJournalled), "NOT_JOURNALLED", ErrorCategory.Unavailable, "inner exception")]
    [InlineData(nameof(LocalErrors.SettledElsewhere), "SETTLED_ELSEWHERE", ErrorCategory.Transport, "Send it again")]
    [InlineData(nameof(LocalErrors.BatchUnreadable), "BATCH_UNREADABLE", ErrorCategory.InvalidParameter, "percent-encoded once")]
    [InlineData(nameof(LocalErrors.BatchNotDivisible), "BATCH_NOT_DIVISIBLE", ErrorCategory.DuplicateOrder, "by itself")]
    [InlineData(nameof(LocalErrors.ClientOrderIdRequired), "CLIENT_ORDER_ID_REQUIRED", ErrorCategory.InvalidParameter, "ClientOrderIds")]
    [InlineData(nameof(LocalErrors.HostNotKnown), "HOST_NOT_KNOWN", ErrorCategory.Blocked, "base address")]
    [InlineData(nameof(LocalErrors.ContentNotRepeatable), "CONTENT_NOT_REPEATABLE", ErrorCategory.InvalidParameter, "form parameters")]
    [InlineData(nameof(LocalErrors.SignedWindowOver), "SIGNED_WINDOW_OVER", ErrorCategory.Transport, "recvWindow")]
    [InlineData(nameof(LocalErrors.BodyNotAForm), "BODY_NOT_A_FORM", ErrorCategory.InvalidParameter, "FormUrlEncodedContent")]
    [InlineData(nameof(LocalErrors.QueryWithBody), "QUERY_WITH_BODY", ErrorCategory.InvalidParameter, "into the query")]
    [InlineData(nameof(LocalErrors.AnsweredAbove), "ANSWERED_ABOVE", ErrorCategory.Unavailable, "joins the search")]
    [InlineData(nameof(LocalErrors.KeyNotForHost), "KEY_NOT_FOR_HOST", ErrorCategory.InvalidParameter, "Hosts")]
    public void What_never_left_is_named_and_certain_and_its_advice_says_where_to_turn(string property, string name, ErrorCategory category, string advice)
    {
        var definition = Defined(property);

        definition.Code.ShouldBe(0);
        definition.Name.ShouldBe(name);
        definition.Category.ShouldBe(category);
        definition.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        definition.Advice.ShouldContain(advice);
    }

    [Theory]
    [InlineData(nameof(LocalErrors.TwinInDoubt), "EQUAL_ORDER_IN_DOUBT", "client order id")]
    [InlineData(nameof(LocalErrors.AccountUnclear), "ACCOUNT_UNCLEAR", "Name Account")]
    [InlineData(nameof(LocalErrors.RepeatUnclear), "REPEAT_UNCLEAR", "new id")]
    [InlineData(nameof(LocalErrors.AdditionInDoubt), "EQUAL_ADDITION_IN_DOUBT", "an hour later")]
    [InlineData(nameof(LocalErrors.EarlierRun), "LEFT_BY_EARLIER_RUN", "being asked")]
    [InlineData(nameof(LocalErrors.NoVerdict), "NO_VERDICT", "joins it")]
    public void What_may_have_left_before_is_named_and_leaves_the_outcome_open(string property, string name, string advice)
    {
        var definition = Defined(property);

        definition.Code.ShouldBe(0);
        definition.Name.ShouldBe(name);
        definition.Category.ShouldBe(ErrorCategory.Indeterminate);
        definition.Execution.ShouldBe(ExecutionStatus.Unknown);
        definition.Advice.ShouldContain(advice);
    }

    [Theory]
    [InlineData(nameof(LocalErrors.HandlerMissing), "HANDLER_MISSING", ErrorCategory.NotSupported, ExecutionStatus.Unknown, "AddExchangeErrorHandling()")]
    [InlineData(nameof(LocalErrors.HandlerMissing), "HANDLER_MISSING", ErrorCategory.NotSupported, ExecutionStatus.Unknown, "SetExchangeOutcome(...) of the package ExchangeResilience.Testing")]
    [InlineData(nameof(LocalErrors.BodyUnreadable), "BODY_UNREADABLE", ErrorCategory.Transport, ExecutionStatus.Executed, "Do not send an order again")]
    public void What_only_a_result_says_is_named_and_says_what_to_do(string property, string name, ErrorCategory category, ExecutionStatus execution, string advice)
    {
        var definition = Defined(property);

        (definition.Code, definition.Name, definition.Category, definition.Execution).ShouldBe((0, name, category, execution));
        definition.Advice.ShouldContain(advice);
    }

    [Fact]
    public void Every_error_of_our_own_has_a_row_above_and_a_name_no_other_has()
    {
        var all = typeof(LocalErrors).GetProperties().Where(property => property.PropertyType == typeof(ErrorDefinition)).Select(property => Defined(property.Name)).ToList();

        all.Count.ShouldBe(34);
        all.Select(definition => definition.Name).ShouldBeUnique();
    }

    [Fact]
    public void A_lost_connection_leaves_the_outcome_open() =>
        LocalErrors.ConnectionLost().ShouldBe(new ExchangeError
        {
            Code = 0,
            Name = "CONNECTION_LOST",
            Message = "",
            Category = ErrorCategory.Transport,
            Execution = ExecutionStatus.Unknown,
            Advice = TransportErrors.ConnectionLost.Advice,
        });

    [Fact]
    public void An_error_of_our_own_carries_its_wait_and_what_it_is_about()
    {
        var at = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

        LocalErrors.ToError(LocalErrors.HeldBack, at, TimeSpan.FromSeconds(3), "Ip").ShouldBe(new ExchangeError
        {
            Code = 0,
            Name = "HELD_BACK",
            Message = "Ip",
            Category = ErrorCategory.RateLimited,
            Execution = ExecutionStatus.NotExecuted,
            Advice = LocalErrors.HeldBack.Advice,
            RetryAt = at,
            RetryAfter = TimeSpan.FromSeconds(3),
        });
    }

    private static ErrorDefinition Defined(string property) => typeof(LocalErrors).GetProperty(property)!.GetValue(null).ShouldBeOfType<ErrorDefinition>();
}
