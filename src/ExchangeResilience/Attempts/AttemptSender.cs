using System.Globalization;
using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>One attempt: gate, stamp, send, read the reply, classify, let the gate learn.</summary>
internal sealed class AttemptSender
{
    private readonly ExchangeServices _services;
    private readonly AttemptFailures _failures;
    private readonly ReplyReader _reader;
    private readonly AttemptRecorder _recorder;

    public AttemptSender(ExchangeServices services)
    {
        _services = services;
        var closer = new LaneCloser(services);
        _failures = new AttemptFailures(services, closer);
        _reader = new ReplyReader(services, closer, _failures);
        _recorder = new AttemptRecorder(services);
    }

    public ValueTask<AttemptOutcome> SendAsync(Call call, SendInner send)
    {
        if (call.Options.Mode == HandlingMode.Observe)
        {
            return AttemptAsync(call, send, default, _services.Time.GetTimestamp());
        }

        // What must not leave takes no place at the gate from what may.
        var now = _services.Time.GetTimestamp();
        if (Forbidden(call, now) is { } refusal)
        {
            return new ValueTask<AttemptOutcome>(AttemptFailures.NotSentAs(call, refusal));
        }

        var request = call.TrafficRequest;
        if (call.Sentence is { } sentence)
        {
            return LookAndSendAsync(call, send, request, sentence);
        }

        return !call.CancellationToken.IsCancellationRequested && call.Route.Gate.TryEnter(request, now, out var admission)
            ? AttemptAsync(call, send, admission, now)
            : WaitAndSendAsync(call, send, request);
    }

    private async ValueTask<AttemptOutcome> WaitAndSendAsync(Call call, SendInner send, TrafficRequest request)
    {
        if (call.MayBeAnEarlierRuns)
        {
            await new ClaimLifecycle(call).AskJournalAsync().ConfigureAwait(false);
        }

        var admission = await WaitAsync(call, request).ConfigureAwait(false);
        return admission.Granted
            ? await AttemptAsync(call, send, admission, _services.Time.GetTimestamp()).ConfigureAwait(false)
            : new AttemptOutcome(null, _failures.HeldBack(call, admission), null);
    }

    /// <summary>An order that the exchange said had failed leaves again only while it is not to be seen. The look comes last: what delays the attempt after it is delayed by another.</summary>
    private async ValueTask<AttemptOutcome> LookAndSendAsync(Call call, SendInner send, TrafficRequest request, AttemptFailure sentence)
    {
        while (true)
        {
            var admission = await WaitAsync(call, request).ConfigureAwait(false);
            if (!admission.Granted)
            {
                return new AttemptOutcome(null, _failures.HeldBack(call, admission), null);
            }

            // The look-up passes the gate too, and must not queue behind the very probe that waits for it.
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
                    call.Report.Add(RecoveryStepKind.Evidence, "looked up before it was sent again: it is there, or that is not known");
                    return new AttemptOutcome(null, sentence.Doubted(), null);
                }

                if (call.SendLeft == TimeSpan.Zero)
                {
                    return AttemptFailures.NotSentAs(call, AttemptFailures.TimeIsUp(call));
                }

                if (isProbe)
                {
                    admission = await WaitAsync(call, request).ConfigureAwait(false);
                }

                if (admission.Granted && call.Route.Gate.StillAdmits(request, admission))
                {
                    var granted = admission;
                    admission = default;
                    call.Report.Add(RecoveryStepKind.Evidence, "looked up before it was sent again: it is not there");
                    return await AttemptAsync(call, send, granted, _services.Time.GetTimestamp()).ConfigureAwait(false);
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
        var looks = Task.WhenAll(call.Claims.Select(claim => _services.Reconciler.IsNotThereAsync(claim, call.CancellationToken)));
        return await call.EndsWithinAsync(looks, within).ConfigureAwait(false) && Array.TrueForAll(await looks.ConfigureAwait(false), static isNotThere => isNotThere);
    }

    private async ValueTask<Admission> WaitAsync(Call call, TrafficRequest request)
    {
        // An order that could not be written down need not wait for its turn.
        using var patience = call.WritesAhead && _services.Journal.Shared is { } shared ? CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, shared.WhileThere) : null;
        Admission admission;
        try
        {
            admission = await call.Route.Gate.WaitAsync(request, WaitUntil(call), patience?.Token ?? call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
        {
            // The store is away, or the program ends, and its gates with it.
            return default;
        }

        _services.Metrics.Waited(request.Class, admission);
        if (admission.Granted && admission.Waited > TimeSpan.Zero && call.HasReport)
        {
            call.Report.Add(RecoveryStepKind.Waited, string.Create(CultureInfo.InvariantCulture, $"waited {admission.Waited.TotalMilliseconds:0} ms at the gate"));
        }

        return admission;
    }

    /// <summary>What the gate has let out, at the timestamp of this moment: a reading of the clock costs as much as the gate.</summary>
    private ValueTask<AttemptOutcome> AttemptAsync(Call call, SendInner send, in Admission admission, long now) =>
        call.MayBeAnEarlierRuns ? WriteAheadAsync(call, send, admission, now) : LeaveAsync(call, send, admission, written: null, now);

    /// <summary>An order, with a journal: it is written down before it leaves, or at least looked up.</summary>
    private async ValueTask<AttemptOutcome> WriteAheadAsync(Call call, SendInner send, Admission admission, long now)
    {
        try
        {
            if (Forbidden(call, now) is { } refusal)
            {
                return AttemptFailures.NotSentAs(call, refusal);
            }

            JournalAttempt? promise = call.WritesAhead ? AttemptBounds.PromiseOf(call, now) : null;
            if (promise is null)
            {
                // Without an answer it leaves all the same: OnUnknown does not let trading depend on the journal.
                await new ClaimLifecycle(call).AskJournalAsync().ConfigureAwait(false);
            }
            else if (await _recorder.RecordAsync(call, promise.Value).ConfigureAwait(false) is { } unwritten)
            {
                return new AttemptOutcome(null, unwritten, null);
            }

            // Writing takes time, and a hold or a stop that came meanwhile is meant for this attempt as well.
            if (!call.Route.Gate.StillAdmits(call.TrafficRequest, admission))
            {
                call.Route.Gate.Withdraw(admission);

                // A wait that is cancelled must not end it once more.
                admission = default;
                admission = await WaitAsync(call, call.TrafficRequest).ConfigureAwait(false);
                if (!admission.Granted)
                {
                    return new AttemptOutcome(null, _failures.HeldBack(call, admission), null);
                }
            }

            var granted = admission;
            admission = default;
            return await LeaveAsync(call, send, granted, promise, _services.Time.GetTimestamp()).ConfigureAwait(false);
        }
        finally
        {
            call.Route.Gate.Withdraw(admission);
        }
    }

    /// <summary>The last moment at which nothing has happened yet.</summary>
    private ValueTask<AttemptOutcome> LeaveAsync(Call call, SendInner send, in Admission admission, JournalAttempt? written, long now)
    {
        if (Forbidden(call, now) is { } refusal)
        {
            call.Route.Gate.Withdraw(admission);
            return new ValueTask<AttemptOutcome>(AttemptFailures.NotSentAs(call, refusal));
        }

        call.Application.Leave();
        if (call.Operation.Kind is OperationKind.Setting or OperationKind.Heartbeat)
        {
            _services.AccountSettings.Leave(call.Operation, call.Route.Identity, call.Application.Number);
        }

        if (call is { Operation.Kind: OperationKind.Cancel or OperationKind.CancelAll, Options.Mode: HandlingMode.Enforce })
        {
            var underWay = _services.Claims.LeaveCancel(call.Application);
            call.Application.UnderWay = call.Operation.Kind == OperationKind.CancelAll ? [.. call.Application.UnderWay.Union(underWay)] : underWay;
        }

        if (++call.Attempts > 1)
        {
            _services.Metrics.Retry(call.HasReport ? call.Report.LastReason : DecisionReason.ClockWrong);
        }

        var stamp = Stamp(call, admission, written, now);
        if (call.Claims.Count > 0 && !TryOpen(call, stamp))
        {
            call.Attempts--;
            call.Application.Stay();
            call.Route.Gate.Withdraw(admission);
            return new ValueTask<AttemptOutcome>(AttemptFailures.NotSentAs(call, LocalErrors.Overtaken));
        }

        return TransmitAsync(call, send, admission, stamp);
    }

    /// <summary>From the wire to the verdict. One method, since each that waits for another costs as much as the rest of them.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AttemptOutcome> TransmitAsync(Call call, SendInner send, Admission admission, AdmittedStamp? stamp)
    {
        var outcome = default(AttemptOutcome);
        var isAnswered = false;
        using var timeout = AttemptTimeout.Take(_services.Time);
        var pulse = _services.Pulse;
        var left = pulse is null ? 0 : _services.Time.GetTimestamp();
        try
        {
            var reply = send(call.Message, timeout.Token);
            if (!reply.IsCompleted)
            {
                timeout.Start(call);
            }

            var response = await reply.ConfigureAwait(false);
            isAnswered = true;
            call.Route.Silence.Answer();
            var date = call.Route.Gate.Observe(admission, response.Headers);
            outcome = _reader.IsStreamed(call, response)
                ? new AttemptOutcome(response, null, null)
                : await _reader.ReadAsync(call, response, date, stamp, timeout).ConfigureAwait(false);
        }
        catch (Exception error) when (AttemptFailures.IsOfTheRoad(call, error))
        {
            outcome = new AttemptOutcome(null, Lose(call, error, stamp, isAnswered), null);
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
                pulse?.Add(_services.Time.GetElapsedTime(left), OrdersOf(call), outcome is { Failure: null, Response: not null });
            }
        }

        if (stamp is { Stamped: true })
        {
            SignedAttempts.Note(call, outcome);
        }

        if (stamp is { IsOutdated: true, Stamped: false })
        {
            call.Attempts--;
            call.Application.Stay();
            return await SendAsync(call, send).ConfigureAwait(false);
        }

        if (CallTrace.IsHeard)
        {
            CallTrace.Attempt(call.Attempts, (int?)(outcome.Failure?.Response ?? outcome.Response)?.StatusCode, outcome.Failure?.Error);
        }

        return outcome;
    }

    private AttemptFailure Lose(Call call, Exception error, AttemptStamp? stamp, bool isAnswered)
    {
        var lost = _failures.Lost(call, error, stamp);
        if (!isAnswered && AttemptFailures.IsSilenceOfTheHost(call, lost))
        {
            call.Route.Silence.Fail(AttemptFailures.NameOf(lost));
        }

        if (error is NotSignedException unsigned)
        {
            SignedAttempts.NoteUnsigned(call, unsigned, lost.Error);
        }

        return lost;
    }

    /// <summary>Whether what the gate has let out a while ago may leave now.</summary>
    public bool MayStillLeave(Call call, in Admission admission) =>
        !admission.Granted || (call.SendLeft > TimeSpan.Zero && !IsStopped(call) && (call.Claims.Count == 0 || ForbiddenByOthers(call) is null) && call.Route.Gate.StillAdmits(call.TrafficRequest, admission));

    private bool IsStopped(Call call) => _services.Halt.Stops(call.Options.Mode, call.TrafficClass, call.MayBeOrder);

    private static int OrdersOf(Call call) => call.Operation.Kind is OperationKind.Place or OperationKind.Amend ? Math.Max(1, call.Claims.Count) : 0;

    /// <summary>Why what the gate lets out must not leave all the same; null where it may.</summary>
    private ErrorDefinition? Forbidden(Call call, long now) =>
        call.Options.Mode == HandlingMode.Enforce && call.SendLeftAt(now) == TimeSpan.Zero ? AttemptFailures.TimeIsUp(call)
        : IsStopped(call) ? LocalErrors.OrdersStopped
        : call is { Operation.Kind: OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Setting or OperationKind.Heartbeat, Application.IsClosed: true } ? LocalErrors.Abandoned
        : call.MayCancelNewerOrder ? LocalErrors.NewerOrderPlaced
        : call.Operation.Kind is OperationKind.Setting or OperationKind.Heartbeat && (call.Attempts > 0 || call.Application.HasLeft) && _services.AccountSettings.IsOvertaken(call.Operation, call.Route.Identity, call.Application.Number) ? LocalErrors.Overtaken
        : call.Claims.Count == 0 ? null
        : ForbiddenByOthers(call);

    private static ErrorDefinition? ForbiddenByOthers(Call call)
    {
        ErrorDefinition? forbidden = null;
        foreach (var claim in call.Claims)
        {
            if (claim.IsSettled)
            {
                return LocalErrors.FoundMeanwhile;
            }

            forbidden = call.Application.IsOvertaken(claim.Key) ? LocalErrors.Overtaken : forbidden;
        }

        return forbidden;
    }

    /// <summary>Tells the signer what it may stamp. Null where it signs nothing.</summary>
    private AdmittedStamp? Stamp(Call call, in Admission admission, JournalAttempt? written, long now)
    {
        if (!AttemptBounds.IsSignedHere(call))
        {
            return null;
        }

        var stamp = new AdmittedStamp(this, call, admission) { NotBeforeMs = written?.NotBeforeMs ?? long.MinValue, NoStampAfterMs = written?.NoStampAfterMs ?? call.NoStampAfterMsAt(now) };
        call.Message.Options.Set(AttemptStamp.Key, stamp);
        return stamp;
    }

    private bool TryOpen(Call call, AttemptStamp? stamp)
    {
        foreach (var claim in call.Claims)
        {
            if (!_services.Claims.TryLeave(call.Application, claim, () => AttemptBounds.WindowOf(call, stamp)))
            {
                NoteArrival(call, stamp, mayHaveWorked: false);
                return false;
            }
        }

        return true;
    }

    // A sentence that the documentation calls a failure was seen under orders that were executed all the same.
    private static bool MayHaveWorked(in AttemptOutcome outcome) =>
        outcome.Failure is not { Error: { Execution: ExecutionStatus.NotExecuted, Category: not (ErrorCategory.Unavailable or ErrorCategory.Overloaded) } };

    private static void NoteArrival(Call call, AttemptStamp? stamp, bool mayHaveWorked)
    {
        call.MayHaveWorked |= mayHaveWorked;
        if (call.Addition is { } addition && mayHaveWorked)
        {
            addition.Window = AttemptBounds.WindowOf(call, stamp);
        }

        foreach (var claim in call.Claims)
        {
            claim.Attempts.Close(mayHaveWorked);
        }
    }

    private long WaitUntil(Call call) => _services.Time.GetTimestamp() + (long)(call.WaitLeft.TotalSeconds * _services.Time.TimestampFrequency);
}
