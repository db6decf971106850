using System.Globalization;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>Every cancelled order was somebody's to cancel, who had asked for it; and none is left resting whose cancel met it on its way.</summary>
internal sealed class CancelChecks
{
    private const string CancelOfAll = "/fapi/v1/allOpenOrders";

    private readonly World _world;
    private readonly List<SimulatedEffect> _effects;
    private readonly List<Operation> _cancels;
    private readonly List<Operation> _places;

    private CancelChecks(World world)
    {
        _world = world;
        _effects = [.. world.Exchange.Effects.Where(effect => effect.RequestNumber > world.RequestsBefore)];
        _cancels = [.. world.Operations.Where(static operation => operation.IsCancel)];
        _places = [.. world.Operations.Where(static operation => operation.Kind is EffectKind.Placed or EffectKind.AlgoPlaced)];
    }

    public static void Check(World world)
    {
        var checks = new CancelChecks(world);
        foreach (var effect in checks._effects.Where(static effect => effect.Kind is EffectKind.Cancelled or EffectKind.AlgoCancelled))
        {
            checks.CheckWanted(effect);
        }

        foreach (var effect in checks._effects.Where(static effect => effect.Kind == EffectKind.Placed))
        {
            checks.CheckGone(effect);
        }
    }

    private void CheckWanted(SimulatedEffect cancelled)
    {
        var sentAt = SentAt(cancelled);
        var wishes = _cancels.FindAll(cancel => Names(cancel, cancelled) && cancel.Begun.Any(begun => begun <= sentAt));
        if (!wishes.Exists(wish => wish.Account == cancelled.Account))
        {
            _world.Findings.Violate(
                wishes.Count > 0 ? "no cancel reaches an account but its own" : "no order is cancelled that nobody asked to cancel",
                string.Create(CultureInfo.InvariantCulture, $"{cancelled.Kind} {cancelled.ClientOrderId} of {cancelled.Account} at {cancelled.Elapsed.TotalSeconds:0.0000}"));
            return;
        }

        // An order that was asked for anew, after it had proved absent and after all cancels of it had been asked for, is another order; but for a cancel that was on its way before it was.
        if (_effects.Find(effect => effect.Kind == EffectKind.Placed && effect.OrderId == cancelled.OrderId) is { } placed
            && _places.Find(place => place.Order.Id == placed.ClientOrderId && _world.IsOf(place, placed)) is { } place
            && place.Begun.Where(begun => begun <= SentAt(placed)).DefaultIfEmpty().Max() is var begun
            && wishes.TrueForAll(wish => wish.Begun.Where(asked => asked <= sentAt).Max() < begun)
            && _world.Wire.AdmittedAt(_world.RequestOf(cancelled)) > SentAt(placed)
            && !IsFirstOfAll(cancelled)
            && IsKnownAbsent(place, wishes.Max(static wish => wish.Begun.Max()), begun))
        {
            _world.Findings.Violate(
                "a kept cancel ends with the absence of its order",
                string.Create(CultureInfo.InvariantCulture, $"{place}, asked for anew at {begun.TotalSeconds:0.0000}, was cancelled at {cancelled.Elapsed.TotalSeconds:0.0000}"));
        }
    }

    /// <summary>A cancel of all leaves once whatever was placed meanwhile, since it protects.</summary>
    private bool IsFirstOfAll(SimulatedEffect cancelled) => _world.RequestOf(cancelled).Path == CancelOfAll
        && !_world.Wire.Sent.Any(sent => sent.Path == CancelOfAll && sent.Query.Contains($"symbol={cancelled.Symbol}", StringComparison.Ordinal) && sent.At < SentAt(cancelled));

    private void CheckGone(SimulatedEffect placed)
    {
        if (_world.IsCalledFailed(placed)
            || _world.Exchange.Orders.FirstOrDefault(order => order.OrderId == placed.OrderId) is not { Status: "NEW" or "PARTIALLY_FILLED" }
            || _places.Find(place => place.Order.Id == placed.ClientOrderId && _world.IsOf(place, placed)) is not { } place)
        {
            return;
        }

        var sentAt = SentAt(placed);
        var asked = place.Begun.Last(begun => begun <= sentAt);
        foreach (var cancel in _cancels.Where(cancel => cancel.Account == placed.Account && Names(cancel, placed)))
        {
            if (cancel.Answers.FirstOrDefault(told => IsPromise(cancel, told) && asked < told.CalledAt && sentAt < told.At) is { } told)
            {
                _world.Findings.Violate(
                    "a cancel that met an order on its way does not leave it resting",
                    string.Create(CultureInfo.InvariantCulture, $"{cancel} was told {told} at {told.At.TotalSeconds:0.0000}, and {place}, sent at {sentAt.TotalSeconds:0.0000}, rests"));
                return;
            }
        }
    }

    /// <summary>That the order is gone, or will be; a cancel can be kept only under a key that somebody here signs with, and outlives its process only if it could be written down, with the exchange's code of the account where the key is rotated.</summary>
    private bool IsPromise(Operation cancel, CallAnswer told) => !(_world.Plan.Events.Any(static happening => happening is JournalFailure or JournalHang or Death { RotatesKey: true }) && told.Process.IsDead) && IsSaid(cancel, told);

    // Of a batch the report tells that a cancel is kept, and not for which item: what is known to stand by then is its caller's to cancel again.
    private bool IsSaid(Operation cancel, CallAnswer told) => told.Execution == ExecutionStatus.Executed || (told.CancelIsKept && cancel.Account == Operation.MainAccount && !IsKnownToStand(cancel, told)) || told is { Code: -2011, Execution: ExecutionStatus.NotExecuted };

    private bool IsKnownToStand(Operation cancel, CallAnswer told) =>
        _world.Findings.Settled.Any(notice => notice.Execution == ExecutionStatus.Executed && notice.Order.ClientOrderId == cancel.Order.Id && notice.At <= told.At);

    private bool IsKnownAbsent(Operation place, TimeSpan after, TimeSpan before) =>
        place.Answers.Any(told => told.Execution == ExecutionStatus.NotExecuted && told.At > after && told.At <= before)
        || _world.Findings.Settled.Any(notice => notice.Execution == ExecutionStatus.NotExecuted && notice.Order.ClientOrderId == place.Order.Id && notice.At > after && notice.At <= before);

    private static bool Names(Operation cancel, SimulatedEffect effect) => effect.Symbol == cancel.Order.Symbol
        && (cancel.IsCancelAll
            ? effect.Kind != EffectKind.AlgoCancelled
            : cancel.Kind == EffectKind.AlgoCancelled == effect.Kind is EffectKind.AlgoCancelled
                && (cancel.Order.Id is { } id ? effect.ClientOrderId == id : effect.OrderId.ToString(CultureInfo.InvariantCulture) == cancel.OrderId));

    private TimeSpan SentAt(SimulatedEffect effect) => _world.SentAt(effect);
}
