using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Hands a request to the handlers below.</summary>
internal delegate Task<HttpResponseMessage> SendInner(HttpRequestMessage request, CancellationToken cancellationToken);

/// <summary>One attempt: gate, stamp, send, read the reply, classify, let the gate learn.</summary>
internal sealed class AttemptSender(ExchangeState state)
{
    public ValueTask<AttemptOutcome> SendAsync(Call call, SendInner send)
    {
        if (call.Options.Mode == HandlingMode.Observe)
        {
            return AttemptAsync(call, send, default);
        }

        var now = state.Time.GetTimestamp();
        if (call.SendLeftAt(now) == TimeSpan.Zero)
        {
            return new ValueTask<AttemptOutcome>(NotSentAs(call, LocalErrors.TimeSpent));
        }

        // What must not leave takes no place at the gate from what may.
        if (Forbidden(call) is { } refusal)
        {
            return new ValueTask<AttemptOutcome>(NotSentAs(call, refusal));
        }

        var request = RequestOf(call);
        if (call.Sentence is { } sentence)
        {
            return LookAndSendAsync(call, send, request, sentence);
        }

        return !call.CancellationToken.IsCancellationRequested && call.Route.Gate.TryEnter(request, now, out var admission)
            ? AttemptAsync(call, send, admission)
            : WaitAndSendAsync(call, send, request);
    }

    private static TrafficRequest RequestOf(Call call)
    {
        var endpoint = call.Operation.Endpoint;
        return new TrafficRequest(call.TrafficClass, call.Weight, endpoint.OrdersPer10Seconds, endpoint.OrdersPerMinute, call.Route.Limits.For(call.Options));
    }

    private async ValueTask<AttemptOutcome> WaitAndSendAsync(Call call, SendInner send, TrafficRequest request)
    {
        if (call.MayBeAnEarlierRuns)
        {
            await new ClaimKeeping(call).AskJournalAsync().ConfigureAwait(false);
        }

        var admission = await WaitAsync(call, request).ConfigureAwait(false);
        return admission.Granted
            ? await AttemptAsync(call, send, admission).ConfigureAwait(false)
            : new AttemptOutcome(null, HeldBack(call, admission), null);
    }

    /// <summary>An order that the exchange said had failed leaves again only while it is not to be seen. The look comes last: what delays the attempt after it is delayed by another.</summary>
    private async ValueTask<AttemptOutcome> LookAndSendAsync(Call call, SendInner send, TrafficRequest request, Failure sentence)
    {
        while (true)
        {
            var admission = await WaitAsync(call, request).ConfigureAwait(false);
            if (!admission.Granted)
            {
                return new AttemptOutcome(null, HeldBack(call, admission), null);
            }

            // The look passes the gate too, and must not stand behind the very probe that waits for it.
            var isProbe = admission.ProbesAddress;
            if (isProbe)
            {
                call.Route.Gate.Withdraw(admission);
                admission = default;
            }

            try
            {
                if (!await IsNotThereAsync(call, call.SendLeft).ConfigureAwait(false))
                {
                    call.Report.Add(RecoveryStepKind.Evidence, "looked for before it was sent again: it is there, or nobody can tell");
                    return new AttemptOutcome(null, sentence.Doubted(), null);
                }

                if (call.SendLeft == TimeSpan.Zero)
                {
                    return NotSentAs(call, LocalErrors.TimeSpent);
                }

                if (isProbe)
                {
                    admission = await WaitAsync(call, request).ConfigureAwait(false);
                }

                if (admission.Granted && call.Route.Gate.StillAdmits(request, admission))
                {
                    var granted = admission;
                    admission = default;
                    call.Report.Add(RecoveryStepKind.Evidence, "looked for before it was sent again: it is not there");
                    return await AttemptAsync(call, send, granted).ConfigureAwait(false);
                }
            }
            finally
            {
                call.Route.Gate.Withdraw(admission);
            }
        }
    }

    /// <summary>Whether the exchange answers in time that it shows none of the orders that it has called failed.</summary>
    public async Task<bool> IsNotThereAsync(Call call, TimeSpan within)
    {
        try
        {
            var looks = await Task.WhenAll(call.Claims.Select(claim => state.Reconciler.IsNotThereAsync(claim, call.CancellationToken)))
                .WaitAsync(within, state.Time, call.CancellationToken).ConfigureAwait(false);
            return Array.TrueForAll(looks, static isNotThere => isNotThere);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async ValueTask<Admission> WaitAsync(Call call, TrafficRequest request)
    {
        Admission admission;
        try
        {
            admission = await call.Route.Gate.WaitAsync(request, WaitUntil(call), call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
        {
            // The program ends, and its gates with it.
            return default;
        }

        state.Metrics.Waited(request.Class, admission);
        if (admission.Granted && admission.Waited > TimeSpan.Zero && call.HasReport)
        {
            call.Report.Add(RecoveryStepKind.Waited, string.Create(CultureInfo.InvariantCulture, $"waited {admission.Waited.TotalMilliseconds:0} ms at the gate"));
        }

        return admission;
    }

    /// <summary>What the gate has let out.</summary>
    private ValueTask<AttemptOutcome> AttemptAsync(Call call, SendInner send, in Admission admission) =>
        call.MayBeAnEarlierRuns ? WriteAheadAsync(call, send, admission) : LeaveAsync(call, send, admission, written: null);

    /// <summary>An order, with a journal: it is written down before it leaves, or at least looked up.</summary>
    private async ValueTask<AttemptOutcome> WriteAheadAsync(Call call, SendInner send, Admission admission)
    {
        try
        {
            if (Forbidden(call) is { } refusal)
            {
                return NotSentAs(call, refusal);
            }

            JournalAttempt? promise = call.WritesAhead ? PromiseOf(call) : null;
            if (promise is null)
            {
                // Without an answer it leaves all the same: OnUnknown does not let trading depend on the journal.
                await new ClaimKeeping(call).AskJournalAsync().ConfigureAwait(false);
            }
            else if (await RecordAsync(call, promise.Value).ConfigureAwait(false) is { } unwritten)
            {
                return new AttemptOutcome(null, unwritten, null);
            }

            // Writing takes time, and who was told meanwhile to wait, or to stop, was told so for this attempt as well.
            if (!call.Route.Gate.StillAdmits(RequestOf(call), admission))
            {
                call.Route.Gate.Withdraw(admission);

                // A wait that is cancelled must not end it once more.
                admission = default;
                admission = await WaitAsync(call, RequestOf(call)).ConfigureAwait(false);
                if (!admission.Granted)
                {
                    return new AttemptOutcome(null, HeldBack(call, admission), null);
                }
            }

            // The signer would refuse a stamp that comes too late; nobody refuses what the caller has signed.
            if (call.SendLeft == TimeSpan.Zero)
            {
                return NotSentAs(call, LocalErrors.TimeSpent);
            }

            var granted = admission;
            admission = default;
            return await LeaveAsync(call, send, granted, promise).ConfigureAwait(false);
        }
        finally
        {
            call.Route.Gate.Withdraw(admission);
        }
    }

    /// <summary>The last moment at which nothing has happened yet.</summary>
    private ValueTask<AttemptOutcome> LeaveAsync(Call call, SendInner send, in Admission admission, JournalAttempt? written)
    {
        if (Forbidden(call) is { } refusal)
        {
            call.Route.Gate.Withdraw(admission);
            return new ValueTask<AttemptOutcome>(NotSentAs(call, refusal));
        }

        call.Application.HasLeft = true;
        if (call.Operation.Kind is OperationKind.Setting or OperationKind.Heartbeat)
        {
            state.AccountSettings.Leave(call);
        }

        if (call is { Operation.Kind: OperationKind.Cancel or OperationKind.CancelAll, Options.Mode: HandlingMode.Enforce })
        {
            var underWay = state.Claims.LeaveCancel(call.Application);
            call.Application.UnderWay = call.Operation.Kind == OperationKind.CancelAll ? [.. call.Application.UnderWay.Union(underWay)] : underWay;
        }

        if (++call.Attempts > 1)
        {
            state.Metrics.Retry(call.HasReport ? call.Report.LastReason : DecisionReason.ClockWrong);
        }

        var stamp = Stamp(call, written);
        if (call.Claims.Count > 0)
        {
            Open(call, stamp);
        }

        return TransmitAsync(call, send, admission, stamp);
    }

    /// <summary>From the wire to the verdict. One method, since each that waits for another costs as much as the rest of them.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AttemptOutcome> TransmitAsync(Call call, SendInner send, Admission admission, AttemptStamp? stamp)
    {
        var outcome = default(AttemptOutcome);
        using var timeout = AttemptTimeout.Take(state.Time);
        try
        {
            var reply = send(call.Message, timeout.Token);
            if (!reply.IsCompleted)
            {
                timeout.Start(TimeoutOf(call), call.CancellationToken);
            }

            var response = await reply.ConfigureAwait(false);
            var date = call.Route.Gate.Observe(admission, response.Headers);
            outcome = IsStreamed(call, response)
                ? new AttemptOutcome(response, null, null)
                : await ReadAsync(call, response, date, stamp, timeout).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfTheRoad(call, error))
        {
            outcome = new AttemptOutcome(null, Lost(call, error, stamp), null);
        }
        finally
        {
            NoteArrival(call, stamp, stamp is not { Stamped: false } && MayHaveWorked(outcome));
            if (stamp is { Stamped: false } || outcome.Failure is { NeverLeft: true })
            {
                call.Route.Gate.Withdraw(admission);
            }
            else
            {
                call.Route.Gate.Leave(admission, outcome.Failure?.ClosedLane ?? outcome.ClosedByItem);
            }
        }

        if (CallTrace.IsHeard)
        {
            CallTrace.Attempt(call.Attempts, (int?)(outcome.Failure?.Response ?? outcome.Response)?.StatusCode, outcome.Failure?.Error);
        }

        return outcome;
    }

    /// <summary>Why what the gate lets out must not leave all the same; null where it may.</summary>
    private ErrorDefinition? Forbidden(Call call) =>
        state.Halt.Stops(call) ? LocalErrors.OrdersStopped
        : call is { Operation.Kind: OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Setting or OperationKind.Heartbeat, Application.IsClosed: true } ? LocalErrors.Abandoned
        : call.MayCancelNewerOrder ? LocalErrors.NewerOrderPlaced
        : call.Operation.Kind is OperationKind.Setting or OperationKind.Heartbeat && (call.Attempts > 0 || call.Application.HasLeft) && state.AccountSettings.IsOvertaken(call) ? LocalErrors.Overtaken
        : call.Claims.Count == 0 ? null
        : ForbiddenByOthers(call);

    // A method of its own, so that a query does not allocate the closure.
    private static ErrorDefinition? ForbiddenByOthers(Call call) =>
        call.Claims.Any(static claim => claim.IsSettled) ? LocalErrors.FoundMeanwhile
        : call.Claims.Any(claim => call.Application.IsOvertaken(claim.Key)) ? LocalErrors.Overtaken
        : null;

    /// <summary>What the attempt will bear at the most: the stamp is made only when it is signed.</summary>
    private static JournalAttempt PromiseOf(Call call) => IsSignedHere(call)
        ? new JournalAttempt(call.Route.Clock.StampMs, call.NoStampAfterMs, call.Operation.ForeignRecvWindowMs ?? call.Client.RecvWindowMs)
        : ForeignAttempt(call);

    private static bool IsSignedHere(Call call) => call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signature;

    /// <summary>Tells the signer what it may stamp. Null where it signs nothing.</summary>
    /// <param name="call">Whose attempt it is.</param>
    /// <param name="written">What the journal was told of it; null where nothing was written.</param>
    private static AttemptStamp? Stamp(Call call, JournalAttempt? written)
    {
        if (!IsSignedHere(call))
        {
            return null;
        }

        var stamp = new AttemptStamp { NotBeforeMs = written?.NotBeforeMs ?? long.MinValue, NoStampAfterMs = written?.NoStampAfterMs ?? call.NoStampAfterMs };
        call.Message.Options.Set(AttemptStamp.Key, stamp);
        return stamp;
    }

    private void Open(Call call, AttemptStamp? stamp)
    {
        foreach (var claim in call.Claims)
        {
            state.Claims.Leave(call.Application, claim);
            claim.Open(() => WindowOf(call, stamp));
        }
    }

    /// <summary>Writes the attempt down for each of the call's claims, in the time in which it may leave. Null where that is done.</summary>
    /// <exception cref="OrderStandsException">The journal holds one of the orders already.</exception>
    private async Task<Failure?> RecordAsync(Call call, JournalAttempt promise)
    {
        var writing = Task.WhenAll(call.Claims.Select(claim => state.Journal.RecordAsync(claim, promise, call.CancellationToken).AsTask()).ToArray());
        try
        {
            var standing = await writing.WaitAsync(call.SendLeft, state.Time, call.CancellationToken).ConfigureAwait(false);
            OrderStandsException.ThrowIfAny(call.Claims, standing);
        }
        catch (JournalException error)
        {
            return NotSent(call, LocalErrors.NotJournalled, error);
        }
        catch (TimeoutException)
        {
            return NotSent(call, LocalErrors.NotJournalled, new JournalException("The order journal did not write in the time in which the order could leave. Find out what its store waits for."));
        }
        finally
        {
            if (!writing.IsCompleted)
            {
                _ = EndLateAsync(call.Claims, writing);
            }
        }

        return null;
    }

    /// <summary>An entry that is written after its claim has ended is followed by that end, which may have come to the journal before it.</summary>
    private async Task EndLateAsync(IReadOnlyList<Claim> ended, Task writing)
    {
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var claim in ended)
        {
            state.Journal.Ended(claim);
        }
    }

    /// <summary>An attempt that the caller signed: its stamp is known, or nothing bounds it.</summary>
    private static JournalAttempt ForeignAttempt(Call call) => call.Operation.ForeignStampMs is { } foreign
        ? new JournalAttempt(foreign, foreign, call.Operation.ForeignRecvWindowMs ?? call.Options.Venue.DefaultRecvWindowMs)
        : new JournalAttempt(0, long.MaxValue, 0);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AttemptOutcome> ReadAsync(Call call, HttpResponseMessage response, DateTimeOffset? date, AttemptStamp? stamp, AttemptTimeout timeout)
    {
        var status = (int)response.StatusCode;
        if (status is 403 or 418 or 429)
        {
            return new AttemptOutcome(null, await ReadRefusalAsync(call, response, date, stamp, timeout).ConfigureAwait(false), null);
        }

        var endpoint = call.Operation.Endpoint;
        byte[] body;
        bool isWhole;
        try
        {
            var reading = BoundedBody.TakeAsync(response, status < 400 ? BoundedBody.ReplyLimit : BoundedBody.ErrorLimit, timeout.Token);
            if (!reading.IsCompleted)
            {
                timeout.Start(TimeoutOf(call), call.CancellationToken);
            }

            (body, isWhole) = await reading.ConfigureAwait(false);
        }
        catch (Exception error) when (status >= 400 && IsOfTheRoad(call, error))
        {
            response.Dispose();
            return new AttemptOutcome(null, Lost(call, error, stamp, HintOf(call, response, date, []).RetryAfter), null);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        var verdict = ReplyClassifier.Classify(status, body, endpoint, call.Options.Venue.Errors, isWhole);
        var isDone = endpoint.IsBatch && status < 300 ? AnnotateItems(call, response, body) : verdict.IsSuccess && !IsOfAnotherOrder(call.Operation, body);
        if (isDone && (isWhole || call.IsOwnQuestion))
        {
            return new AttemptOutcome(response, null, body) { ClosedByItem = endpoint.IsBatch ? CloseForItems(call, response, date, body) : TrafficLane.None };
        }

        return new AttemptOutcome(null, Refused(call, response, date, body, isWhole, verdict, stamp), null);
    }

    /// <summary>A reply that may say "wait", which counts whatever becomes of the body that says more.</summary>
    private async ValueTask<Failure> ReadRefusalAsync(Call call, HttpResponseMessage response, DateTimeOffset? date, AttemptStamp? stamp, AttemptTimeout timeout)
    {
        var reading = BoundedBody.TakePartAsync(response, BoundedBody.ErrorLimit, timeout.Token);
        if (!reading.IsCompleted)
        {
            CloseByHead(call, response, date);
            timeout.Start(TimeoutOf(call), call.CancellationToken);
        }

        var (body, isWhole, broken) = await reading.ConfigureAwait(false);
        var verdict = ReplyClassifier.Classify((int)response.StatusCode, body, call.Operation.Endpoint, call.Options.Venue.Errors, isWhole);
        if (broken is not null && !(IsOfTheRoad(call, broken) && verdict.Definition is { Category: ErrorCategory.RateLimited or ErrorCategory.OrderRateLimited }))
        {
            response.Dispose();
            ExceptionDispatchInfo.Throw(broken);
        }

        // What did not arrive could have said that the request took effect all the same.
        var isDoubt = broken is not null && call.Operation.Endpoint.IsMutation;
        return Refused(call, response, date, body, isWhole, isDoubt ? verdict with { Execution = ExecutionStatus.Unknown } : verdict, stamp);
    }

    /// <summary>While the body is awaited, which may never come, other requests would leave. Whether a 429 means the account's orders alone is for the body to say.</summary>
    private void CloseByHead(Call call, HttpResponseMessage response, DateTimeOffset? date)
    {
        var status = (int)response.StatusCode;
        if (status == 418 || (status == 429 && call.Operation.Endpoint is { OrdersPer10Seconds: 0, OrdersPerMinute: 0 }))
        {
            var definition = ReplyErrors.OfStatus(status);
            Close(call, call.Settings.Matrix.Find(definition, status), definition, response, HintOf(call, response, date, []));
        }
    }

    /// <summary>A reply that has lost its way, behind another on its connection or in a proxy, proves nothing about the order that was asked for.</summary>
    private static bool IsOfAnotherOrder(ExchangeOperation operation, byte[] body) =>
        (operation.Endpoint.IsClaimed || operation.Kind == OperationKind.Cancel) && OrderEvidence.Read(body)?.IsOtherThan(operation) == true;

    /// <summary>The items of a batch speak for themselves, so one in doubt does not take the others' outcome from the caller. False where there are none.</summary>
    private static bool AnnotateItems(Call call, HttpResponseMessage response, byte[] body)
    {
        var items = ReplyClassifier.Items(body, (int)response.StatusCode, call.Options.Venue.Errors);
        ResponseAnnotations.Of(response).Items = items;
        return items.Count > 0;
    }

    /// <summary>An item can be told to wait as a request can, and that binds everybody alike.</summary>
    private TrafficLane CloseForItems(Call call, HttpResponseMessage response, DateTimeOffset? date, byte[] body)
    {
        var closed = TrafficLane.None;
        var status = (int)response.StatusCode;
        for (var items = new ReplyItems(body); items.MoveNext();)
        {
            if (ReplyClassifier.ClassifyItem(status, body, items.Current, ErrorReader.ItemProof, call.Options.Venue.Errors).Definition is { } definition
                && Close(call, call.Settings.Matrix.Find(definition, null), definition, response, HintOf(call, response, date, body[items.Bytes])) is { } hold)
            {
                closed = hold.Lane;
            }
        }

        return closed;
    }

    private Failure Refused(Call call, HttpResponseMessage response, DateTimeOffset? date, byte[] body, bool isWhole, ReplyVerdict verdict, AttemptStamp? stamp)
    {
        var status = (int)response.StatusCode;
        var definition = verdict.Definition ?? ReplyErrors.UnprovenReply;
        var row = call.Settings.Matrix.Find(definition, status);

        // A number at the end of what arrived may be the beginning of a longer one.
        var hint = HintOf(call, response, date, isWhole ? body : body.AsSpan().TrimEnd("0123456789"u8));
        var hold = Close(call, row, definition, response, hint);
        var error = ReplyClassifier.ToError(verdict with { Definition = definition }, body, status, hold?.RetryAt, hold?.Remaining ?? hint.RetryAfter, RequestAdvice.For(definition, call.Operation.Endpoint, call.Message));
        var execution = row.Execution ?? (verdict.IsSuccess ? ExecutionStatus.Unknown : verdict.Execution);
        return new Failure
        {
            Error = error.Execution == execution ? error : error with { Execution = execution },
            Row = row,
            Response = response,
            Body = body,
            ClosedLane = hold?.Lane ?? TrafficLane.None,
            LaneOpensIn = OpensIn(call, hold),
            AskedToWait = hint.RetryAfter ?? TimeSpan.Zero,
            ClockGeneration = stamp?.ClockGeneration ?? 0,
        };
    }

    /// <summary>Closes the row's lane for everybody, unless the refusal says nothing about others: the limit spares this call, or a firewall dislikes this request.</summary>
    private Hold? Close(Call call, PolicyRow row, ErrorDefinition definition, HttpResponseMessage? response, HoldHint hint)
    {
        var status = (int?)response?.StatusCode ?? 0;
        var lane = LaneOf(row, status);
        if (lane == TrafficLane.None || call.Options.Mode == HandlingMode.Observe
            || (lane == TrafficLane.Host && call.TrafficClass is TrafficClass.ReducingOrder or TrafficClass.Cancel)
            || (definition.Category == ErrorCategory.Blocked && !MeansTheAddress(call)))
        {
            return null;
        }

        var clock = call.Route.Clock;
        var hold = call.Route.Gate.Close(lane, new HoldRequest(
            definition.Code, status, hint.RetryAfter, hint.BannedUntilMs, hint.Date, clock.IsSynchronised ? clock.StampMs : null, row.BaseDelay, row.MaxDelay,
            lane == TrafficLane.Orders ? hint.Window : null, response is not null && UsageHeader.ShowsRoom(response.Headers, lane, hint.Window, RequestOf(call))));
        if (hold.Extended)
        {
            state.Journal.Held(new JournalHold(
                call.Route.Environment, lane, call.Route.Gate.KeyOf(lane), hold.Code,
                (clock.IsSynchronised ? clock.NowMs : call.Route.Gate.ExchangeNow()) + (long)hold.Remaining.TotalMilliseconds, hold.RetryAt)
            {
                UntilUptime = state.Time.Uptime() + hold.Remaining,
                Boot = MachineBoot.Id,
            });
            state.Metrics.Hold(hold, definition);
            Log.LaneClosed(state.Logger, hold.IsNews ? LogLevel.Warning : LogLevel.Debug, lane, hold.Remaining.TotalSeconds, definition.Code == 0 ? definition.Name : $"{definition.Code} {definition.Name}");
        }

        return hold;
    }

    /// <summary>How long a hold keeps the call itself.</summary>
    private static TimeSpan OpensIn(Call call, Hold? hold) =>
        hold is { } closed && TrafficRule.Of(call.TrafficClass).Travels(closed.Lane) ? closed.Remaining : TimeSpan.Zero;

    private bool MeansTheAddress(Call call) =>
        state.Firewall.MeanTheAddress(call.Route.Gate.Scope, $"{call.Message.Method} {call.Message.RequestUri!.AbsolutePath}", call.Operation.Endpoint.IsListed);

    // 418 bans the address whatever the body or a row says; 429 limits it unless the code names the account's orders. Else only BackOff closes a lane.
    private static TrafficLane LaneOf(PolicyRow row, int status) => status switch
    {
        418 => TrafficLane.Ip,
        429 => row.Lane == TrafficLane.None ? TrafficLane.Ip : row.Lane,
        _ => row.Action == RecoveryAction.BackOff ? row.Lane : TrafficLane.None,
    };

    /// <summary>What a query is answered with goes to the caller as it comes, unless somebody here has a use for it.</summary>
    private bool IsStreamed(Call call, HttpResponseMessage response) =>
        !call.Operation.Endpoint.IsMutation && (int)response.StatusCode < 400 && !call.IsOwnQuestion && !IsWantedAsEvidence(call.Operation.Endpoint, response);

    /// <summary>While orders are in doubt, the application's own look at orders is read as evidence, if it can be kept in memory whole.</summary>
    private bool IsWantedAsEvidence(ExchangeEndpoint endpoint, HttpResponseMessage response) =>
        endpoint.ShowsOrders
        && state.Claims.InDoubtCount > 0
        && response.IsSuccessStatusCode
        && (endpoint.ClientIdParameter is not null || response.Content.Headers.ContentLength is <= BoundedBody.ReplyLimit);

    private Failure Lost(Call call, Exception error, AttemptStamp? stamp, TimeSpan? retryAfter = null)
    {
        // The stamp is made by the innermost handler: without one, nothing can have reached the wire.
        if (error is NotSignedException or StampRefusedException || (stamp is { Stamped: false } && (error is OperationCanceledException || !IsOfTheTransport(error))))
        {
            var isLate = error is StampRefusedException or OperationCanceledException;
            return NotSent(call, isLate ? LocalErrors.TimeSpent : LocalErrors.NotSent, error is NotSignedException { InnerException: { } cause } ? cause : error);
        }

        var definition = TransportErrors.From(error, call.Message.Options.TryGetValue(Departure.Key, out var departure) ? departure : null);
        var row = call.Settings.Matrix.Find(definition, null);
        var execution = row.Execution ?? (stamp is { Stamped: false } || !call.Operation.Endpoint.IsMutation ? ExecutionStatus.NotExecuted : definition.Execution);

        // Rows have no say after a mutation of unknown outcome.
        var hold = execution == ExecutionStatus.Unknown && call.Operation.Endpoint.IsMutation ? null : Close(call, row, definition, response: null, default);
        return new Failure
        {
            Error = LocalErrors.ToError(definition, hold?.RetryAt, hold?.Remaining ?? retryAfter) with { Execution = execution },
            Row = row,
            Cause = error,
            ClosedLane = hold?.Lane ?? TrafficLane.None,
            LaneOpensIn = OpensIn(call, hold),
            AskedToWait = retryAfter ?? TimeSpan.Zero,
            NeverLeft = definition.Execution == ExecutionStatus.NotExecuted,
            ClockGeneration = stamp?.ClockGeneration ?? 0,
        };
    }

    private static AttemptOutcome NotSentAs(Call call, ErrorDefinition definition) => new(null, NotSent(call, definition, cause: null), null);

    private static Failure NotSent(Call call, ErrorDefinition definition, Exception? cause) => new()
    {
        Error = LocalErrors.ToError(definition),
        Row = call.Settings.Matrix.Find(definition, null),
        Cause = cause,
        HeldBack = true,
    };

    private Failure HeldBack(Call call, in Admission admission)
    {
        if (admission.Reason == RefusalReason.None)
        {
            return NotSent(call, LocalErrors.Abandoned, cause: null);
        }

        var definition = admission.Reason == RefusalReason.TooManyWaiters ? LocalErrors.TooManyWaiters : LocalErrors.HeldBack;
        var now = state.Time.GetUtcNow();
        var wait = admission.RetryAt - now;
        var isNews = state.Refusals.IsNews(call.Route.Gate, admission.Reason, admission.RetryAt, now);
        var why = Wording.Of(admission.Reason);
        Log.HeldBack(state.Logger, isNews ? LogLevel.Warning : LogLevel.Debug, call.Operation, why, wait > TimeSpan.Zero ? wait.TotalSeconds : 0, admission.Reason);
        return new Failure
        {
            Error = LocalErrors.ToError(definition, admission.RetryAt, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, admission.Reason.ToString()),
            Row = call.Settings.Matrix.Find(definition, null),
            HeldBack = true,
            RefusedBy = admission.Reason,
        };
    }

    // A sentence that the documentation calls a failure was seen under orders that were executed all the same.
    private static bool MayHaveWorked(in AttemptOutcome outcome) =>
        outcome.Failure is not { Error: { Execution: ExecutionStatus.NotExecuted, Category: not (ErrorCategory.Unavailable or ErrorCategory.Overloaded) } };

    private static void NoteArrival(Call call, AttemptStamp? stamp, bool mayHaveWorked)
    {
        call.MayHaveWorked |= mayHaveWorked;
        if (call.Addition is { } addition && mayHaveWorked)
        {
            addition.Window = WindowOf(call, stamp);
        }

        foreach (var claim in call.Claims)
        {
            claim.Close(mayHaveWorked);
        }
    }

    /// <summary>The time in which an attempt can take effect; null as long as it bears no stamp, or where it never does.</summary>
    private static AttemptWindow? WindowOf(Call call, AttemptStamp? stamp) =>
        stamp is not null ? (stamp.Stamped ? new AttemptWindow(stamp.StampMs, stamp.RecvWindowMs) : null)
        : ForeignAttempt(call) is { NoStampAfterMs: not long.MaxValue } foreign ? new AttemptWindow(foreign.NotBeforeMs, foreign.RecvWindowMs)
        : null;

    /// <summary>Trouble on the way, as opposed to a caller that cancels or a program that is wrong.</summary>
    private static bool IsOfTheRoad(Call call, Exception error) => error switch
    {
        OperationCanceledException => !call.CancellationToken.IsCancellationRequested,
        StampRefusedException => true,
        _ when IsOfTheTransport(error) => true,

        // Whatever broke below a mutation broke after it may have left; and who asks a question of ours is answered, whatever broke.
        _ => (call.IsOwnQuestion || call.Operation.Endpoint.IsMutation) && error is not OutOfMemoryException,
    };

    // A bare SocketException comes from .NET's connection pool, when the peer resets a connection as it comes about.
    private static bool IsOfTheTransport(Exception error) =>
        error is OperationCanceledException or HttpRequestException or IOException or SocketException or InvalidDataException;

    private static TimeSpan TimeoutOf(Call call)
    {
        if (call.Options.Mode == HandlingMode.Observe && !call.IsOwnQuestion)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = call.TotalLeft;
        return call.Options.AttemptTimeout < left ? call.Options.AttemptTimeout : left;
    }

    private long WaitUntil(Call call) => state.Time.GetTimestamp() + (long)(call.WaitLeft.TotalSeconds * state.Time.TimestampFrequency);

    private static HoldHint HintOf(Call call, HttpResponseMessage response, DateTimeOffset? date, ReadOnlySpan<byte> body) =>
        HoldHint.Read(response.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.ToString() : null, date, body, call.Route.Gate.EarliestNow(date));
}
