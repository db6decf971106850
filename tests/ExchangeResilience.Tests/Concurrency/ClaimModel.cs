using System.Collections.Immutable;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What a thread said to the table, and was told.</summary>
internal abstract record ClaimCall;

internal sealed record Asked(string Id, string Terms, bool IdIsGenerated, ClaimAnswer Answer, Claim? Claim) : ClaimCall;

internal sealed record Doubted(Claim Claim, bool Began) : ClaimCall;

internal sealed record Resumed(Claim Claim) : ClaimCall;

internal sealed record Judged(Claim Claim, ExecutionStatus Execution) : ClaimCall;

internal sealed record Concluded(Claim Claim, ExecutionStatus Execution, bool WasNews) : ClaimCall;

internal sealed record Abandoned(Claim Claim) : ClaimCall;

internal sealed record Heard(Claim Claim) : ClaimCall;

internal sealed record Missed(Claim Claim) : ClaimCall;

internal sealed record Seen(Claim Claim, ClaimState State) : ClaimCall;

internal sealed record Found(string Id, Claim? Claim) : ClaimCall;

/// <summary>A table of claims of placed orders for one thread at a time, at one moment.</summary>
internal sealed record ClaimModel
{
    private sealed record Order(string Id, string Terms, bool IdIsGenerated)
    {
        public ClaimState State { get; init; }
        public bool IsOwned { get; init; } = true;
        public ExecutionStatus? Finding { get; init; }
        public ExecutionStatus? Outcome { get; init; }
        public bool DidNothing => Outcome == ExecutionStatus.NotExecuted;
    }

    private ImmutableDictionary<Claim, Order> Orders { get; init; } = ImmutableDictionary<Claim, Order>.Empty;

    private ImmutableDictionary<string, Claim> Standing { get; init; } = ImmutableDictionary<string, Claim>.Empty;

    private ImmutableHashSet<Claim> Unheard { get; init; } = [];

    private ImmutableDictionary<string, Claim> Twins { get; init; } = ImmutableDictionary<string, Claim>.Empty;

    public static IEnumerable<ClaimModel> Answer(ClaimModel table, ClaimCall call) => call switch
    {
        Asked asked => table.Ask(asked),
        Doubted doubted => table.Doubt(doubted),
        Resumed { Claim: var claim } => [table.With(claim, table.Orders[claim] with { State = ClaimState.InFlight, Finding = null })],
        Judged judged => [table.With(judged.Claim, table.Orders[judged.Claim] with { State = ClaimState.Settled, Outcome = judged.Execution })],
        Concluded concluded => table.Conclude(concluded),
        Abandoned { Claim: var claim } => [table.Abandon(claim)],
        Heard { Claim: var claim } => [table.Forget(claim)],
        Missed { Claim: var claim } => [table.Keep(claim)],
        Seen seen => table.Orders[seen.Claim].State == seen.State ? [table] : [],
        Found found => ReferenceEquals(table.Standing.GetValueOrDefault(found.Id), found.Claim) ? [table] : [],
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    private IEnumerable<ClaimModel> Ask(Asked asked)
    {
        if (Standing.GetValueOrDefault(asked.Id) is { } standing)
        {
            var order = Orders[standing];
            if (order.DidNothing)
            {
                return Grant(asked);
            }

            var due = order.Terms == asked.Terms ? ClaimAnswer.Join : ClaimAnswer.OtherRequest;
            return asked.Answer == due && ReferenceEquals(asked.Claim, standing) ? [this] : [];
        }

        if (Twins.GetValueOrDefault(asked.Id) is { } known && IsOpen(known))
        {
            return Point(asked, [known]);
        }

        Claim[] twins = asked.IdIsGenerated ? [.. Standing.Values.Where(claim => IsOpen(claim) && Orders[claim].Terms == asked.Terms)] : [];
        return twins.Length > 0 ? Point(asked, twins) : Grant(asked);
    }

    private IEnumerable<ClaimModel> Grant(Asked asked) => asked is { Answer: ClaimAnswer.Go, Claim: { } claim } && !Orders.ContainsKey(claim)
        ? [this with { Orders = Orders.Add(claim, new Order(asked.Id, asked.Terms, asked.IdIsGenerated)), Standing = Standing.SetItem(asked.Id, claim) }]
        : [];

    // Of several twins any may be named.
    private IEnumerable<ClaimModel> Point(Asked asked, Claim[] twins) =>
        asked.Claim is { } twin && twins.Contains(twin) && asked.Answer == (Unheard.Contains(twin) ? ClaimAnswer.Join : ClaimAnswer.TwinInDoubt)
            ? [this with { Twins = Twins.SetItem(asked.Id, twin) }]
            : [];

    private bool IsOpen(Claim claim)
    {
        var order = Orders[claim];
        return order.State == ClaimState.InDoubt || (Unheard.Contains(claim) && order is { IdIsGenerated: true, DidNothing: false });
    }

    private IEnumerable<ClaimModel> Doubt(Doubted doubted)
    {
        var order = Orders[doubted.Claim];
        var begins = order.State == ClaimState.InFlight;
        return begins != doubted.Began ? [] : [begins ? With(doubted.Claim, order with { State = ClaimState.InDoubt }) : this];
    }

    private IEnumerable<ClaimModel> Conclude(Concluded concluded)
    {
        var order = Orders[concluded.Claim];
        var isNews = order is { State: ClaimState.InDoubt, Finding: null };
        if (isNews != concluded.WasNews)
        {
            return [];
        }

        return isNews switch
        {
            false => [this],
            true when order.IsOwned => [With(concluded.Claim, order with { Finding = concluded.Execution })],
            true => [With(concluded.Claim, order with { State = ClaimState.Settled, Finding = concluded.Execution, Outcome = concluded.Execution }).Keep(concluded.Claim)],
        };
    }

    private ClaimModel Abandon(Claim claim)
    {
        var order = Orders[claim] with { IsOwned = false };
        return order is { State: ClaimState.InDoubt, Finding: { } finding }
            ? With(claim, order with { State = ClaimState.Settled, Outcome = finding }).Keep(claim)
            : With(claim, order);
    }

    private ClaimModel Keep(Claim claim) => IsStanding(claim) ? this with { Unheard = Unheard.Add(claim) } : Forget(claim);

    private ClaimModel Forget(Claim claim) => this with
    {
        Unheard = Unheard.Remove(claim),
        Standing = IsStanding(claim) ? Standing.Remove(Orders[claim].Id) : Standing,
        Twins = Twins.RemoveRange(Twins.Where(twin => ReferenceEquals(twin.Value, claim)).Select(twin => twin.Key)),
    };

    private bool IsStanding(Claim claim) => ReferenceEquals(Standing.GetValueOrDefault(Orders[claim].Id), claim);

    private ClaimModel With(Claim claim, Order order) => this with { Orders = Orders.SetItem(claim, order) };
}
