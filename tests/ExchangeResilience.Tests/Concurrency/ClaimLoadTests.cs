using System.Collections.Concurrent;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What must hold of claims however many want the same orders at once.</summary>
[Collection(nameof(Stress))]
public sealed class ClaimLoadTests
{
    private const int Keys = 5;
    private const int Crowd = 8;

    private static readonly ClaimOrigin Origin = new("futures", ExchangeVenue.BinanceUsdFutures, new Uri("https://fapi.test"), CanAsk: true);

    [Fact]
    public void An_order_has_one_owner_at_a_time_and_everybody_who_joins_one_hears_its_verdict()
    {
        using var crew = new Crew(Crowd);
        var time = new ManualTimeProvider();
        var operations = Enumerable.Range(0, Keys).Select(key => ClaimedRequest.Operation("POST /fapi/v1/order", $"symbol=BTCUSDT&newClientOrderId={key}&side=BUY")).ToArray();
        for (var seed = 1; seed <= 30; seed++)
        {
            var table = new ClaimTable(time, ClaimedRequest.NoJournal(time));
            var owners = new int[Keys];
            var doubtful = new ConcurrentQueue<(Claim Claim, bool IsOwned)>();
            var joined = new ConcurrentQueue<Claim>();
            crew.Run(thread =>
            {
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < 500; i++)
                {
                    var key = random.Next(Keys);
                    var grant = table.TryClaim(KeyOf(operations[key]), operations[key], Origin, new());
                    if (grant.Answer == ClaimAnswer.Join)
                    {
                        joined.Enqueue(grant.Claim!);
                    }
                    else
                    {
                        grant.Answer.ShouldBe(ClaimAnswer.Go);
                        Own(grant.Claim!, key, random);
                    }

                    if (random.Next(3) == 0 && doubtful.TryDequeue(out var lost))
                    {
                        Conclude(lost.Claim, lost.IsOwned, random);
                    }
                }
            });

            while (doubtful.TryDequeue(out var left))
            {
                Conclude(left.Claim, left.IsOwned, new Random(seed));
            }

            joined.ShouldNotBeEmpty();
            joined.Count(claim => !claim.Verdict.IsCompletedSuccessfully).ShouldBe(0, $"seed {seed}");
            table.InDoubtCount.ShouldBe(0, $"seed {seed}");
            table.InDoubt.ShouldBeEmpty($"seed {seed}");
            operations.ShouldAllBe(operation => table.TryClaim(KeyOf(operation), operation, Origin, new(), null).Answer == ClaimAnswer.Go, $"seed {seed}: what was heard is free");

            void Own(Claim claim, int key, Random random)
            {
                Interlocked.Increment(ref owners[key]).ShouldBe(1, $"seed {seed}");
                Thread.SpinWait(random.Next(100));
                switch (random.Next(3))
                {
                    // Nobody's, and still not free: that it is only for whoever finds out.
                    case 0:
                        table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue($"seed {seed}");
                        table.OwnerLeaves(claim);
                        doubtful.Enqueue((claim, IsOwned: true));
                        return;

                    // The truth is found while the owner leaves: whichever comes second settles the claim.
                    case 1:
                        Interlocked.Decrement(ref owners[key]);
                        table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue($"seed {seed}");
                        doubtful.Enqueue((claim, IsOwned: false));
                        Thread.SpinWait(random.Next(100));
                        table.OwnerLeaves(claim);
                        EndIfSettled(claim);
                        return;
                }

                Interlocked.Decrement(ref owners[key]);
                table.Settle(claim, Any(random));
                if (random.Next(2) == 0)
                {
                    table.KeepUnheard(claim);
                }

                table.End(claim);
            }

            void Conclude(Claim claim, bool isOwned, Random random)
            {
                if (isOwned)
                {
                    Interlocked.Decrement(ref owners[claim.Key.Id[0] - '0']);
                }

                table.TryConclude(claim, Any(random)).ShouldBeTrue($"seed {seed}");
                EndIfSettled(claim);
            }

            void EndIfSettled(Claim claim)
            {
                if (claim.Verdict.IsCompleted)
                {
                    table.End(claim);
                }
            }
        }
    }

    private static ClaimKey KeyOf(ExchangeOperation operation) => new("live", "account", "BTCUSDT", OperationKind.Place, operation.ClientOrderId!);

    private static Verdict Any(Random random) => new(random.Next(2) == 0 ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted, null, null, "found");
}
