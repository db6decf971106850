namespace ExchangeResilience;

/// <summary>Errors this library raises itself, before anything is sent or after all evidence is in. They carry no code of the exchange.</summary>
internal static class LocalErrors
{
    // Before the definitions, each of which adds its name, and what a sentence says of it.
    private static readonly Dictionary<string, string> Own = new(StringComparer.Ordinal);

    public static ErrorDefinition HeldBack { get; } = Define("HELD_BACK", ErrorCategory.RateLimited, "the wait does not fit its time",
        "The exchange has asked this address, account or host to wait, or a limit is spent, and the wait does not fit this call's time. Try again at RetryAt.");

    public static ErrorDefinition TooManyWaiters { get; } = Define("TOO_MANY_WAITERS", ErrorCategory.RateLimited, "too many requests wait here already",
        "Too many requests already wait for the same lane. Send less, or raise Limits:MaxWaiters.");

    public static ErrorDefinition TimeSpent { get; } = Define("TIME_SPENT", ErrorCategory.Transport, "its time was up before it could leave",
        "The request could not leave before its time was up (SendBefore for orders, else TotalTimeout), so this attempt was not sent. Decide again whether it is still wanted.");

    public static ErrorDefinition NotSent { get; } = Define("NOT_SENT", ErrorCategory.InvalidParameter, "it could not be signed",
        "The request could not be signed, so it never left. The inner exception says why; correct the key, the signer or the request.");

    public static ErrorDefinition Abandoned { get; } = Define("ABANDONED_BEFORE_SENDING", ErrorCategory.Transport, "its call ended before it left",
        "The call that was to send this order or cancel ended before it did. Nothing was sent; send it again if it is still wanted.");

    public static ErrorDefinition OtherRequestHasId { get; } = Define("CLIENT_ORDER_ID_IN_USE", ErrorCategory.DuplicateOrder, "another order under this id is not finished",
        "An order with the same client order id and other parameters is in flight or in doubt. Give every order an id of its own.");

    public static ErrorDefinition AccountUnclear { get; } = Define("ACCOUNT_UNCLEAR", ErrorCategory.Indeterminate, "nothing shows whose account it is for",
        "An order of the same name is unfinished, and nothing shows whether it is of the same account, so this one was not sent: it may be its repeat. Name Account in the settings of each client, and let their keys read the balance.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition KeyOfAnotherAccount { get; } = Define("KEY_OF_ANOTHER_ACCOUNT", ErrorCategory.Authentication, "the new key may be of another account",
        "The client has another key since the order was sent, and the exchange does not show that it is of the same account, so it was not asked about the order with it. Give the client a key of the account that sent it.");

    public static ErrorDefinition RepeatUnclear { get; } = Define("REPEAT_UNCLEAR", ErrorCategory.Indeterminate, "it may repeat an order that was executed",
        "An earlier run has executed an equal order under this id. Without the exchange's time nothing shows how long ago, so this one was not sent: it may be its repeat. Send it again once the clock is synchronised; a new order under a new id.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition CancelledInDoubt { get; } = Define("CANCELLED_ORDER_IN_DOUBT", ErrorCategory.DuplicateOrder, "the cancelled order of this id is in doubt",
        "The order that you cancelled under this id is in doubt still, and did not end in the time this one had to leave. Send it again, or under a new id.");

    public static ErrorDefinition Overtaken { get; } = Define("OVERTAKEN", ErrorCategory.AccountState, "a later call has overtaken it",
        "A later call has since sent a change that conflicts with this one, so this one was not sent. Look at the order, then decide again.");

    public static ErrorDefinition FoundMeanwhile { get; } = Define("ORDER_FOUND_MEANWHILE", ErrorCategory.AccountState, "an order of it was found meanwhile",
        "An order of this message was found at the exchange before another attempt left, so the message was not sent again. Send again those items of the batch that the reply does not show as executed.");

    public static ErrorDefinition AdditionInDoubt { get; } = Define("EQUAL_ADDITION_IN_DOUBT", ErrorCategory.Indeterminate, "an equal request is in doubt",
        "It is not known whether an equal request took effect, and this may be its repeat, so it was not sent. Look at the position and the history; an hour later it may be sent again.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition AmendmentUnderWay { get; } = Define("AMENDMENT_UNDER_WAY", ErrorCategory.AccountState, "an amendment of this id is under way",
        "An amendment of an order of this id is in flight or in doubt, and did not end in the time this request had to leave. Look at the order, then place or amend it again.");

    public static ErrorDefinition NewerOrderPlaced { get; } = Define("NEWER_ORDER_PLACED", ErrorCategory.AccountState, "it would cancel a newer order",
        "A later call has placed an order that this cancel would cancel too, so it was not sent. Look at the open orders and cancel what is left of the old ones.");

    public static ErrorDefinition OrdersStopped { get; } = Define("ORDERS_STOPPED", ErrorCategory.Restricted, "new orders are stopped here",
        "An operator has stopped new orders (ITradingHalt), so this was not sent: it is an order, or a signed change on an unlisted path, which may be one. Cancels and closing orders pass. Wait until trading is allowed again; a path that places nothing can be listed in Endpoints.");

    public static ErrorDefinition TwinInDoubt { get; } = Define("EQUAL_ORDER_IN_DOUBT", ErrorCategory.Indeterminate, "an equal order is in doubt",
        "An equal order sent without an id of its own is still in doubt, and this may be its repeat. Wait for that order's verdict, or give the new one its own client order id.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition TooManyInDoubt { get; } = Define("TOO_MANY_IN_DOUBT", ErrorCategory.LimitReached, "too many orders are in doubt",
        "As many orders are in doubt as Reconciliation:MaxInDoubt allows, so no new one is sent. Find out why the exchange gives no evidence.");

    public static ErrorDefinition NotJournalled { get; } = Define("NOT_JOURNALLED", ErrorCategory.Unavailable, "the order journal does not work",
        "The order journal could not be read or written, so the order was not sent: after a crash it would be lost. The inner exception and the log say why; correct that and send it again.");

    public static ErrorDefinition EarlierRun { get; } = Define("LEFT_BY_EARLIER_RUN", ErrorCategory.Indeterminate, "an earlier run left it without a verdict",
        "An earlier run of the program, or another process, sent this order and left no verdict. The exchange is being asked.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition ClientOrderIdRequired { get; } = Define("CLIENT_ORDER_ID_REQUIRED", ErrorCategory.InvalidParameter, "it has no client order id",
        "ClientOrderIds is Require and the order has no client order id. Set one, or set ClientOrderIds to Generate.");

    public static ErrorDefinition SettledElsewhere { get; } = Define("SETTLED_ELSEWHERE", ErrorCategory.Transport, "another process has settled it",
        "Another process that shares the journal has proven that this order did not take effect. Send it again if it is still wanted.");

    public static ErrorDefinition BatchUnreadable { get; } = Define("BATCH_UNREADABLE", ErrorCategory.InvalidParameter, "the batch cannot be read",
        "The batch is no JSON array of objects with each name once, so its orders could not be distinguished and nothing was sent. Write it as the documentation of the endpoint shows, percent-encoded once.");

    public static ErrorDefinition BatchNotDivisible { get; } = Define("BATCH_NOT_DIVISIBLE", ErrorCategory.DuplicateOrder, "other orders of its batch are under way",
        "Other orders of this batch are under way already, and this one cannot be sent without them, because the caller signed the request. Send it by itself.");

    public static ErrorDefinition ContentNotRepeatable { get; } = Define("CONTENT_NOT_REPEATABLE", ErrorCategory.InvalidParameter, "its content cannot be kept",
        "The request's content cannot be kept for signing and repeating, so nothing was sent: it is longer than 1 MiB, failed as it was read, or did not end within TotalTimeout. Send it as form parameters.");

    public static ErrorDefinition SignedWindowOver { get; } = Define("SIGNED_WINDOW_OVER", ErrorCategory.Transport, "its signature ends before it may leave",
        "The request was signed before it came here, and its own window (timestamp and recvWindow) ends before it may leave. The exchange would refuse it (-1021), so it was not sent. Sign it again at RetryAt, or with a longer recvWindow; where there is no RetryAt, the clock that stamped it is behind: set it by GET /fapi/v1/time.");

    public static ErrorDefinition BodyNotAForm { get; } = Define("BODY_NOT_A_FORM", ErrorCategory.InvalidParameter, "its body is no form",
        "The exchange reads parameters from the query and from a form, never from a JSON or other body, so nothing was sent. Put them into the query, or send them as FormUrlEncodedContent.");

    public static ErrorDefinition QueryWithBody { get; } = Define("QUERY_WITH_BODY", ErrorCategory.InvalidParameter, "it is a GET with a body",
        "A GET takes its parameters from the query, and its signature covers nothing else, so nothing was sent. Put them into the query, and send no content.");

    public static ErrorDefinition KeyNotForHost { get; } = Define("KEY_NOT_FOR_HOST", ErrorCategory.InvalidParameter, "the key does not belong to this host",
        "The request would carry this client's key and signature to a host that they do not belong to, or over plain http, so nothing was sent. Send it to the client's BaseAddress over https, or name the host in Hosts of the signing settings.");

    public static ErrorDefinition HostNotKnown { get; } = Define("HOST_NOT_KNOWN", ErrorCategory.Blocked, "the client does not trade on this host",
        "A request, or a record of the journal, names a host that this client does not trade on, so no question was sent there. Set the client's base address, or find out who wrote the record.");

    public static ErrorDefinition HandlerMissing { get; } = Define("HANDLER_MISSING", ErrorCategory.NotSupported, "the client has no exchange error handling",
        "The client has no exchange error handling, so nothing shows what its replies mean. Register it with AddHttpClient(...).AddExchangeErrorHandling(), and take it from there. In a test whose handler is a stub, let that return responses with SetExchangeOutcome(...) of the package ExchangeResilience.Testing.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition AnsweredAbove { get; } = Define("ANSWERED_ABOVE", ErrorCategory.Unavailable, "a handler above answered it",
        "A handler outside exchange error handling answered the call with a status of its own. Execution is the request's outcome: NotExecuted where nothing of it left, or the exchange has refused all that left. Find out why that handler refuses; where Execution is Unknown, the same call again joins the search.");

    public static ErrorDefinition NoVerdict { get; } = Define("NO_VERDICT", ErrorCategory.Indeterminate, "the call was ended before its outcome was known",
        "The call was ended before its outcome was known: by HttpClient.Timeout, by CancelPendingRequests, or by a handler above exchange error handling. The exception says which. " +
        "The search for an order goes on, and the same call again joins it; never send it under another client order id before that.",
        ExecutionStatus.Unknown);

    public static ErrorDefinition BodyUnreadable { get; } = Define("BODY_UNREADABLE", ErrorCategory.Transport, "the body of the reply cannot be read",
        "The request took effect, but the body of its reply broke off, is too long, or is not what it was to be read as. The exception says which. Do not send an order again: ask for it by its client order id.",
        ExecutionStatus.Executed);

    /// <summary>Whether an error is a refusal of this library's own, which says nothing of the exchange.</summary>
    public static bool IsOwn(ExchangeError error) => error.Code == 0 && Own.ContainsKey(error.Name);

    /// <summary>A refusal of this library's own, as a sentence says it; null where the error is none. Of a stop the message says who, since when and why.</summary>
    public static string? WordsOf(ExchangeError error) =>
        error.Code != 0 ? null
        : error.Message.Length > 0 && string.Equals(error.Name, OrdersStopped.Name, StringComparison.Ordinal) ? error.Message
        : Own.GetValueOrDefault(error.Name);

    /// <summary>Two items of one batch are about the same order.</summary>
    public static ExchangeError TwiceInBatch(OperationKind kind, string item) =>
        ToError(kind == OperationKind.Amend ? AmendmentUnderWay : OtherRequestHasId, message: $"{item}, like another item of the batch") with
        {
            Advice = kind == OperationKind.Amend
                ? "Two items of the batch amend the same order, so nothing of the batch was sent. Keep the one that is wanted, and amend once more in a call of its own."
                : "Two items of the batch have the same client order id, so nothing of the batch was sent. Give every order an id of its own.",
        };

    /// <summary>A call that was ended from above.</summary>
    public static ExchangeError EndedEarly(ExecutionStatus execution) => execution == ExecutionStatus.Unknown ? ToError(NoVerdict) : ToError(NoVerdict) with
    {
        Execution = execution,
        Advice = "The call was ended from above before anything was sent. Send it again if it is still wanted.",
    };

    /// <summary>An error that left the outcome open, once it is proven that there was none. What it advises by itself is for those who do not know yet.</summary>
    public static ExchangeError ProvenAbsent(ExchangeError error, string evidence) => error with
    {
        Execution = ExecutionStatus.NotExecuted,
        IsProvenAbsent = true,
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
        Advice = "The clock was measured and agrees with the exchange's, and a fresh stamp was refused all the same. Check the requests' latency and recvWindow; if both are in order, the exchange's own clocks differ. Send it again later.",
    };

    /// <summary>Nothing was sent, and the journal did not show that no earlier run had sent the order.</summary>
    public static ExchangeError MayBeAnEarlierRuns(ExchangeError error) => error with
    {
        Execution = ExecutionStatus.Unknown,
        Advice = $"This call sent nothing, but an earlier run may have sent the order, as far as the order journal shows: look it up, or send it again once the cause is gone. About this call: {error.Advice}",
    };

    /// <summary>The exchange reported a failure, and evidence does not confirm it.</summary>
    public static ExchangeError Doubted(ExchangeError error) => error with
    {
        Execution = ExecutionStatus.Unknown,
        Advice = $"The exchange reported a failure, and orders have been found open after such a report: look it up before it is sent again. About the report: {error.Advice}",
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

    private static ErrorDefinition Define(string name, ErrorCategory category, string words, string advice, ExecutionStatus execution = ExecutionStatus.NotExecuted)
    {
        Own.Add(name, words);
        return new(0, name, category, execution, advice);
    }
}
