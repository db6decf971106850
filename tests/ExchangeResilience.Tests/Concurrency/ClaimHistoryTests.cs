using System.Text.RegularExpressions;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>Short races for the same orders, each held against the table of a single thread.</summary>
[Collection(nameof(Stress))]
public sealed partial class ClaimHistoryTests
{
    private const int Rounds = 4_000;
    private const string Place = "POST /fapi/v1/order";

    private static readonly ClaimOrigin Origin = new("futures", ExchangeVenue.BinanceUsdFutures, new Uri("https://fapi.test"), CanAsk: true);
    private static readonly ReconciliationOptions Options = new();

    // An order without an id of its own is given a new one at each call; here few enough that the same one comes again.
    private static readonly (string Id, string Terms, bool IdIsGenerated)[] Orders =
    [
        ("a", "BUY", false), ("a", "BUY", false), ("a", "SELL", false), ("b", "BUY", false), ("g1", "BUY", true), ("g2", "BUY", true), ("g3", "BUY", true),
    ];

    private static readonly Dictionary<(string Id, string Terms), ExchangeOperation> Operations = Orders.Distinct().ToDictionary(
        order => (order.Id, order.Terms),
        order => ClaimedRequest.Operation(Place, $"symbol=BTCUSDT&newClientOrderId={order.Id}&side={order.Terms}", order.IdIsGenerated));

    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 5)]
    public void Whatever_threads_are_told_at_once_they_could_have_been_told_one_after_the_other(int threads, int calls)
    {
        using var crew = new Crew(threads);
        var time = new ManualTimeProvider();
        for (var seed = 1; seed <= Rounds; seed++)
        {
            var table = new ClaimTable(time, ClaimedRequest.NoJournal(time));
            var history = new History<ClaimCall>();
            crew.Run(thread => new Party(thread, new Random((seed * 10) + thread), table, history).Act(calls));

            Linearizability.Explains(history.Calls, new ClaimModel(), ClaimModel.Answer).ShouldBeTrue($"seed {seed}, {threads} threads:{Environment.NewLine}{Named(history)}");
            table.InDoubtCount.ShouldBe(table.InDoubt.Count, $"seed {seed}, {threads} threads:{Environment.NewLine}{Named(history)}");
        }
    }

    /// <summary>A claim shows as its type alone; which one it is tells its number.</summary>
    private static string Named(History<ClaimCall> history)
    {
        var claims = history.Calls.Select(call => call.Said).OfType<Asked>().Select(asked => asked.Claim).OfType<Claim>().Distinct().ToList();
        return string.Join(Environment.NewLine, history.Calls.Select(call => ClaimShown().Replace(call.ToString(), $"Claim = #{claims.IndexOf(ClaimOf(call.Said)!)}")));
    }

    private static Claim? ClaimOf(ClaimCall call) => call switch
    {
        Asked { Claim: var claim } => claim,
        Found { Claim: var claim } => claim,
        _ => (Claim?)call.GetType().GetProperty(nameof(Claim))!.GetValue(call),
    };

    [GeneratedRegex(@"Claim = ExchangeResilience\.Claim\b")]
    private static partial Regex ClaimShown();

    /// <summary>One thread: it sends orders, loses some, looks for the truth of those it has met, and hears verdicts.</summary>
    private sealed class Party(int thread, Random random, ClaimTable table, History<ClaimCall> history)
    {
        private readonly List<Claim> _met = [];
        private Claim? _own;

        public void Act(int calls)
        {
            for (var i = 0; i < calls; i++)
            {
                Thread.SpinWait(random.Next(60));
                if (_own is { } own && random.Next(3) > 0)
                {
                    GoOnWith(own);
                }
                else if (_met.Count > 0 && random.Next(2) == 0)
                {
                    LookAfter(_met[random.Next(_met.Count)]);
                }
                else
                {
                    Ask(Orders[random.Next(Orders.Length)]);
                }
            }
        }

        private void Ask((string Id, string Terms, bool IdIsGenerated) order)
        {
            var asked = (Asked)history.Record(thread, () =>
            {
                var grant = table.TryClaim(new ClaimKey("live", "account", "BTCUSDT", OperationKind.Place, order.Id), Operations[(order.Id, order.Terms)], Origin, Options);
                return new Asked(order.Id, order.Terms, order.IdIsGenerated, grant.Answer, grant.Claim);
            });

            if (asked.Claim is { } claim)
            {
                if (asked.Answer == ClaimAnswer.Go)
                {
                    Release();
                    _own = claim;
                }
                else
                {
                    _met.Add(claim);
                }
            }
        }

        private void GoOnWith(Claim claim)
        {
            switch (claim.State)
            {
                case ClaimState.InFlight when random.Next(3) == 0:
                    Judge(claim, Any());
                    break;
                case ClaimState.InFlight:
                    history.Record(thread, () => new Doubted(claim, table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null)));
                    break;
                case ClaimState.InDoubt when claim.Finding is { IsCompletedSuccessfully: true } finding:
                    var found = finding.GetAwaiter().GetResult().Execution;
                    if (found == ExecutionStatus.NotExecuted && random.Next(2) == 0)
                    {
                        history.Record(thread, () =>
                        {
                            table.Resume(claim);
                            return new Resumed(claim);
                        });
                    }
                    else
                    {
                        Judge(claim, found);
                    }

                    break;
                case ClaimState.InDoubt:
                    Release();
                    break;
                default:
                    Hear(claim);
                    _own = null;
                    break;
            }
        }

        private void LookAfter(Claim claim)
        {
            switch (random.Next(4))
            {
                case 0 when claim.Verdict.IsCompleted:
                    Hear(claim);
                    break;
                case 1:
                    history.Record(thread, () => new Seen(claim, claim.State));
                    break;
                case 2:
                    history.Record(thread, () => new Found(claim.Key.Id, table.FindPlace("live", "account", "BTCUSDT", claim.Key.Id)));
                    break;
                default:
                    var execution = Any();
                    history.Record(thread, () => new Concluded(claim, execution, table.TryConclude(claim, new Verdict(execution, null, null, "found"))));
                    break;
            }
        }

        private void Judge(Claim claim, ExecutionStatus execution) => history.Record(thread, () =>
        {
            table.Settle(claim, new Verdict(execution, null, null, "told"));
            return new Judged(claim, execution);
        });

        private void Hear(Claim claim) => history.Record(thread, random.Next(2) == 0
            ? () =>
            {
                table.End(claim);
                return new Heard(claim);
            }
            : () =>
            {
                table.KeepUnheard(claim);
                return new Missed(claim);
            });

        // Whoever leaves an order in doubt leaves it to others.
        private void Release()
        {
            if (_own is { } own)
            {
                _own = null;
                _met.Add(own);
                history.Record(thread, () =>
                {
                    table.OwnerLeaves(own);
                    return new Abandoned(own);
                });
            }
        }

        private ExecutionStatus Any() => random.Next(2) == 0 ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;
    }
}
