using System.Globalization;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>What was said, against what the exchange did.</summary>
internal sealed class VerdictChecks
{
    private readonly World _world;
    private readonly List<SimulatedEffect> _effects;
    private readonly IReadOnlyList<SimulatedOrder> _book;
    private readonly bool _lagIsWithinA1;

    private VerdictChecks(World world)
    {
        _world = world;
        _effects = [.. world.Exchange.Effects.Where(effect => effect.RequestNumber > world.RequestsBefore)];
        _book = world.Exchange.Orders;
        _lagIsWithinA1 = !world.Plan.Kind.AllowsWrongAbsence();
    }

    public static void Check(World world)
    {
        var checks = new VerdictChecks(world);
        foreach (var order in world.Orders)
        {
            checks.CheckKeptCancel(order);
        }

        foreach (var operation in world.Operations.Where(static operation => !operation.IsCancelAll))
        {
            checks.CheckOperation(operation);
        }

        checks.CheckSettled();
        checks.CheckContradictions();
        checks.CheckJournal();
    }

    private void CheckOperation(Operation operation)
    {
        var effects = EffectsOf(operation);
        var wanted = effects.FindAll(effect => !IsPlacedAnew(operation, effect) && !IsDenied(operation, effect));
        if (!operation.IsCancel && wanted.Count > 1)
        {
            // A resend after an absence that was believed wrongly doubles; all that can be done is to raise each that was.
            Judge("no intent is executed twice", operation, wanted.SkipLast(1).All(IsContradicted), $"it was executed {wanted.Count} times");
        }

        foreach (var told in operation.Answers)
        {
            switch (told.Execution)
            {
                case ExecutionStatus.Executed when operation.IsCancel:
                    if (!effects.Exists(effect => effect.Elapsed <= told.At) && BookOf(operation) is not { Status: "CANCELED" }
                        && !_world.Exchange.Orders.Any(order => order.ClientOrderId == operation.Order.Id && order.Status == "CANCELED"))
                    {
                        Violate("what is told as executed is in the book", operation, told, "the order is not cancelled");
                    }

                    break;

                // A post-only order that was cancelled in the amendment's window may have been so by the amendment, which crossed the market; the reply shows it cancelled.
                case ExecutionStatus.Executed when operation.Kind == EffectKind.Amended && effects.Count == 0 && BookOf(operation) is { Status: "CANCELED" }:
                    break;
                case ExecutionStatus.Executed:
                    if (!effects.Exists(effect => effect.Elapsed <= told.At))
                    {
                        Violate("what is told as executed is in the book", operation, told, effects.Count == 0 ? "it never was executed" : "it was executed later");
                    }

                    break;

                // The exchange's own word that nothing is left to change.
                case ExecutionStatus.NotExecuted when operation.Kind == EffectKind.Amended && told.Code == -5027:
                    break;
                case ExecutionStatus.NotExecuted:
                    if (effects.Find(effect => IsMeant(operation, told, effect)) is { } done)
                    {
                        if (_world.Stream?.Offered.Any(offered => offered.Effect == done && offered.Process == told.Process && offered.At < told.At) == true && operation.Account == Operation.MainAccount)
                        {
                            Violate("what the user data stream told is not denied", operation, told, "its event had been offered");
                        }

                        Judge("what is told as not executed is not in the book", operation, IsRaised(done), string.Create(CultureInfo.InvariantCulture, $"told {told} at {told.At.TotalSeconds:0.0000}, but request {done.RequestNumber} had its effect at {done.Elapsed.TotalSeconds:0.0000}"));
                    }

                    break;
                default:
                    break;
            }
        }

        if (operation is { IsBegun: true, IsOver: false } && operation.Order.Id is not null && _world.Findings.Violations.Count == 0)
        {
            _world.Findings.Violate("every caller is answered", $"{operation} was begun and never ended");
        }
    }

    /// <summary>A cancel's verdict is about its own call; that of an order or an amendment is about the wish, whichever of its calls, in this process or an earlier one, had the effect.</summary>
    private bool IsMeant(Operation operation, CallAnswer told, SimulatedEffect effect)
    {
        var sentAt = SentAt(effect);
        if (sentAt >= told.At || _world.IsCalledFailed(effect) || IsSentBeside(effect, told.Process, operation.Answers.First(first => first.Process == told.Process).CalledAt)
            || (operation.Kind is EffectKind.Placed or EffectKind.AlgoPlaced && _world.CancelsOf(operation).Any(cancelled => effect.Elapsed < cancelled.At && cancelled.At <= told.CalledAt)))
        {
            return false;
        }

        // A caller that cancels, or that a handler above answers by itself, is told of its own call alone, before the journal can say what an earlier process has sent.
        if (told.Name is "cancelled" or "ANSWERED_ABOVE" && sentAt < told.CalledAt && _world.Processes.Last(process => process.StartedAt <= sentAt) != told.Process)
        {
            return false;
        }

        // A cancel kept by an earlier call is applied whenever its order appears.
        return !operation.IsCancel || (sentAt >= told.CalledAt && !operation.Answers.TakeWhile(earlier => earlier != told).Any(static earlier => earlier.Execution == ExecutionStatus.Unknown));
    }

    /// <summary>A process that lived beside sent it meanwhile: a verdict is about what had left before its process was first asked for the order.</summary>
    private bool IsSentBeside(SimulatedEffect effect, SimulatedProcess process, TimeSpan since) =>
        SentAt(effect) >= since && _world.Wire.SendOf(_world.RequestOf(effect))?.Process is { } sender && sender != process && !(sender.DiedAt <= process.StartedAt);

    /// <summary>What its caller places again once a cancel has ended the order, by a call that began after the cancel, is another order.</summary>
    private bool IsPlacedAnew(Operation place, SimulatedEffect effect) => place.Kind is EffectKind.Placed or EffectKind.AlgoPlaced
        && _world.CancelsOf(place).Any(told => place.Begun.Any(begun => begun >= told.At && begun <= SentAt(effect)));

    /// <summary>The exchange itself said that it had failed, and its caller, who was told so, has asked for it again.</summary>
    private bool IsDenied(Operation operation, SimulatedEffect effect) => _world.IsCalledFailed(effect) && operation.Answers.Any(told =>
        told.Execution == ExecutionStatus.NotExecuted && told.At > SentAt(effect) && EffectsOf(operation).TrueForAll(other => SentAt(other) <= SentAt(effect) || SentAt(other) >= told.At));

    private void CheckKeptCancel(OrderRecord order)
    {
        // What its caller sends anew after it was told that the order is not there is another order.
        if (order.Cancel is { Last: { CancelIsKept: true } last } cancel
            && BookOf(cancel) is { Status: "NEW" or "PARTIALLY_FILLED" }
            && EffectsOf(order.Place).Exists(effect => SentAt(effect) < last.At))
        {
            _world.Findings.Violate("a kept cancel is applied when its order appears", $"{cancel}: the order is still open");
        }
    }

    private void CheckSettled()
    {
        foreach (var notice in _world.Findings.Settled.Where(notice => notice.Order.Kind == OperationKind.Place && _world.Operations.Count(operation => IsPlaceOf(operation, notice.Order)) <= 1))
        {
            var effects = _effects.FindAll(effect => effect.Kind is EffectKind.Placed or EffectKind.AlgoPlaced && effect.ClientOrderId == notice.Order.ClientOrderId);
            if (notice.Execution == ExecutionStatus.Executed && !effects.Exists(effect => effect.Elapsed <= notice.At))
            {
                _world.Findings.Violate("what is settled as executed is in the book", $"{notice.At.TotalSeconds:0.0000} {notice.Process} {notice.Order.Kind} {notice.Order.ClientOrderId} {notice.Execution}");
            }

            if (notice.Execution == ExecutionStatus.NotExecuted && effects.Exists(effect => SentAt(effect) < notice.At && !IsRaised(effect) && !IsOfAnEarlierOrder(effect, notice) && !IsSentBeside(effect, notice.Process, notice.Process.StartedAt)))
            {
                _world.Findings.Violate(_lagIsWithinA1 ? "what is settled as not executed is not in the book" : "every wrong absence is raised", $"{notice.At.TotalSeconds:0.0000} {notice.Process} {notice.Order.Kind} {notice.Order.ClientOrderId} {notice.Execution}");
            }
        }
    }

    /// <summary>Its caller cancelled that order, and placed another under its id before the notice came.</summary>
    private bool IsOfAnEarlierOrder(SimulatedEffect effect, Notice notice) => _world.Operations.Any(place => IsPlaceOf(place, notice.Order)
        && _world.CancelsOf(place).Any(cancelled => effect.Elapsed < cancelled.At && place.Begun.Any(begun => begun >= cancelled.At && begun < notice.At)));

    private static bool IsPlaceOf(Operation operation, InDoubtOrder order) => operation.Kind is EffectKind.Placed or EffectKind.AlgoPlaced && operation.Order.Id == order.ClientOrderId;

    private void CheckContradictions()
    {
        // What an operator called absent and its program placed again may be found as either.
        if (_lagIsWithinA1 && _world.Findings.Contradictions.FirstOrDefault(notice => !_world.Operations.Any(place => IsPlaceOf(place, notice.Order) && place.IsSettledByHand && place.Begun.Count > 1)) is { } wrong)
        {
            _world.Findings.Violate("nothing is contradicted while queries keep to A1", $"{wrong.Order.Kind} {wrong.Order.ClientOrderId}");
        }
    }

    private void CheckJournal()
    {
        if (_world.Plan.Kind.IsLarger())
        {
            // What the operator settles is finished too; what stays in doubt before is told by the epilogue.
            return;
        }

        foreach (var entry in _world.Journal.Entries)
        {
            if (!entry.IsFinished && !(entry.ClientOrderId is { } id && _world.IsHiddenByANamesake(new InDoubtOrder(entry.Key.Symbol, id, entry.Key.Kind))))
            {
                _world.Findings.Violate("every entry of the journal is finished in the end", $"{entry.Key.Kind} {entry.Key.Id} is {entry.State}, {entry.RechecksLeft} rechecks left, {entry.Evidence}");
            }
        }
    }

    private void Judge(string rule, Operation operation, bool isRaised, string story)
    {
        if (_lagIsWithinA1)
        {
            _world.Findings.Violate(rule, $"{operation}: {story}");
        }
        else if (!operation.IsCancel && operation.Kind != EffectKind.MarginChanged && !isRaised)
        {
            _world.Findings.Violate("every wrong absence is raised", $"{operation}: {story}");
        }
    }

    private bool IsContradicted(SimulatedEffect effect) => IsNoticed(effect, _world.Findings.Contradictions);

    /// <summary>An event told of it: that its absence was contradicted or, where it was still being looked for, that it was executed.</summary>
    private bool IsRaised(SimulatedEffect effect) => IsContradicted(effect) || IsNoticed(effect, _world.Findings.Settled);

    private bool IsNoticed(SimulatedEffect effect, IReadOnlyList<Notice> notices) => !_lagIsWithinA1 && notices.Any(notice =>
        notice.Execution == ExecutionStatus.Executed
        && notice.Order.Kind == (effect.Kind is EffectKind.Placed or EffectKind.AlgoPlaced ? OperationKind.Place : OperationKind.Amend)
        && (notice.Order.ClientOrderId == effect.ClientOrderId || notice.Order.ClientOrderId == effect.OrderId.ToString(CultureInfo.InvariantCulture)));

    private List<SimulatedEffect> EffectsOf(Operation operation) => _effects.FindAll(effect => effect.Kind == operation.Kind && effect.Account == operation.Account
        && (operation.IsCancel
            ? operation.Order.Id is { } id ? effect.ClientOrderId == id : effect.OrderId.ToString(CultureInfo.InvariantCulture) == operation.OrderId
            : _world.IsOf(operation, effect)));

    private SimulatedOrder? BookOf(Operation operation) => _book.LastOrDefault(order =>
        order.Account == operation.Account && (operation.Order.Id is { } id ? order.ClientOrderId == id : order.OrderId.ToString(CultureInfo.InvariantCulture) == operation.OrderId));

    private TimeSpan SentAt(SimulatedEffect effect) => _world.SentAt(effect);

    private void Violate(string rule, Operation operation, CallAnswer told, string story) =>
        _world.Findings.Violate(rule, string.Create(CultureInfo.InvariantCulture, $"{operation} was told {told} at {told.At.TotalSeconds:0.0000}: {story}"));
}
