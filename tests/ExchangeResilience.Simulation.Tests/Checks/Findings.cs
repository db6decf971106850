using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>A promise that was broken.</summary>
internal sealed record Violation(string Rule, string Story);

/// <summary>What the middleware told the application beside its calls.</summary>
internal sealed record Notice(SimulatedProcess Process, TimeSpan At, InDoubtOrder Order, ExecutionStatus Execution);

/// <summary>What was noticed while the world lived.</summary>
internal sealed class Findings(World world)
{
    private readonly List<Violation> _violations = [];
    private readonly List<Notice> _settled = [];
    private readonly List<Notice> _contradictions = [];

    public IReadOnlyList<Violation> Violations => _violations;
    public IReadOnlyList<Notice> Settled => _settled;
    public IReadOnlyList<Notice> Contradictions => _contradictions;

    public void Violate(string rule, string story)
    {
        world.Log.Add($"VIOLATED: {rule}: {story}");
        _violations.Add(new Violation(rule, story));
    }

    /// <summary>What was thrown, and by which line of the product.</summary>
    public static string Describe(Exception thrown) =>
        $"{thrown.GetType().Name}: {thrown.Message}{thrown.StackTrace?.Split('\n').FirstOrDefault(static line => line.Contains(" ExchangeResilience.", StringComparison.Ordinal) && !line.Contains(".Simulation.", StringComparison.Ordinal))?.TrimEnd()}";

    public void NoteSettled(SimulatedProcess process, InDoubtSettledEventArgs settled)
    {
        if (!process.IsDead)
        {
            world.Log.Add($"{process}: settled {settled.Order.Kind} {settled.Order.ClientOrderId}: {settled.Execution}, {settled.Evidence}");
            _settled.Add(new Notice(process, world.Time.Elapsed, settled.Order, settled.Execution));
        }
    }

    public void NoteCancelEnded(SimulatedProcess process, KeptCancelEndedEventArgs ended)
    {
        if (!process.IsDead)
        {
            world.Log.Add($"{process}: kept cancel of {ended.Order.ClientOrderId} ended: {ended.Fate}");

            // Nothing that lasts minutes may end it; one client of the larger world keeps nothing for longer than a second.
            if (ended.Fate == KeptCancelFate.Expired && ended.Order.Claim!.Delivery.Retention >= TimeSpan.FromHours(24))
            {
                Violate("a kept cancel is not given up while its verdict is kept", $"{ended.Order.ClientOrderId}");
            }
        }
    }

    public void NoteContradicted(SimulatedProcess process, AbsenceContradictedEventArgs contradicted)
    {
        if (!process.IsDead)
        {
            world.Log.Add($"{process}: absence of {contradicted.Order.Kind} {contradicted.Order.ClientOrderId} contradicted: {contradicted.OrderStatus}");
            _contradictions.Add(new Notice(process, world.Time.Elapsed, contradicted.Order, ExecutionStatus.Executed));
        }
    }
}
