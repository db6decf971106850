namespace ExchangeResilience;

/// <summary>Errors this library raises itself, before anything is sent or after all evidence is in. They carry no code of the exchange.</summary>
internal static class LocalErrors
{
    public static ErrorDefinition HeldBack { get; } = Define("HELD_BACK", ErrorCategory.RateLimited,
        "The exchange has told this address, account or host to wait, or a limit is spent, and the wait does not fit this call's time. Try again at RetryAt.");

    public static ErrorDefinition TooManyWaiters { get; } = Define("TOO_MANY_WAITERS", ErrorCategory.RateLimited,
        "Too many requests already wait for the same lane. Send less, or raise Limits:MaxWaiters.");

    public static ErrorDefinition TimeSpent { get; } = Define("TIME_SPENT", ErrorCategory.Transport,
        "The request could not leave before its time was up (SendBefore for orders, else TotalTimeout), so this attempt was not sent. Decide anew whether it is still wanted.");

    public static ErrorDefinition NotSent { get; } = Define("NOT_SENT", ErrorCategory.InvalidParameter,
        "The request could not be signed, so it never left. The inner exception tells why; mend the key, the signer or the request.");

    public static ErrorDefinition Abandoned { get; } = Define("ABANDONED_BEFORE_SENDING", ErrorCategory.Transport,
        "The call that was to send this order or cancel ended before it did. Nothing was sent; send it again if it is still wanted.");

    public static ErrorDefinition OtherRequestHasId { get; } = Define("CLIENT_ORDER_ID_IN_USE", ErrorCategory.DuplicateOrder,
        "An order with the same client order id and other parameters is in flight or in doubt. Give every order an id of its own.");

    public static ErrorDefinition AccountUnclear { get; } = Define("ACCOUNT_UNCLEAR", ErrorCategory.Indeterminate,
        "An order of the same name is unfinished, and nothing shows whether it is of the same account, so this one was not sent: it may be its repeat. Name Account in the settings of each client, and let their keys read the balance.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition RepeatUnclear { get; } = Define("REPEAT_UNCLEAR", ErrorCategory.Indeterminate,
        "An earlier run has executed an equal order under this id. Without the exchange's time nothing shows how long ago, so this one was not sent: it may be its repeat. Send it again once the clock is synchronised; a new order under a new id.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition CancelledInDoubt { get; } = Define("CANCELLED_ORDER_IN_DOUBT", ErrorCategory.DuplicateOrder,
        "The order that you cancelled under this id is in doubt still, and did not end in the time this one had to leave. Send it again, or under a new id.");

    public static ErrorDefinition Overtaken { get; } = Define("OVERTAKEN", ErrorCategory.AccountState,
        "A later call has sent what contradicts this one since, so this one was not sent. Look at the order, then decide anew.");

    public static ErrorDefinition FoundMeanwhile { get; } = Define("ORDER_FOUND_MEANWHILE", ErrorCategory.AccountState,
        "An order of this message was found at the exchange before another attempt left, so the message was not sent again. Send again what of the batch is not told executed.");

    public static ErrorDefinition AdditionInDoubt { get; } = Define("EQUAL_ADDITION_IN_DOUBT", ErrorCategory.Indeterminate,
        "It is not known whether an equal request took effect, and this may be its repeat, so it was not sent. Look at the position and the history; an hour later it may be sent again.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition AmendmentUnderWay { get; } = Define("AMENDMENT_UNDER_WAY", ErrorCategory.AccountState,
        "Another amendment of this order is in flight or in doubt, and did not end in the time this one had to leave. Look at the order, then amend it anew.");

    public static ErrorDefinition NewerOrderPlaced { get; } = Define("NEWER_ORDER_PLACED", ErrorCategory.AccountState,
        "A later call has placed an order that this cancel would cancel too, so it was not sent. Look at the open orders and cancel what is left of the old ones.");

    public static ErrorDefinition OrdersStopped { get; } = Define("ORDERS_STOPPED", ErrorCategory.Restricted,
        "An operator has stopped new orders (ITradingHalt), so this was not sent: it is an order, or a signed change on an unlisted path, which may be one. Cancels and closing orders pass. Wait until trading is allowed again; a path that places nothing can be listed in Endpoints.");

    public static ErrorDefinition TwinInDoubt { get; } = Define("EQUAL_ORDER_IN_DOUBT", ErrorCategory.Indeterminate,
        "An equal order sent without an id of its own is still in doubt, and this may be its repeat. Wait for that order's verdict, or give the new one its own client order id.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition TooManyInDoubt { get; } = Define("TOO_MANY_IN_DOUBT", ErrorCategory.LimitReached,
        "As many orders are in doubt as Reconciliation:MaxInDoubt allows, so no new one is sent. Find out why the exchange gives no evidence.");

    public static ErrorDefinition NotJournalled { get; } = Define("NOT_JOURNALLED", ErrorCategory.Unavailable,
        "The order journal could not be read or written, so the order was not sent: nobody would know of it after a crash. The inner exception tells why; mend that and send it again.");

    public static ErrorDefinition EarlierRun { get; } = Define("LEFT_BY_EARLIER_RUN", ErrorCategory.Indeterminate,
        "An earlier run of the program, or another process, sent this order and left no verdict. The exchange is being asked.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition ClientOrderIdRequired { get; } = Define("CLIENT_ORDER_ID_REQUIRED", ErrorCategory.InvalidParameter,
        "ClientOrderIds is Require and the order bears no client order id. Set one, or set ClientOrderIds to Generate.");

    public static ErrorDefinition SettledElsewhere { get; } = Define("SETTLED_ELSEWHERE", ErrorCategory.Transport,
        "Another process that shares the journal has proven that this order did not take effect. Send it again if it is still wanted.");

    public static ErrorDefinition BatchUnreadable { get; } = Define("BATCH_UNREADABLE", ErrorCategory.InvalidParameter,
        "The batch is no JSON array of objects with each name once, so its orders could not be told apart and nothing was sent. Write it as the documentation of the endpoint shows, percent-encoded once.");

    public static ErrorDefinition BatchNotDivisible { get; } = Define("BATCH_NOT_DIVISIBLE", ErrorCategory.DuplicateOrder,
        "Other orders of this batch are under way already, and this one cannot be sent without them, because the caller signed the request. Send it by itself.");

    public static ErrorDefinition ContentNotRepeatable { get; } = Define("CONTENT_NOT_REPEATABLE", ErrorCategory.InvalidParameter,
        "The request's content cannot be kept for signing and repeating, so nothing was sent: it is longer than 1 MiB, failed as it was read, or did not end within TotalTimeout. Send it as form parameters.");

    public static ErrorDefinition HostNotKnown { get; } = Define("HOST_NOT_KNOWN", ErrorCategory.Blocked,
        "A record of the journal names a host that is neither this client's nor the venue's, so no question that bears the key was sent there. Set the client's base address, or find out who wrote the record.");

    public static ExchangeError FromEarlierRun() => ToError(EarlierRun);

    /// <summary>An error that left the outcome open, once it is proven that there was none. What it advises by itself is for those who do not know yet.</summary>
    public static ExchangeError ProvenAbsent(ExchangeError error, string evidence) => error with
    {
        Execution = ExecutionStatus.NotExecuted,
        Advice = $"It did not take effect: {evidence}. Send it again if it is still wanted.",
    };

    /// <summary>The last attempt's error, where an earlier attempt of the same request may have taken effect.</summary>
    public static ExchangeError EarlierInDoubt(ExchangeError error) => error.Execution == ExecutionStatus.Unknown ? error : error with
    {
        Execution = ExecutionStatus.Unknown,
        Advice = $"An earlier attempt of this call may have taken effect: read the state before sending it again. About the last attempt: {error.Advice}",
    };

    /// <summary>A stamp that was refused again after a measurement had confirmed the clock it was made by.</summary>
    public static ExchangeError ClockAgrees(ExchangeError error) => error with
    {
        Advice = "The clock was measured and agrees with the exchange's, and a fresh stamp was refused all the same. Look at how long requests are on their way and at recvWindow; if both are in order, the exchange's own clocks differ. Send it again later.",
    };

    /// <summary>Nothing was sent, and the journal did not show that no earlier run had sent the order.</summary>
    public static ExchangeError MayBeAnEarlierRuns(ExchangeError error) => error with
    {
        Execution = ExecutionStatus.Unknown,
        Advice = $"This call sent nothing, but an earlier run may have sent the order, as far as the order journal shows: look it up, or send it again once the cause is gone. About this call: {error.Advice}",
    };

    /// <summary>The exchange called it failed, and evidence does not bear that out.</summary>
    public static ExchangeError Doubted(ExchangeError error) => error with
    {
        Execution = ExecutionStatus.Unknown,
        Advice = $"The exchange called it failed, and orders were seen to stand after such words: look it up before it is sent again. About the words: {error.Advice}",
    };

    public static ExchangeError ConnectionLost() => ToError(TransportErrors.ConnectionLost);

    public static ExchangeError ToError(ErrorDefinition definition, DateTimeOffset? retryAt = null, TimeSpan? retryAfter = null, string message = "") => new()
    {
        Code = definition.Code,
        Name = definition.Name,
        Message = message,
        Category = definition.Category,
        Execution = definition.Execution,
        Advice = definition.Advice,
        RetryAt = retryAt,
        RetryAfter = retryAfter,
    };

    private static ErrorDefinition Define(string name, ErrorCategory category, string advice, ExecutionStatus execution = ExecutionStatus.NotExecuted) =>
        new(0, name, category, execution, advice);
}
