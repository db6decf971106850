using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>
/// Every way in which callers of one order, retries above the middleware, copies kept back, evidence and a cancel can come between each other's steps, on the table itself, within
/// a number of deviations from the way without trouble. Each step is one of the table's operations; time stands still, so that all repeats come within the minute.
/// </summary>
[Collection(nameof(Stress))]
[Trait("Speed", "Slow")]
public sealed class ClaimInterleavingTests
{
    [Fact]
    public void Two_callers_of_one_order_never_double_it() =>
        Explore(deviations: 3, static script => [script.Caller("A", calls: 2), script.Caller("B", calls: 2), script.Evidence()]);

    [Fact]
    public void A_retry_above_and_another_caller_never_double_an_order() =>
        Explore(deviations: 3, static script => [script.Caller("A", calls: 2, sends: 2), script.Caller("B", calls: 1), script.Evidence()]);

    [Fact]
    public void A_copy_kept_back_never_doubles_an_order_or_belies_what_was_told() =>
        Explore(deviations: 3, static script => [script.Caller("A", calls: 2), script.Copy("A"), script.Evidence()]);

    [Fact]
    public void A_cancel_reaches_an_order_of_an_earlier_call_whenever_it_is_accepted_or_kept() =>
        Explore(deviations: 3, static script => [script.Caller("A", calls: 2, sends: 2), script.Cancel(), script.Caller("B", calls: 1), script.Evidence()], rests: true);

    [Fact]
    public void Whatever_comes_together_no_order_is_doubled() =>
        Explore(deviations: 2, static script => [script.Caller("A", calls: 2, sends: 2), script.Caller("B", calls: 2), script.Copy("A"), script.Cancel(), script.Evidence()]);

    private static void Explore(int deviations, Func<Script, IEnumerable<Func<bool>>[]> actors, bool rests = false)
    {
        var choices = new Choices(deviations);
        choices.Walk(() =>
        {
            var script = new Script(choices, rests);
            try
            {
                script.Run(actors(script));
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException($"{wrong.Message}{Environment.NewLine}{script}", wrong);
            }
        });
        choices.Ways.ShouldBeGreaterThan(1_000, "the script leaves nothing to choose");
    }

    /// <summary>One way: the table, the exchange's book, and what every caller was told.</summary>
    private sealed class Script(Choices choices, bool rests)
    {
        private static readonly Func<bool> Now = static () => true;
        private static readonly ExchangeOperation Order = ClaimWorld.Place("a");

        private readonly ClaimWorld _world = new();
        private readonly List<Placed> _book = [];
        private readonly List<Claim> _claims = [];
        private readonly HashSet<string> _denied = [];
        private readonly Dictionary<ApplicationCall, string> _callers = [];
        private readonly List<string> _story = [];
        private long _cancelled;
        private int _busy;
        private bool _isTroubled;

        private ClaimTable Table => _world.Table;

        /// <summary>Calls until it is told an end, up to so often; its message is sent up to so often in each call.</summary>
        public IEnumerable<Func<bool>> Caller(string intent, int calls, int sends = 1)
        {
            for (var turn = 0; turn < calls; turn++)
            {
                var call = _world.Enter(Order);
                _callers[call] = intent;
                Note($"{intent} enters call {call.Number}");
                yield return Now;

                var said = new Said();
                for (var send = 0; send < sends && said.Verdict?.Execution != ExecutionStatus.Executed; send++)
                {
                    foreach (var step in Send(intent, said))
                    {
                        yield return step;
                    }
                }

                if (Table.Close(call) is [var standing, ..] && said.Verdict?.Execution != ExecutionStatus.Executed)
                {
                    // As the outermost handler does where a send was told less than is known now.
                    said.Verdict = said.Verdict is null ? null : standing.Outcome;
                    call.Answer(said, standing);
                }

                yield return Now;

                var isLost = choices.Choose(2) == 1;
                var told = isLost || said.Verdict is null ? [] : call.ToldBy(said);
                Note($"{intent} is told {(isLost ? "nothing" : said.Verdict?.Execution.ToString() ?? "unknown")}");
                Table.Exit(call, told, isAnswered: true);
                _isTroubled |= isLost || said.Verdict is null;
                if (!isLost && said.Verdict is { } verdict)
                {
                    Hear(intent, verdict);
                    break;
                }

                yield return Now;
            }

            _busy--;
        }

        /// <summary>A copy of a caller's message that a handler above has kept back.</summary>
        public IEnumerable<Func<bool>> Copy(string intent)
        {
            yield return () => _callers.ContainsValue(intent);

            foreach (var step in Send(intent, new Said(), isCopy: true))
            {
                yield return step;
            }

            _busy--;
        }

        public IEnumerable<Func<bool>> Cancel()
        {
            var call = _world.Enter(ClaimWorld.Cancel("a"));
            Note($"a cancel enters as call {call.Number}");
            yield return Now;

            if (_book.Find(static placed => placed.IsOpen) is { } open)
            {
                open.IsOpen = false;
                open.IsCancelled = true;
                _cancelled = call.Number;
                Note("the exchange cancels the order");
                Table.Cancelled(call, OrderName.Of(Order) with { Kind = OperationKind.Cancel }, ClaimWorld.Account());
                Table.TellCancelled(call);
            }
            else if (Table.UnsettledPlaces(OrderName.Of(Order) with { Kind = OperationKind.Cancel }, ClaimWorld.Account(), call.Number) is [var place, ..] && place.KeepCancel(call.Number))
            {
                _cancelled = call.Number;
                Note("the cancel is kept");
                Apply(place);
            }

            yield return Now;
            Table.Exit(call, [], isAnswered: true);
            _busy--;
        }

        /// <summary>The search: whatever is in doubt is known in the end.</summary>
        public IEnumerable<Func<bool>> Evidence()
        {
            while (true)
            {
                yield return () => _busy == 0 || Table.InDoubtCount > 0;
                if (Table.InDoubt is not [var claim, ..])
                {
                    yield break;
                }

                var isFilled = _book.Exists(placed => placed.Claim == claim);
                Note($"evidence: {(isFilled ? "found" : "absent")}");
                _world.Settle(claim, isFilled ? ClaimWorld.Found : ClaimWorld.Absent, rechecks: isFilled ? 0 : 1);
                Apply(claim);
            }
        }

        public void Run(IEnumerable<Func<bool>>[] actors)
        {
            _busy = actors.Length - 1;
            List<(IEnumerator<Func<bool>> Steps, Func<bool> IsReady)> running = [.. actors.Select(static actor => (actor.GetEnumerator(), Now))];
            var current = 0;
            while (running.Count > 0)
            {
                // Without a deviation whoever acts goes on; else another that can.
                List<int> ready = [.. Enumerable.Range(0, running.Count).OrderBy(index => index != current).Where(index => running[index].IsReady())];
                ready.ShouldNotBeEmpty("somebody waits for ever");
                current = ready[choices.Choose(ready.Count)];
                if (running[current].Steps.MoveNext())
                {
                    running[current] = (running[current].Steps, running[current].Steps.Current);
                }
                else
                {
                    running.RemoveAt(current);
                    current = 0;
                }
            }

            ShouldBeOver();
        }

        public override string ToString() => string.Join(Environment.NewLine, _story);

        private IEnumerable<Func<bool>> Send(string intent, Said said, bool isCopy = false)
        {
            var application = _world.SendOf(Order);
            if (isCopy)
            {
                // A copy that comes while an equal call runs is taken for that one's, and so is what comes of it.
                intent = _callers.GetValueOrDefault(application, intent);
            }

            var (answer, claim) = _world.Ask(application, Order);
            Note($"{intent} sends as of call {application.Number}: {answer}");
            said.Verdict = ClaimWorld.Absent;
            if (answer == ClaimAnswer.Go)
            {
                _claims.Add(claim!);
                yield return Now;

                var mayLeave = !application.IsOvertaken(claim!.Key) && Table.TryLeave(application, claim, static () => ClaimedRequest.Window);
                var outcome = !mayLeave || _book.Exists(static placed => placed.IsOpen) ? Refused : choices.Choose(4);
                if (outcome is FilledUntold or Filled)
                {
                    Place(intent, claim, application.Number);
                }

                yield return Now;
                claim.Attempts.Close(mayHaveWorked: outcome != Refused);
                if (outcome is Filled or Refused)
                {
                    Note($"{intent} is answered: {(outcome == Filled ? "filled" : "refused")}");
                    Table.TrySettle(claim, outcome == Filled ? ClaimWorld.Found : ClaimWorld.Absent);
                    Apply(claim);
                }
                else
                {
                    Note($"{intent} has no answer");
                    Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null);
                }
            }

            if (claim is not null)
            {
                said.Verdict = null;
                if (claim.IsSettled || choices.Choose(2) == 0)
                {
                    yield return () => claim.IsSettled;
                    said.Verdict = claim.Outcome;
                    Table.Tell(application, said, claim);
                }
                else
                {
                    Note($"{intent} waits no longer");
                    _isTroubled = true;
                }
            }

            if (application.IsSendsOwn)
            {
                Table.Exit(application, said.Verdict is null ? [] : application.ToldBy(said), isAnswered: false);
            }
        }

        private void Place(string intent, Claim claim, long number)
        {
            Note($"{intent} is filled under call {number}");
            _book.Exists(placed => placed.Intent == intent && !(placed.IsCancelled && number > _cancelled)).ShouldBeFalse($"{intent} is filled twice");
            _denied.ShouldNotContain(intent, "it was told that it did nothing");
            _book.Add(new Placed(intent, claim, number) { IsOpen = rests });
        }

        private void Hear(string intent, Verdict verdict)
        {
            if (verdict.Execution == ExecutionStatus.Executed)
            {
                _book.ShouldNotBeEmpty("it was told of an order that is not there");
                return;
            }

            _book.ShouldNotContain(placed => placed.Intent == intent && !placed.IsCancelled, "it was told that it did nothing");
            _denied.Add(intent);
        }

        /// <summary>A kept cancel of an order that is there.</summary>
        private void Apply(Claim claim)
        {
            if (claim is { CancelWanted: true, Outcome.Execution: ExecutionStatus.Executed })
            {
                foreach (var placed in _book.Where(placed => placed.Claim == claim))
                {
                    placed.IsCancelled |= placed.IsOpen;
                    placed.IsOpen = false;
                }

                claim.Cancel!.End(KeptCancelFate.Applied);
                Table.FollowedUp(claim);
            }
        }

        private void ShouldBeOver()
        {
            _claims.ShouldAllBe(claim => claim.IsSettled);
            _claims.ShouldAllBe(claim => (claim.Outcome!.Execution == ExecutionStatus.Executed) == _book.Exists(placed => placed.Claim == claim));
            _book.ShouldNotContain(placed => placed.IsOpen && placed.Number < _cancelled, "it was to be cancelled");
            Table.InDoubtCount.ShouldBe(0);

            foreach (var claim in _claims)
            {
                claim.RechecksLeft = 0;
                Table.FollowedUp(claim);
            }

            if (!_isTroubled)
            {
                _world.PassSeconds(61);
                _world.IsNew(Order).ShouldBeTrue("everybody was told, so the id is free");
            }

            _world.Pass(TimeSpan.FromHours(25));
            _world.IsNew(Order).ShouldBeTrue("the id is free");
            _world.PassQuietly();
            Table.Count.ShouldBe(0, "something is kept for ever");
        }

        private void Note(string step) => _story.Add(step);

        // Without trouble to the table it is the worst that happens: filled, and nobody answers.
        private const int FilledUntold = 0;
        private const int Filled = 1;
        private const int Refused = 2;

        private sealed class Said
        {
            public Verdict? Verdict { get; set; }
        }

        private sealed record Placed(string Intent, Claim Claim, long Number)
        {
            public bool IsOpen { get; set; }
            public bool IsCancelled { get; set; }
        }
    }
}
