using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>Short races for the same orders, each held against the table of a single thread.</summary>
[Collection(nameof(Stress))]
[Trait("Speed", "Slow")]
public sealed class ClaimHistoryTests
{
    private const int Rounds = 4_000;

    private static readonly ExchangeOperation[] Orders = [ClaimWorld.Place("a"), ClaimWorld.Place("a"), ClaimWorld.Place("a", "SELL"), ClaimWorld.Place("b")];

    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 5)]
    public void Whatever_threads_are_told_at_once_they_could_have_been_told_one_after_the_other(int threads, int steps)
    {
        using var crew = new Crew(threads);
        for (var seed = 1; seed <= Rounds; seed++)
        {
            var world = new ClaimWorld();
            var history = new History<ClaimStep>();
            crew.Run(thread => new Party(thread, new Random((seed * 10) + thread), world, history).Act(steps));

            Linearizability.Explains(history.Calls, new ClaimModel(), ClaimModel.Answer).ShouldBeTrue($"seed {seed}, {threads} threads:{Environment.NewLine}{Named(history)}");
            world.Table.InDoubtCount.ShouldBe(world.Table.InDoubt.Count, $"seed {seed}, {threads} threads:{Environment.NewLine}{Named(history)}");
        }
    }

    /// <summary>Calls and claims show as their types alone; which one it is tells its number.</summary>
    private static string Named(History<ClaimStep> history)
    {
        var claims = history.Calls.Select(call => call.Said).OfType<Asked>().Select(asked => asked.Claim).OfType<Claim>().Distinct().ToList();
        return string.Join(Environment.NewLine, history.Calls.Select(call => $"[{call.Began,3} {call.Ended,3}] {call.Thread}: {Shown(call.Said)}"));

        string Shown(ClaimStep step) => step switch
        {
            CallEntered entered => $"{entered.Wish.Name.Id} enters as call {entered.Call.Number}",
            SendFound found => $"{found.Wish.Name.Id} is sent as of call {found.Call.Number}, its own: {found.Call.IsSendsOwn}",
            Asked asked => $"call {asked.Call.Number} asks for {asked.Wish.Name.Id} {asked.Wish.Terms}: {asked.Answer} {Of(asked.Claim)}",
            Doubted doubted => $"doubts {Of(doubted.Claim)}: {doubted.Began}",
            Judged judged => $"{Of(judged.Claim)} is {judged.Execution}: {judged.WasNews}",
            CallClosed closed => $"call {closed.Call.Number} closes: {string.Join(' ', closed.Standing.Select(Of))}",
            CallEnded ended => $"call {ended.Call.Number} ends, told {string.Join(' ', ended.Told.Select(Of))}, answered: {ended.IsAnswered}",
            Looked looked => $"{looked.Id} is looked for: {Of(looked.Unsettled)}",
            _ => step.ToString(),
        };

        string Of(Claim? claim) => claim is null ? "nothing" : $"#{claims.IndexOf(claim)}";
    }

    /// <summary>One thread: it calls, sends, loses some, looks for the truth of those it has met, and ends its calls.</summary>
    private sealed class Party(int thread, Random random, ClaimWorld world, History<ClaimStep> history)
    {
        private readonly List<Claim> _met = [];
        private ApplicationCall? _call;
        private ExchangeOperation _order = Orders[0];

        public void Act(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Thread.SpinWait(random.Next(60));
                switch (random.Next(8))
                {
                    case < 2 when _call is null:
                    case < 1:
                        Begin();
                        break;
                    case < 5 when _call is { } call:
                        Ask(call);
                        break;
                    case < 6 when _met.Count > 0:
                        Learn(_met[random.Next(_met.Count)]);
                        break;
                    case < 7 when _call is { } call:
                        End(call);
                        break;
                    case < 7:
                        Look();
                        break;
                    default:
                        Begin();
                        break;
                }
            }
        }

        private void Begin()
        {
            if (_call is { } running)
            {
                End(running);
                return;
            }

            var order = _order = Orders[random.Next(Orders.Length)];
            var isSend = random.Next(3) == 0;
            history.Record(thread, () =>
            {
                _call = isSend ? world.SendOf(order) : world.Enter(order);
                return isSend ? new SendFound(_call, Wish.Of(order)) : new CallEntered(_call, Wish.Of(order));
            });

            // A call that another thread began is that one's to end.
            if (isSend && !_call!.IsSendsOwn)
            {
                Ask(_call);
                _call = null;
            }
        }

        private void Ask(ApplicationCall call)
        {
            var asked = (Asked)history.Record(thread, () =>
            {
                var (answer, claim) = world.Ask(call, _order);
                return new Asked(call, Wish.Of(_order), answer, claim);
            });
            if (asked.Claim is { } claim)
            {
                _met.Add(claim);
            }
        }

        private void Learn(Claim claim)
        {
            var execution = random.Next(2) == 0 ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;
            history.Record(thread, random.Next(3) == 0
                ? () => new Doubted(claim, world.Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null))
                : () => new Judged(claim, execution, world.Table.TrySettle(claim, new Verdict(execution, null, null, "told"))));
        }

        private void End(ApplicationCall call)
        {
            _call = null;
            if (random.Next(2) == 0)
            {
                history.Record(thread, () => new CallClosed(call, world.Table.Close(call)));
                Thread.SpinWait(random.Next(60));
            }

            var told = random.Next(2) == 0 ? [] : call.Joined;
            var isAnswered = random.Next(3) > 0;
            history.Record(thread, () =>
            {
                world.Table.Exit(call, told, isAnswered);
                return new CallEnded(call, told, isAnswered);
            });
        }

        private void Look() => history.Record(thread, () => new Looked("a", world.Table.FindUnsettled(OrderName.Of(Orders[0]), ClaimWorld.Account())));
    }
}
