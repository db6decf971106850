using System.Collections.Concurrent;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What must hold of claims however many want the same orders at once.</summary>
[Collection(nameof(Stress))]
public sealed class ClaimLoadTests
{
    private const int Ids = 5;
    private const int Crowd = 8;

    [Fact]
    public void An_order_has_one_sender_at_a_time_and_everybody_who_joins_one_hears_its_verdict()
    {
        using var crew = new Crew(Crowd);
        var orders = Enumerable.Range(0, Ids).Select(static id => ClaimWorld.Place($"{id}")).ToArray();
        for (var seed = 1; seed <= 30; seed++)
        {
            var world = new ClaimWorld();
            var senders = new int[Ids];
            var lost = new ConcurrentQueue<(Claim Claim, int Id)>();
            var joined = new ConcurrentQueue<Claim>();
            crew.Run(thread =>
            {
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < 500; i++)
                {
                    var id = random.Next(Ids);
                    Call(id, random);
                    if (random.Next(3) == 0 && lost.TryDequeue(out var doubtful))
                    {
                        Find(doubtful, random);
                    }
                }
            });

            while (lost.TryDequeue(out var left))
            {
                Find(left, new Random(seed));
            }

            joined.ShouldNotBeEmpty();
            joined.Count(claim => !claim.Verdict.IsCompletedSuccessfully).ShouldBe(0, $"seed {seed}");
            world.Table.InDoubtCount.ShouldBe(0, $"seed {seed}");
            world.Table.InDoubt.ShouldBeEmpty($"seed {seed}");
            world.Pass(TimeSpan.FromHours(25));
            orders.ShouldAllBe(order => world.IsNew(order), $"seed {seed}");
            world.PassQuietly();
            world.Table.Count.ShouldBe(0, $"seed {seed}");

            void Call(int id, Random random)
            {
                var call = world.Enter(orders[id]);
                var (answer, claim) = world.Ask(world.SendOf(orders[id]), orders[id]);
                if (answer == ClaimAnswer.Join)
                {
                    joined.Enqueue(claim!);
                    if (claim!.IsSettled && random.Next(2) == 0)
                    {
                        world.Tell(call, claim.Latest);
                    }
                    else
                    {
                        world.Cut(call);
                    }

                    return;
                }

                answer.ShouldBeOneOf(ClaimAnswer.Go, ClaimAnswer.TooLate);
                if (answer == ClaimAnswer.Go)
                {
                    Interlocked.Increment(ref senders[id]).ShouldBe(1, $"seed {seed}");
                    world.Table.TryLeave(call, claim!, static () => ClaimedRequest.Window).ShouldBeTrue();
                    Thread.SpinWait(random.Next(100));
                    if (random.Next(3) == 0)
                    {
                        // Nobody's, and still not free: that it is only for whoever finds out.
                        claim!.Attempts.Close(mayHaveWorked: true);
                        world.Table.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue($"seed {seed}");
                        lost.Enqueue((claim, id));
                    }
                    else
                    {
                        Interlocked.Decrement(ref senders[id]);
                        world.Settle(claim!, Any(random));
                    }
                }

                world.Cut(call);
            }

            void Find((Claim Claim, int Id) doubtful, Random random)
            {
                Interlocked.Decrement(ref senders[doubtful.Id]);
                world.Settle(doubtful.Claim, Any(random));
            }
        }
    }

    private static Verdict Any(Random random) => random.Next(2) == 0 ? ClaimWorld.Found : ClaimWorld.Absent;
}
