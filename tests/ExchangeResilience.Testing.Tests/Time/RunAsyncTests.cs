using System.Diagnostics;

namespace ExchangeResilience.Testing.Tests.Time;

public sealed class RunAsyncTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Work_that_waits_long_is_done_soon_and_gives_its_result()
    {
        var real = Stopwatch.StartNew();

        var result = await _time.RunAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromHours(3), _time, CancellationToken.None).ConfigureAwait(false);
            return _time.Elapsed;
        });

        result.ShouldBe(TimeSpan.FromHours(3));
        real.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Time_does_not_move_for_work_that_needs_none()
    {
        await _time.RunAsync(async () =>
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(1), _time);
            for (var i = 0; i < 2000; i++)
            {
                await Task.Yield();
                timeout.Token.ThrowIfCancellationRequested();
            }
        });

        _time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Work_handed_from_thread_to_thread_never_meets_its_timeout()
    {
        for (var round = 0; round < 300; round++)
        {
            await _time.RunAsync(async () =>
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromTicks(1), _time);
                using var turn = new SemaphoreSlim(0);
                var inbox = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
                var child = Task.Run(async () =>
                {
                    Thread.SpinWait(200);
                    await Task.Yield();
                    ThreadPool.UnsafeQueueUserWorkItem(static s => s.SetResult(7), inbox, preferLocal: false);
                    await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                });
                var got = await inbox.Task.ConfigureAwait(false);
                turn.Release();
                await child.ConfigureAwait(false);
                await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Thread.SpinWait(500 * i)))).ConfigureAwait(false);
                got.ShouldBe(7);
                timeout.IsCancellationRequested.ShouldBeFalse();
            });
        }

        _time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Steps_come_by_the_thousand_each_second()
    {
        var real = Stopwatch.StartNew();

        await _time.RunAsync(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
            }
        });

        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(2000));
        real.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Parallel_work_keeps_the_order_of_its_timers()
    {
        var seen = new List<int>();
        await _time.RunAsync(() => Task.WhenAll(Enumerable.Range(1, 50).Reverse().Select(async i =>
        {
            await Task.Delay(TimeSpan.FromSeconds(i), _time, CancellationToken.None).ConfigureAwait(false);
            await Task.Yield();
            lock (seen)
            {
                seen.Add(i);
            }
        })));

        seen.ShouldBe(Enumerable.Range(1, 50));
    }

    [Fact]
    public async Task Work_under_way_is_driven_too()
    {
        var work = Task.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromMinutes(1), _time, CancellationToken.None).ConfigureAwait(false);
            await Task.Yield();
            await Task.Delay(TimeSpan.FromMinutes(1), _time, CancellationToken.None).ConfigureAwait(false);
        });

        await _time.RunAsync(work);

        _time.Elapsed.ShouldBe(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task The_works_own_failure_comes_through()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => _time.RunAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
            throw new InvalidOperationException("mine");
        }));

        failure.Message.ShouldBe("mine");
    }

    [Fact]
    public async Task The_works_own_cancellation_comes_through()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);

        await Should.ThrowAsync<OperationCanceledException>(() => _time.RunAsync(() => Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation.Token)));

        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Work_over_its_limit_fails_and_tells_the_time_reached()
    {
        var failure = await Should.ThrowAsync<TimeoutException>(() => _time.RunAsync(
            async () =>
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(40), _time, CancellationToken.None).ConfigureAwait(false);
                }
            },
            limit: TimeSpan.FromSeconds(100)));

        failure.Message.ShouldContain("00:01:20");
        failure.Message.ShouldContain("00:01:40");
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(80));
    }

    [Fact]
    public async Task Work_that_waits_for_no_timer_fails_after_the_patience_it_is_given()
    {
        _time.Patience = TimeSpan.FromMilliseconds(500);

        var failure = await Should.ThrowAsync<TimeoutException>(() => _time.RunAsync(() => new TaskCompletionSource().Task));

        failure.Message.ShouldContain("no timer is due");
    }

    [Fact]
    public async Task Work_that_blocks_a_thread_fails_after_the_patience_it_is_given()
    {
        _time.Patience = TimeSpan.FromMilliseconds(500);
        using var never = new ManualResetEventSlim();

        var failure = await Should.ThrowAsync<TimeoutException>(() => _time.RunAsync(() =>
        {
            never.Wait(CancellationToken.None);
            return Task.CompletedTask;
        }));

        never.Set();
        failure.Message.ShouldContain("busy");
    }

    [Fact]
    public async Task Something_from_outside_may_end_the_wait()
    {
        var outside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = _time.RunAsync(() => outside.Task);

        outside.SetResult();

        await run;
        _time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Settling_lets_work_run_up_to_its_next_wait()
    {
        var steps = 0;
        var work = Task.Run(async () =>
        {
            for (; steps < 3; steps++)
            {
                await Task.Yield();
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
            }
        });

        await _time.SettleAsync();
        (steps, _time.ActiveTimers).ShouldBe((0, 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await _time.SettleAsync();
        (steps, _time.ActiveTimers).ShouldBe((1, 1));

        await _time.RunAsync(work);
        steps.ShouldBe(3);
    }

    [Fact]
    public async Task A_wall_clock_stepped_meanwhile_changes_no_wait()
    {
        await _time.RunAsync(async () =>
        {
            var delay = Task.Delay(TimeSpan.FromSeconds(10), _time, CancellationToken.None);
            _time.StepWallClock(TimeSpan.FromHours(-1));
            await delay.ConfigureAwait(false);
        });

        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(10));
    }
}
