using System.Collections.Immutable;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What a thread said to the table, and was told.</summary>
internal abstract record ClaimStep;

internal sealed record CallEntered(ApplicationCall Call, Wish Wish) : ClaimStep;

internal sealed record SendFound(ApplicationCall Call, Wish Wish) : ClaimStep;

internal sealed record Asked(ApplicationCall Call, Wish Wish, ClaimAnswer Answer, Claim? Claim) : ClaimStep;

internal sealed record Doubted(Claim Claim, bool Began) : ClaimStep;

internal sealed record Judged(Claim Claim, ExecutionStatus Execution, bool WasNews) : ClaimStep;

internal sealed record CallClosed(ApplicationCall Call, IReadOnlyList<Claim> Standing) : ClaimStep;

internal sealed record CallEnded(ApplicationCall Call, IReadOnlyList<Claim> Told, bool IsAnswered) : ClaimStep;

internal sealed record Looked(string Id, Claim? Unsettled) : ClaimStep;

/// <summary>A table of claims of placed orders for one thread at a time, at one moment: nothing has left, and no time passes.</summary>
internal sealed record ClaimModel
{
    private sealed record Order(Wish Wish)
    {
        public ClaimState State { get; init; }
        public bool DidNothing { get; init; }
        public int Joined { get; init; }
        public int Owed { get; init; }
        public bool WasTold { get; init; }
        public bool WasTroubled { get; init; }
        public Claim? Successor { get; init; }
        public bool IsOver => State == ClaimState.Settled && (DidNothing ? Successor is not null || !WasTroubled : WasTold && Owed == 0 && !WasTroubled);
    }

    private sealed record Party(Wish Wish, bool IsSendsOwn)
    {
        public ImmutableHashSet<Claim> Joined { get; init; } = [];
        public bool IsShared { get; init; }
    }

    private ImmutableDictionary<Claim, Order> Orders { get; init; } = ImmutableDictionary<Claim, Order>.Empty;

    private ImmutableList<Claim> Standing { get; init; } = [];

    private ImmutableDictionary<ApplicationCall, Party> Calls { get; init; } = ImmutableDictionary<ApplicationCall, Party>.Empty;

    private ImmutableList<ApplicationCall> Running { get; init; } = [];

    private ImmutableHashSet<ApplicationCall> Closed { get; init; } = [];

    private ImmutableHashSet<Wish> Answered { get; init; } = [];

    public static IEnumerable<ClaimModel> Answer(ClaimModel table, ClaimStep step) => step switch
    {
        CallEntered entered => table.Enter(entered.Call, entered.Wish, isSendsOwn: false),
        SendFound found => table.Running.FindLast(call => !table.Closed.Contains(call) && table.Calls[call].Wish == found.Wish) is { } running
            ? running == found.Call ? [table] : []
            : table.Enter(found.Call, found.Wish, isSendsOwn: true),
        Asked asked => table.Ask(asked),
        Doubted doubted => table.Doubt(doubted),
        Judged judged => table.Judge(judged),
        CallClosed closed => table.Close(closed),
        CallEnded ended => [table.End(ended)],
        Looked looked => ReferenceEquals(table.Standing.Find(claim => claim.Key.Id == looked.Id && table.Orders[claim].State != ClaimState.Settled), looked.Unsettled) ? [table] : [],
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private IEnumerable<ClaimModel> Enter(ApplicationCall call, Wish wish, bool isSendsOwn) =>
        call.Number == Calls.Count + 1 && call.IsSendsOwn == isSendsOwn && !Calls.ContainsKey(call)
            ? [isSendsOwn && Answered.Contains(wish)
                ? this with { Calls = Calls.Add(call, new Party(wish, isSendsOwn)), Closed = Closed.Add(call) }
                : (this with { Standing = Standing.RemoveAll(claim => claim.Key == wish.Name && IsFree(claim)), Calls = Calls.Add(call, new Party(wish, isSendsOwn)) }).Share(call) with { Running = Running.Add(call) }]
            : [];

    private ClaimModel Share(ApplicationCall call)
    {
        var table = this;
        foreach (var equal in Running.Where(each => Calls[each].Wish == Calls[call].Wish))
        {
            foreach (var claim in Calls[equal].Joined.Select(Latest))
            {
                table = table.With(claim, table.Orders[claim] with { WasTroubled = true });
            }

            table = table with { Calls = table.Calls.SetItem(equal, table.Calls[equal] with { IsShared = true }).SetItem(call, table.Calls[call] with { IsShared = true }) };
        }

        return table;
    }

    private IEnumerable<ClaimModel> Ask(Asked asked)
    {
        var ofName = Standing.FindAll(claim => claim.Key == asked.Wish.Name && Orders[claim].Successor is null);
        var equal = ofName.FindLast(claim => Orders[claim].Wish == asked.Wish);
        if (equal is not null && !Orders[equal].DidNothing)
        {
            return Is(ClaimAnswer.Join, equal) ? [Join(asked.Call, equal)] : [];
        }

        if (ofName.FindLast(claim => Orders[claim].Wish != asked.Wish && Orders[claim].State != ClaimState.Settled) is { } other)
        {
            return Is(ClaimAnswer.OtherRequest, other) ? [this] : [];
        }

        if (Closed.Contains(asked.Call))
        {
            return Is(ClaimAnswer.TooLate, null) ? [this] : [];
        }

        if (asked is not { Answer: ClaimAnswer.Go, Claim: { } granted } || Orders.ContainsKey(granted))
        {
            return [];
        }

        var order = new Order(asked.Wish);
        var table = this;
        if (equal is not null)
        {
            order = order with { Owed = Orders[equal].Owed, WasTroubled = Orders[equal].WasTroubled };
            table = With(equal, Orders[equal] with { Successor = granted });
        }

        return [(table with { Orders = table.Orders.Add(granted, order), Standing = table.Standing.Add(granted) }).Join(asked.Call, granted)];

        bool Is(ClaimAnswer answer, Claim? claim) => asked.Answer == answer && ReferenceEquals(asked.Claim, claim);
    }

    private ClaimModel Join(ApplicationCall call, Claim claim)
    {
        var table = this;
        foreach (var each in Running.Where(each => !Closed.Contains(each) && Calls[each].Wish == Orders[claim].Wish))
        {
            var (party, order) = (table.Calls[each], table.Orders[claim]);
            if (!party.Joined.Contains(claim))
            {
                table = table.With(claim, order with { Joined = order.Joined + 1, Owed = Math.Max(0, order.Owed - 1), WasTroubled = order.WasTroubled || order.Joined > 0 || party.IsShared });
                table = table with { Calls = table.Calls.SetItem(each, party with { Joined = party.Joined.Add(claim) }) };
            }
        }

        return table;
    }

    private IEnumerable<ClaimModel> Doubt(Doubted doubted)
    {
        var order = Orders[doubted.Claim];
        var begins = order.State == ClaimState.InFlight;
        return begins != doubted.Began ? [] : [begins ? With(doubted.Claim, order with { State = ClaimState.InDoubt, WasTroubled = true }) : this];
    }

    private IEnumerable<ClaimModel> Judge(Judged judged)
    {
        var order = Orders[judged.Claim];
        var isNews = order.State != ClaimState.Settled;
        return isNews != judged.WasNews ? []
            : isNews ? [With(judged.Claim, order with { State = ClaimState.Settled, DidNothing = judged.Execution == ExecutionStatus.NotExecuted }).Free(order.Wish)]
            : [this];
    }

    private IEnumerable<ClaimModel> Close(CallClosed closed)
    {
        var party = Calls[closed.Call];
        var sentBefore = Standing.Where(claim => Orders[claim].Wish == party.Wish && Orders[claim].State != ClaimState.InFlight);
        var standing = party.Joined.Concat(sentBefore).Select(Latest).Distinct().Where(claim => !Orders[claim].DidNothing);
        return standing.ToHashSet().SetEquals(closed.Standing) ? [this with { Closed = Closed.Add(closed.Call), Answered = Answered.Add(party.Wish) }] : [];
    }

    private ClaimModel End(CallEnded ended)
    {
        var party = Calls[ended.Call];
        var table = this with
        {
            Running = Running.Remove(ended.Call),
            Closed = Closed.Add(ended.Call),
            Answered = ended.IsAnswered ? Answered.Add(party.Wish) : party.IsSendsOwn ? Answered : Answered.Remove(party.Wish),
        };
        foreach (var claim in party.Joined.Select(Latest).Distinct())
        {
            var order = table.Orders[claim];
            table = ended.Told.Contains(claim) ? table.With(claim, order with { WasTold = true })
                : !order.DidNothing && order.State != ClaimState.InFlight ? table.With(claim, order with { Owed = order.Owed + 1, WasTroubled = true })
                : table;
        }

        return table.Free(party.Wish);
    }

    private ClaimModel Free(Wish wish) => this with { Standing = Standing.RemoveAll(claim => Orders[claim].Wish == wish && IsFree(claim)) };

    private bool IsFree(Claim claim) => Orders[claim].IsOver && !Running.Exists(call => Calls[call].Wish == Orders[claim].Wish);

    private Claim Latest(Claim claim) => Orders[claim].Successor is { } next ? Latest(next) : claim;

    private ClaimModel With(Claim claim, Order order) => this with { Orders = Orders.SetItem(claim, order) };
}
