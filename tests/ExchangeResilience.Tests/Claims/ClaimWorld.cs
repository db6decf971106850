using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A table of claims and the calls of an application that use it, without a wire.</summary>
internal sealed class ClaimWorld
{
    public static readonly Verdict Found = new(ExecutionStatus.Executed, null, null, "found");
    public static readonly Verdict Absent = new(ExecutionStatus.NotExecuted, null, null, "absent");

    private const string Somebody = "account";

    // Names that are used side by side are of different accounts; any other may be one of them under a new name.
    private static readonly AccountBook Book = BookOf(Somebody, "other", "third");

    public ClaimWorld() => Table = new ClaimTable(Time, ClaimedRequest.NoJournal(Time));

    public ManualTimeProvider Time { get; } = new();

    public ClaimTable Table { get; }

    public ReconciliationOptions Options { get; init; } = new();

    public static ExchangeOperation Place(string id, string side = "BUY", bool generated = false) =>
        ClaimedRequest.Operation("POST /fapi/v1/order", $"symbol=BTCUSDT&newClientOrderId={id}&side={side}", generated);

    public static ExchangeOperation Amend(string id, int price) => ClaimedRequest.Operation("PUT /fapi/v1/order", $"symbol=BTCUSDT&origClientOrderId={id}&price={price}");

    public static ExchangeOperation Cancel(string id) => ClaimedRequest.Operation("DELETE /fapi/v1/order", $"symbol=BTCUSDT&origClientOrderId={id}");

    public static ExchangeOperation CancelAll() => ClaimedRequest.Operation("DELETE /fapi/v1/allOpenOrders", "symbol=BTCUSDT");

    public static AccountIdentity Account(string name = Somebody) => new() { Label = name, Name = name, Book = Book };

    public ApplicationCall Enter(ExchangeOperation wanted, string account = Somebody) => Table.Enter([Wish.Of(wanted)], Account(account));

    /// <summary>A send that comes by itself, out of a queue or a hedge: of a running call, or of none.</summary>
    public ApplicationCall SendOf(ExchangeOperation wanted, string account = Somebody) => Table.CallOf([Wish.Of(wanted)], Account(account));

    public ClaimGrant Ask(ApplicationCall call, ExchangeOperation wanted, string account = Somebody, ReconciliationOptions? options = null) =>
        Table.TryClaim(call, wanted, ClaimedRequest.OriginOf(account) with { Account = Account(account) }, options ?? Options);

    /// <summary>It leaves, and may work from now on.</summary>
    public Claim Send(ApplicationCall call, ExchangeOperation wanted, string account = Somebody)
    {
        var grant = Ask(call, wanted, account);
        grant.Answer.ShouldBe(ClaimAnswer.Go);
        var claim = grant.Claim.ShouldNotBeNull();
        Table.TryLeave(call, claim, static () => ClaimedRequest.Window).ShouldBeTrue();
        return claim;
    }

    /// <summary>It leaves, and no answer comes.</summary>
    public Claim Lose(ApplicationCall call, ExchangeOperation wanted, string account = Somebody)
    {
        var claim = Send(call, wanted, account);
        claim.Attempts.Close(mayHaveWorked: true);
        Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue();
        return claim;
    }

    public void Settle(Claim claim, Verdict verdict, int rechecks = 0) => Table.TrySettle(claim, verdict, rechecks).ShouldBeTrue();

    /// <summary>A cancel has ended an order, and its caller is told so.</summary>
    public void EndByCancel(ApplicationCall cancel, ExchangeOperation place, string account = Somebody)
    {
        Table.Cancelled(cancel, OrderName.Of(place) with { Kind = OperationKind.Cancel }, Account(account));
        Table.TellCancelled(cancel);
    }

    /// <summary>The call ends with a verdict told.</summary>
    public void Tell(ApplicationCall call, params Claim[] told)
    {
        Table.Close(call);
        Table.Exit(call, told, isAnswered: true);
    }

    /// <summary>The call ends untold: cancelled, or for want of time.</summary>
    public void Cut(ApplicationCall call) => Table.Exit(call, [], isAnswered: true);

    /// <summary>A call that is told what became of its order at once.</summary>
    public Claim Run(ExchangeOperation wanted, Verdict verdict, string account = Somebody)
    {
        var call = Enter(wanted, account);
        var claim = Send(call, wanted, account);
        claim.Attempts.Close(mayHaveWorked: verdict.Execution != ExecutionStatus.NotExecuted);
        Settle(claim, verdict);
        Tell(call, claim);
        return claim;
    }

    /// <summary>A call that loses its reply and is cut before anything is known.</summary>
    public Claim Doubt(ExchangeOperation wanted, string account = Somebody)
    {
        var call = Enter(wanted, account);
        var claim = Lose(call, wanted, account);
        Cut(call);
        return claim;
    }

    /// <summary>Whether a new call's order leaves, as one of its own.</summary>
    public bool IsNew(ExchangeOperation wanted, string account = Somebody)
    {
        var call = Enter(wanted, account);
        var (answer, claim) = Ask(call, wanted, account);
        if (answer == ClaimAnswer.Go)
        {
            // It never left.
            Settle(claim!, Absent);
            Tell(call, claim!);
            return true;
        }

        answer.ShouldBe(ClaimAnswer.Join);
        Cut(call);
        return false;
    }

    public void Pass(TimeSpan time) => Time.Advance(time);

    /// <summary>A long time, with now and then a call of something else, at which the table looks for what is over.</summary>
    public void PassQuietly()
    {
        for (var call = 0; call < 3; call++)
        {
            Pass(TimeSpan.FromHours(25));
            Table.Exit(Enter(Place("z")), [], isAnswered: false);
        }
    }

    public void PassSeconds(int seconds) => Pass(TimeSpan.FromSeconds(seconds));

    private static AccountBook BookOf(params string[] names)
    {
        var book = new AccountBook();
        Array.ForEach(names, name => book.Use(name));
        return book;
    }
}
