namespace ExchangeResilience.Tests;

public sealed class ExchangeClockTests
{
    private static readonly TimeSpan Hourly = TimeSpan.FromHours(1);

    private readonly ClockTestTime _time = new();
    private readonly ExchangeClock _clock;

    public ExchangeClockTests() => _clock = new ExchangeClock("live", _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Before_the_first_measurement_the_local_clock_is_all_there_is()
    {
        _clock.IsSynchronised.ShouldBeFalse();
        _clock.Generation.ShouldBe(0);
        _clock.NowMs.ShouldBe(ClockTestTime.Start.ToUnixTimeMilliseconds());
        _clock.StampMs.ShouldBe(_clock.NowMs);
        _clock.Offset.ShouldBe(TimeSpan.Zero);
        _clock.Uncertainty.ShouldBe(TimeSpan.MaxValue);
        _clock.SynchronisedAt.ShouldBeNull();
        _clock.NeedsSync(Hourly).ShouldBeTrue();
    }

    [Theory]
    [InlineData(-90_000)]
    [InlineData(0)]
    [InlineData(90_000)]
    [InlineData(-94_608_000_000)] // The local clock is three years ahead.
    public async Task One_sample_takes_over_the_exchanges_time(long offsetMs)
    {
        var exchange = new Exchange(_time, offsetMs);

        await SynchroniseAsync(exchange.Answering(up: 10, down: 10));

        _clock.IsSynchronised.ShouldBeTrue();
        _clock.Generation.ShouldBe(1);
        _clock.NowMs.ShouldBe(exchange.NowMs);
        _clock.StampMs.ShouldBe(exchange.NowMs - 10);
        _clock.Offset.TotalMilliseconds.ShouldBe(offsetMs, tolerance: 1);
        _clock.Uncertainty.ShouldBe(TimeSpan.FromMilliseconds(10.5));
        _clock.SynchronisedAt!.Value.ToUnixTimeMilliseconds().ShouldBe(exchange.NowMs);
        _clock.NeedsSync(Hourly).ShouldBeFalse();
    }

    [Fact]
    public async Task A_reading_holds_one_measurement()
    {
        await SynchroniseAsync(new Exchange(_time, 5_000).Answering(up: 3, down: 4));

        _clock.Read().ShouldBe(new ClockReading(_clock.NowMs, _clock.StampMs, _clock.Generation));
    }

    [Fact]
    public async Task A_stamp_never_leads_the_exchange_and_lags_no_more_than_the_round_trip_whatever_its_split()
    {
        var random = new Random(20260301);
        for (var i = 0; i < 2_000; i++)
        {
            var time = new ClockTestTime();
            var clock = new ExchangeClock("live", time);
            time.Advance(TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerSecond)));
            var exchange = new Exchange(time, random.Next(-1_000_000, 1_000_000) + random.NextDouble());
            var up = random.NextDouble() * random.Next(1, 5_000);
            var down = random.NextDouble() * random.Next(1, 5_000);

            await clock.SynchroniseAsync(exchange.Answering(up, down), 0, Token);
            time.Advance(TimeSpan.FromTicks(random.NextInt64(Hourly.Ticks)));

            clock.StampMs.ShouldBeLessThanOrEqualTo(exchange.NowMs, $"case {i}");
            clock.StampMs.ShouldBeGreaterThanOrEqualTo(exchange.NowMs - (long)(up + down) - 2, $"case {i}");
            Math.Abs(clock.NowMs - exchange.NowMs).ShouldBeLessThanOrEqualTo((long)clock.Uncertainty.TotalMilliseconds + 1, $"case {i}");
        }
    }

    [Fact]
    public async Task Time_at_the_exchange_goes_on_by_the_monotonic_clock_whatever_happens_to_the_wall_clock()
    {
        var exchange = new Exchange(_time, 700);
        await SynchroniseAsync(exchange.Answering(up: 5, down: 5));

        _time.Advance(TimeSpan.FromMinutes(7));
        _time.StepWall(TimeSpan.FromDays(-400));

        _clock.NowMs.ShouldBe(exchange.NowMs);
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(-2_000)]
    [InlineData(501)]
    public async Task A_step_of_the_wall_clock_asks_for_a_measurement_until_one_was_made(int stepMs)
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 5, down: 5));

        _time.StepWall(TimeSpan.FromMilliseconds(stepMs));

        _clock.NeedsSync(Hourly).ShouldBeTrue();
        _clock.NeedsSync(Hourly).ShouldBeTrue();
        await SynchroniseAsync(exchange.Answering(up: 5, down: 5));
        _clock.NeedsSync(Hourly).ShouldBeFalse();
    }

    [Fact]
    public async Task A_step_while_the_measurement_is_on_its_way_asks_for_another()
    {
        await SynchroniseAsync(async token =>
        {
            var sample = await new Exchange(_time, 0).Answering(up: 5, down: 5)(token);
            _time.StepWall(TimeSpan.FromMinutes(10)); // The machine slept on the way, its monotonic clock with it.
            return sample;
        });

        _clock.NeedsSync(Hourly).ShouldBeTrue();
    }

    [Fact]
    public async Task Slewing_is_no_step()
    {
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));

        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(60));
            _time.StepWall(TimeSpan.FromMilliseconds(30));
            _clock.NeedsSync(Hourly).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task The_interval_runs_by_the_monotonic_clock()
    {
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));

        _time.Advance(Hourly - TimeSpan.FromTicks(1));
        _clock.NeedsSync(Hourly).ShouldBeFalse();
        _time.Advance(TimeSpan.FromTicks(1));
        _clock.NeedsSync(Hourly).ShouldBeTrue();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1_772_366_400)] // Seconds.
    [InlineData(1_772_366_400_000_000)] // Microseconds.
    [InlineData(32_503_680_000_000)] // The year 3000.
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task An_absurd_time_is_refused_and_changes_nothing(long serverMs)
    {
        await SynchroniseAsync(new Exchange(_time, 1_000).Answering(up: 5, down: 5));
        var before = _clock.Read();

        await Should.ThrowAsync<ClockSampleRefusedException>(SynchroniseAsync(_ => Task.FromResult(Sample(serverMs, roundTripMs: 0))));

        _clock.Read().ShouldBe(before);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public async Task A_round_trip_must_be_possible_and_no_longer_than_ten_seconds(int roundTripMs, bool accepted)
    {
        var synchronising = SynchroniseAsync(_ => Task.FromResult(Sample(ClockTestTime.Start.ToUnixTimeMilliseconds(), roundTripMs)));

        if (accepted)
        {
            await synchronising;
        }
        else
        {
            await Should.ThrowAsync<ClockSampleRefusedException>(synchronising);
        }

        _clock.IsSynchronised.ShouldBe(accepted);
    }

    [Fact]
    public async Task Fifty_callers_share_one_question()
    {
        var answer = new TaskCompletionSource<ClockSample>();
        var asked = 0;
        var callers = Enumerable.Range(0, 50)
            .Select(_ => Task.Run(
                () => _clock.SynchroniseAsync(
                    _ =>
                    {
                        Interlocked.Increment(ref asked);
                        return answer.Task;
                    },
                    0,
                    Token),
                Token))
            .ToArray();

        answer.SetResult(Sample(ClockTestTime.Start.ToUnixTimeMilliseconds(), roundTripMs: 1));
        await Task.WhenAll(callers);

        asked.ShouldBe(1);
        _clock.Generation.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_whose_stamp_is_older_than_the_measurement_is_served_without_a_question()
    {
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));

        _clock.IsNews(0).ShouldBeFalse();
        await _clock.SynchroniseAsync(_ => throw new InvalidOperationException("asked"), 0, Token);

        _clock.IsNews(1).ShouldBeTrue();
        await _clock.SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5), 1, Token);
        _clock.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_is_shared_and_the_next_call_asks_again()
    {
        var answer = new TaskCompletionSource<ClockSample>();
        var first = SynchroniseAsync(_ => answer.Task);
        var second = SynchroniseAsync(_ => throw new InvalidOperationException("asked twice"));

        answer.SetException(new HttpRequestException("no route"));

        (await Should.ThrowAsync<HttpRequestException>(first)).Message.ShouldBe("no route");
        (await Should.ThrowAsync<HttpRequestException>(second)).Message.ShouldBe("no route");
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));
        _clock.Generation.ShouldBe(1);
    }

    [Fact]
    public async Task A_question_that_throws_before_it_waits_fails_like_any_other()
    {
        await Should.ThrowAsync<InvalidOperationException>(SynchroniseAsync(_ => throw new InvalidOperationException()));
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));
    }

    [Fact]
    public async Task The_first_caller_may_leave_without_taking_the_answer_from_the_others()
    {
        var answer = new TaskCompletionSource<ClockSample>();
        var handed = CancellationToken.None;
        using var impatience = new CancellationTokenSource();
        var first = _clock.SynchroniseAsync(
            token =>
            {
                handed = token;
                return answer.Task;
            },
            0,
            impatience.Token);
        var second = SynchroniseAsync(_ => throw new InvalidOperationException("asked twice"));

        await impatience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(first);
        handed.IsCancellationRequested.ShouldBeFalse();
        answer.SetResult(Sample(ClockTestTime.Start.ToUnixTimeMilliseconds(), roundTripMs: 1));
        await second;
        _clock.IsSynchronised.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_does_not_come_is_given_up_after_ten_seconds_as_a_failure(bool heedsCancellation)
    {
        var synchronising = SynchroniseAsync(token =>
            heedsCancellation ? new TaskCompletionSource<ClockSample>().Task.WaitAsync(token) : new TaskCompletionSource<ClockSample>().Task);

        _time.Advance(TimeSpan.FromSeconds(9.999));
        synchronising.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await Should.ThrowAsync<ClockSampleRefusedException>(synchronising.WaitAsync(TimeSpan.FromSeconds(30), Token))).Message.ShouldContain("no answer");
        await SynchroniseAsync(new Exchange(_time, 0).Answering(up: 5, down: 5));
    }

    [Fact]
    public async Task Refining_keeps_the_shortest_round_trip()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 400, down: 10));

        await _clock.StartRefine(exchange.AnsweringInTurn((90, 90), (3, 4), (60, 60)), samples: 3);

        _clock.Uncertainty.ShouldBe(TimeSpan.FromMilliseconds(4));
        _clock.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task Refining_leaves_a_fresh_measurement_that_is_better_and_replaces_an_old_one()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 1, down: 1));

        await _clock.StartRefine(exchange.AnsweringInTurn((20, 20)), samples: 1);
        _clock.Generation.ShouldBe(1);

        _time.Advance(Hourly);
        await _clock.StartRefine(exchange.AnsweringInTurn((20, 20)), samples: 1);
        _clock.Generation.ShouldBe(2);
        _clock.NeedsSync(Hourly).ShouldBeFalse();
    }

    [Fact]
    public async Task A_measurement_that_says_too_little_asks_for_another_soon_and_ever_later_while_none_says_more()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 3_000, down: 3_000));
        await _clock.StartRefine(exchange.AnsweringInTurn((2_000, 2_000)), samples: 1);
        _clock.NeedsSync(Hourly).ShouldBeFalse("it was just tried");

        foreach (var seconds in (int[])[10, 20, 40])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds - 1));
            _clock.NeedsSync(Hourly).ShouldBeFalse();
            _time.Advance(TimeSpan.FromSeconds(1));
            _clock.NeedsSync(Hourly).ShouldBeTrue();
            await _clock.StartRefine(exchange.AnsweringInTurn((2_000, 2_000)), samples: 1);
        }

        _time.Advance(Hourly);
        await _clock.StartRefine(exchange.AnsweringInTurn((500, 499)), samples: 1);
        _clock.Uncertainty.ShouldBe(TimeSpan.FromMilliseconds(500));
        _time.Advance(Hourly - TimeSpan.FromTicks(1));
        _clock.NeedsSync(Hourly).ShouldBeFalse();
    }

    [Fact]
    public async Task A_measurement_that_says_too_little_is_tried_again_no_later_than_the_interval()
    {
        var exchange = new Exchange(_time, 0);
        for (var tries = 0; tries < 40; tries++)
        {
            await _clock.StartRefine(exchange.AnsweringInTurn((2_000, 2_000)), samples: 1);
            _time.Advance(Hourly);
            _clock.NeedsSync(Hourly).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_measurement_that_says_too_little_does_not_take_the_place_of_a_good_one_and_is_not_repeated_at_once()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 5, down: 5));
        _time.Advance(Hourly);

        await _clock.StartRefine(exchange.AnsweringInTurn((2_000, 2_000)), samples: 1);

        _clock.Generation.ShouldBe(1);
        _clock.NeedsSync(Hourly).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(10));
        _clock.NeedsSync(Hourly).ShouldBeTrue();
    }

    [Fact]
    public async Task A_measurement_that_replies_contradict_gives_way_to_any()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 5, down: 5));
        _time.Advance(TimeSpan.FromMinutes(2));
        _clock.Contradict(_clock.Measurement.ShouldNotBeNull());

        await _clock.StartRefine(exchange.AnsweringInTurn((2_000, 2_000)), samples: 1);

        _clock.IsContradicted.ShouldBeFalse();
        _clock.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task Refining_after_a_step_replaces_even_a_better_measurement()
    {
        var exchange = new Exchange(_time, 0);
        await SynchroniseAsync(exchange.Answering(up: 1, down: 1));
        _time.StepWall(TimeSpan.FromSeconds(5));

        await _clock.StartRefine(exchange.AnsweringInTurn((20, 20)), samples: 1);

        _clock.NeedsSync(Hourly).ShouldBeFalse();
    }

    [Fact]
    public async Task Refining_runs_once_at_a_time_and_keeps_nobody_waiting()
    {
        var answer = new TaskCompletionSource<ClockSample>();
        var asked = 0;
        Task<ClockSample> Ask(CancellationToken token)
        {
            asked++;
            return answer.Task;
        }

        var refining = _clock.StartRefine(Ask, samples: 1);
        _clock.StartRefine(Ask, samples: 1).IsCompletedSuccessfully.ShouldBeTrue();

        refining.IsCompleted.ShouldBeFalse();
        asked.ShouldBe(1);
        answer.SetResult(Sample(ClockTestTime.Start.ToUnixTimeMilliseconds(), roundTripMs: 1));
        await refining;
        _clock.IsSynchronised.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refinement_that_fails_uses_what_it_has_asks_no_further_and_pauses()
    {
        var exchange = new Exchange(_time, 0);
        var answers = exchange.AnsweringInTurn((5, 5));
        var asked = 0;
        Task<ClockSample> AskTwiceAtMost(CancellationToken token) => ++asked == 1 ? answers(token) : throw new HttpRequestException();

        await _clock.StartRefine(AskTwiceAtMost, samples: 5);

        asked.ShouldBe(2);
        _clock.Generation.ShouldBe(1);
        await _clock.StartRefine(AskTwiceAtMost, samples: 5);
        asked.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(10));
        await _clock.StartRefine(AskTwiceAtMost, samples: 5);
        asked.ShouldBe(3);
    }

    [Fact]
    public void A_failure_is_told_by_one_of_those_it_met_and_again_after_a_minute()
    {
        _clock.NoteFailure().ShouldBeTrue();
        _clock.NoteFailure().ShouldBeFalse();
        _clock.HasFailedLately.ShouldBeTrue();

        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        _clock.HasFailedLately.ShouldBeFalse();
        _clock.NoteFailure().ShouldBeFalse();

        _time.Advance(TimeSpan.FromTicks(1));
        _clock.NoteFailure().ShouldBeTrue();
        _clock.NoteFailure().ShouldBeFalse();
    }

    [Fact]
    public async Task A_refinement_asks_as_often_as_it_is_told_and_may_be_followed_by_another()
    {
        var exchange = new Exchange(_time, 0);
        var answers = exchange.AnsweringInTurn((5, 5), (5, 5), (5, 5), (5, 5), (5, 5));
        var asked = 0;
        Task<ClockSample> Counted(CancellationToken token)
        {
            asked++;
            return answers(token);
        }

        await _clock.StartRefine(Counted, samples: 3);
        asked.ShouldBe(3);
        _clock.HasFailedLately.ShouldBeFalse();

        await _clock.StartRefine(Counted, samples: 2);
        asked.ShouldBe(5);
    }

    [Theory]
    [InlineData(1_483_228_799_999, 0, "1483228799999 is not a time in milliseconds between 2017 and 2100")]
    [InlineData(4_102_444_800_000, 0, "4102444800000 is not a time in milliseconds between 2017 and 2100")]
    [InlineData(1_700_000_000_000, -1, "received before")]
    [InlineData(1_700_000_000_000, 10_001, "longer than 10 s")]
    public async Task A_refusal_says_what_cannot_be_true(long serverMs, int roundTripMs, string reason) =>
        (await Should.ThrowAsync<ClockSampleRefusedException>(() => SynchroniseAsync(_ => Task.FromResult(Sample(serverMs, roundTripMs))))).Message.ShouldContain(reason);

    [Theory]
    [InlineData(1_483_228_800_000)]
    [InlineData(4_102_444_799_999)]
    public async Task The_first_and_the_last_time_that_can_be_true_are_taken(long serverMs)
    {
        await SynchroniseAsync(_ => Task.FromResult(Sample(serverMs, roundTripMs: 0)));

        _clock.IsSynchronised.ShouldBeTrue();
    }

    [Fact]
    public void Each_environment_has_one_clock()
    {
        var clocks = new ExchangeClocks(_time);

        clocks.Of("live").ShouldBeSameAs(clocks.Of("LIVE"));
        clocks.Of("testnet").ShouldNotBeSameAs(clocks.Of("live"));
        clocks.All.Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_measurement_that_confirms_the_clock_serves_for_a_while_that_grows_to_a_minute()
    {
        var exchange = new Exchange(_time, 5_000);
        await SynchroniseAsync(exchange.Answering(0, 0));
        _clock.IsJustConfirmed(null).ShouldBeFalse("there was none before it");

        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            await SynchroniseAsync(exchange.Answering(0, 0));
            _clock.IsJustConfirmed(null).ShouldBeTrue();
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            _clock.IsJustConfirmed(null).ShouldBeTrue();
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _clock.IsJustConfirmed(null).ShouldBeFalse();
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        await SynchroniseAsync(exchange.Answering(0, 0));
        _time.Advance(TimeSpan.FromSeconds(1));
        _clock.IsJustConfirmed(null).ShouldBeFalse("what was long ago says nothing about today");
    }

    [Fact]
    public async Task A_measurement_that_moves_the_clock_confirms_nothing()
    {
        await SynchroniseAsync(new Exchange(_time, 0).Answering(0, 0));
        await SynchroniseAsync(new Exchange(_time, 0).Answering(0, 0));
        _clock.IsJustConfirmed(null).ShouldBeTrue();

        await SynchroniseAsync(new Exchange(_time, 1_000).Answering(0, 0));

        _clock.IsJustConfirmed(null).ShouldBeFalse();
    }

    [Theory]
    [InlineData(-2_400, true)]
    [InlineData(-2_600, false)]
    [InlineData(400, true)]
    [InlineData(600, false)]
    public async Task A_confirmation_does_not_serve_for_a_refusal_that_bears_another_time(int milliseconds, bool serves)
    {
        var exchange = new Exchange(_time, 5_000);
        await SynchroniseAsync(exchange.Answering(0, 0));
        await SynchroniseAsync(exchange.Answering(0, 0));

        _clock.IsJustConfirmed(DateTimeOffset.FromUnixTimeMilliseconds(exchange.NowMs + milliseconds)).ShouldBe(serves);
        _time.StepWall(TimeSpan.FromHours(1));
        _clock.IsJustConfirmed(null).ShouldBeFalse("the machine may have been suspended");
    }

    private Task SynchroniseAsync(Func<CancellationToken, Task<ClockSample>> ask) => _clock.SynchroniseAsync(ask, _clock.Generation, Token);

    private ClockSample Sample(long serverMs, int roundTripMs)
    {
        var now = _time.GetTimestamp();
        return new ClockSample(serverMs, now, now + (roundTripMs * _time.TimestampFrequency / 1_000));
    }

    /// <summary>The other side: its clock differs from the first wall clock by a fixed offset, and knows no steps.</summary>
    private sealed class Exchange(ClockTestTime time, double offsetMs)
    {
        private readonly long _started = time.GetTimestamp();
        private readonly long _startedTicks = time.GetUtcNow().Ticks + (long)(offsetMs * TimeSpan.TicksPerMillisecond);

        public long NowMs => new DateTimeOffset(_startedTicks + time.GetElapsedTime(_started).Ticks, TimeSpan.Zero).ToUnixTimeMilliseconds();

        public Func<CancellationToken, Task<ClockSample>> Answering(double up, double down) => AnsweringInTurn((up, down));

        public Func<CancellationToken, Task<ClockSample>> AnsweringInTurn(params (double Up, double Down)[] trips)
        {
            var next = 0;
            return _ =>
            {
                var (up, down) = trips[next++];
                var sent = time.GetTimestamp();
                time.Advance(TimeSpan.FromMilliseconds(up));
                var answer = NowMs;
                time.Advance(TimeSpan.FromMilliseconds(down));
                return Task.FromResult(new ClockSample(answer, sent, time.GetTimestamp()));
            };
        }
    }
}
