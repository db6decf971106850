namespace ExchangeResilience.Tests.Traffic;

public sealed class UsageWindowTests
{
    private const long Start = 1_772_366_400_000; // 2026-03-01 12:00:00 UTC
    private readonly UsageWindow _minute = new(TimeSpan.FromMinutes(1));

    [Fact]
    public void What_is_reserved_never_exceeds_the_limit()
    {
        for (var i = 0; i < 240; i++)
        {
            _minute.TryReserve(10, 2400, 100, Start + 5000).ShouldBeTrue();
        }

        _minute.HasRoom(1, 2400, 100, Start + 5000).ShouldBeFalse();
        _minute.TryReserve(1, 2400, 100, Start + 5000).ShouldBeFalse();
        _minute.UsedAt(Start + 5000).ShouldBe(2400);
        _minute.Limit.ShouldBe(2400);
    }

    [Fact]
    public void A_share_of_the_limit_is_kept_from_those_who_may_not_use_it()
    {
        _minute.TryReserve(2352, 2400, 98, Start + 5000).ShouldBeTrue();
        _minute.TryReserve(1, 2400, 98, Start + 5000).ShouldBeFalse();
        _minute.TryReserve(48, 2400, 100, Start + 5000).ShouldBeTrue();
    }

    [Fact]
    public void A_new_window_starts_from_nothing()
    {
        _minute.TryReserve(2400, 2400, 100, Start + 5000).ShouldBeTrue();
        _minute.Settle(2400);
        _minute.TryReserve(2400, 2400, 100, Start + 60_000).ShouldBeTrue();
        _minute.Settle(2400);
        _minute.TryReserve(2400, 2400, 100, Start + 300_000).ShouldBeTrue();
    }

    [Fact]
    public void What_leaves_in_the_last_second_counts_in_the_next_window_too()
    {
        _minute.TryReserve(100, 2400, 100, Start + 58_999).ShouldBeTrue();
        _minute.TryReserve(30, 2400, 100, Start + 59_000).ShouldBeTrue();
        _minute.Settle(130);

        _minute.UsedAt(Start + 59_999).ShouldBe(130);
        _minute.UsedAt(Start + 60_000).ShouldBe(30);
        _minute.UsedAt(Start + 120_000).ShouldBe(0);
    }

    [Fact]
    public void What_is_unanswered_when_a_window_begins_counts_in_it()
    {
        _minute.TryReserve(100, 2400, 100, Start + 50_000).ShouldBeTrue();
        _minute.TryReserve(30, 2400, 100, Start + 55_000).ShouldBeTrue();
        _minute.Settle(100);

        _minute.UsedAt(Start + 60_000).ShouldBe(30);
        _minute.TryReserve(2371, 2400, 100, Start + 60_000).ShouldBeFalse();
        _minute.UsedAt(Start + 300_000).ShouldBe(30, "however many windows it takes");
        _minute.Settle(30);
        _minute.UsedAt(Start + 300_000).ShouldBe(0);
    }

    [Fact]
    public void A_figure_of_the_exchange_raises_and_never_lowers()
    {
        _minute.Observe(500, 0, Start + 5000, Start + 5000);
        _minute.UsedAt(Start + 5000).ShouldBe(500);

        _minute.Observe(400, 0, Start + 6000, Start + 6000);
        _minute.UsedAt(Start + 6000).ShouldBe(500);
    }

    [Fact]
    public void A_figure_our_own_count_explains_changes_nothing()
    {
        _minute.TryReserve(300, 2400, 100, Start + 5000);

        _minute.Observe(250, 10, Start + 5000, Start + 5000);

        _minute.UsedAt(Start + 5000).ShouldBe(300);
    }

    [Fact]
    public void A_figure_beyond_our_own_count_is_taken_with_what_is_still_on_its_way()
    {
        _minute.TryReserve(10, 2400, 100, Start + 5000);
        _minute.TryReserve(40, 2400, 100, Start + 5000);

        _minute.Observe(500, own: 10, Start + 5000, Start + 5000);
        _minute.UsedAt(Start + 5000).ShouldBe(540);

        _minute.Settle(10);
        _minute.Settle(40);
        _minute.Observe(600, own: 0, Start + 6000, Start + 6000);
        _minute.UsedAt(Start + 6000).ShouldBe(600);
    }

    [Fact]
    public void A_figure_of_an_older_window_does_not_count_in_the_new_one()
    {
        _minute.TryReserve(1, 2400, 100, Start + 61_000);

        _minute.Observe(2300, 0, Start + 59_000, Start + 61_500);

        _minute.UsedAt(Start + 61_500).ShouldBe(1);
    }

    [Fact]
    public void A_figure_stamped_just_after_the_turn_that_may_be_the_old_windows_is_not_believed()
    {
        _minute.TryReserve(2000, 2400, 100, Start + 5000);
        _minute.Settle(2000);

        _minute.Observe(2300, 0, Start + 60_000, Start + 60_300);
        _minute.UsedAt(Start + 60_300).ShouldBe(0);
        _minute.TryReserve(1, 2400, 100, Start + 60_300);
        _minute.Settle(1);
        _minute.Observe(2300, 0, Start + 60_000, Start + 60_300);
        _minute.UsedAt(Start + 60_300).ShouldBe(1);

        // Less than the old window had for certain: it is the new one's. A second later there is no doubt any more.
        _minute.Observe(700, 0, Start + 60_000, Start + 60_400);
        _minute.UsedAt(Start + 60_400).ShouldBe(700);
        _minute.Observe(2300, 0, Start + 61_000, Start + 61_000);
        _minute.UsedAt(Start + 61_000).ShouldBe(2300);
    }

    [Fact]
    public void A_date_ahead_of_the_estimate_opens_the_new_window()
    {
        _minute.TryReserve(2400, 2400, 100, Start + 5000);
        _minute.Settle(2400);
        _minute.Observe(700, 0, Start + 60_000, Start + 59_900);

        // A request whose clock reading is still of the old window counts in the new one, and once only.
        _minute.TryReserve(5, 2400, 100, Start + 59_950).ShouldBeTrue();
        _minute.UsedAt(Start + 61_000).ShouldBe(705);
        _minute.EndOfWindow(Start + 59_950).ShouldBe(Start + 120_000);
        _minute.Settle(5);
        _minute.UsedAt(Start + 120_000).ShouldBe(0);
    }

    [Theory]
    [InlineData(-3_600_000)]
    [InlineData(-55_000)]
    [InlineData(0)]
    [InlineData(55_000)]
    [InlineData(3_600_000)]
    public void A_clock_that_was_corrected_keeps_the_count_and_goes_on_from_there(int correction)
    {
        _minute.TryReserve(2400, 2400, 100, Start + 5000);
        _minute.Settle(2400);
        var corrected = new ExchangeInstant(Start + 5000 + correction, Corrections: 1);

        _minute.TryReserve(1, 2400, 100, corrected).ShouldBeFalse();
        _minute.UsedAt(corrected).ShouldBe(2400);

        _minute.TryReserve(1, 2400, 100, Start + 5000).ShouldBeFalse("a thread may have read the clock before");
        _minute.TryReserve(1, 2400, 100, corrected).ShouldBeFalse();
        _minute.TryReserve(1, 2400, 100, corrected with { Ms = corrected.Ms + 60_000 }).ShouldBeTrue();
    }

    [Fact]
    public void What_was_reserved_before_a_correction_is_not_given_back_after_it()
    {
        _minute.TryReserve(2400, 2400, 100, Start + 5000);
        _minute.TryReserve(1, 2400, 100, new ExchangeInstant(Start + 3_605_000, Corrections: 1)).ShouldBeFalse();

        _minute.Refund(1, Start + 5000);

        _minute.TryReserve(1, 2400, 100, new ExchangeInstant(Start + 3_605_000, Corrections: 1)).ShouldBeFalse();
    }

    [Fact]
    public void A_refund_gives_room_back_in_its_own_window_only()
    {
        _minute.TryReserve(2400, 2400, 100, Start + 59_500);
        _minute.Refund(400, Start + 59_500);
        _minute.UsedAt(Start + 59_500).ShouldBe(2000);
        _minute.UsedAt(Start + 60_000).ShouldBe(2000);

        _minute.TryReserve(10, 2400, 100, Start + 60_000);
        _minute.Refund(10, Start + 59_999);
        _minute.UsedAt(Start + 60_000).ShouldBe(2010);
    }

    [Fact]
    public void A_request_heavier_than_its_share_leaves_alone()
    {
        _minute.TryReserve(50, 40, 98, Start).ShouldBeTrue();
        _minute.TryReserve(50, 40, 98, Start).ShouldBeFalse();
        _minute.Settle(50);
        _minute.TryReserve(50, 40, 98, Start + 60_000).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_asked_is_nothing_waited_for_and_no_limit_is_no_wait()
    {
        _minute.TryReserve(2400, 2400, 100, Start);

        _minute.TryReserve(0, 2400, 98, Start).ShouldBeTrue();
        _minute.HasRoom(0, 2400, 98, Start).ShouldBeTrue();
        _minute.TryReserve(500, null, 98, Start).ShouldBeTrue();
        _minute.UsedAt(Start).ShouldBe(2900);
    }

    [Fact]
    public void A_count_beyond_what_can_be_counted_stops_nobody_who_has_no_limit()
    {
        for (var i = 0; i < 100; i++)
        {
            _minute.TryReserve(500_000, null, 98, Start + 59_500).ShouldBeTrue();
        }

        _minute.UsedAt(Start + 59_500).ShouldBe((1 << 24) - 1);
        _minute.UsedAt(Start + 60_000).ShouldBe((1 << 24) - 1);
    }

    [Fact]
    public void Any_sequence_agrees_with_the_plain_model()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var window = new UsageWindow(TimeSpan.FromSeconds(10));
            var used = new Dictionary<long, int>();
            var seen = new HashSet<long>();
            var now = Start + random.Next(10_000);
            for (var step = 0; step < 500; step++)
            {
                now += random.Next(8) == 0 ? random.Next(12_000) : random.Next(200);
                var id = now / 10_000;
                var before = used.GetValueOrDefault(id);
                switch (random.Next(4))
                {
                    case 0:
                        var figure = random.Next(350);
                        window.Observe(figure, 0, now, now);
                        var doubtful = now % 10_000 < 1000 && seen.Contains(id - 1) && figure >= used[id - 1];
                        used[id] = doubtful ? before : Math.Max(before, figure);
                        _ = used[id] > before && seen.Add(id);
                        break;
                    default:
                        var amount = random.Next(1, 20);
                        var granted = window.TryReserve(amount, 300, 100, now);
                        granted.ShouldBe(before + amount <= 300);
                        window.Settle(granted ? amount : 0);
                        used[id] = before + (granted ? amount : 0);
                        _ = granted && seen.Add(id);
                        if (granted && now % 10_000 >= 9_000)
                        {
                            used[id + 1] = used.GetValueOrDefault(id + 1) + amount;
                        }

                        break;
                }

                window.UsedAt(now).ShouldBe(used[id], $"seed {seed}, step {step}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Thirty_two_threads_together_use_the_limit_up_and_never_pass_it(int seed)
    {
        var window = new UsageWindow(TimeSpan.FromMinutes(1));
        long granted = 0;
        Threads.Run(32, index =>
        {
            var random = new Random((seed * 100) + index);
            for (var i = 0; i < 500; i++)
            {
                var amount = random.Next(1, 20);
                if (window.TryReserve(amount, 2400, 100, Start + 5000))
                {
                    Interlocked.Add(ref granted, amount);
                    window.UsedAt(Start + 5000).ShouldBeLessThanOrEqualTo(2400);
                    if (random.Next(4) == 0)
                    {
                        window.Refund(amount, Start + 5000);
                        Interlocked.Add(ref granted, -amount);
                    }
                }
            }

            while (window.TryReserve(1, 2400, 100, Start + 5000))
            {
                Interlocked.Increment(ref granted);
            }
        });

        granted.ShouldBe(2400);
        window.UsedAt(Start + 5000).ShouldBe(2400);
    }
}

internal static class Threads
{
    /// <summary>Starts all at once, waits for all, and throws what any of them threw.</summary>
    public static void Run(int count, Action<int> body)
    {
        using var start = new Barrier(count);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                body(index);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failures.ShouldBeEmpty();
    }
}
