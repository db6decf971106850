using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Journal;

/// <summary>
/// What every journal must do, whatever it stands on. <see cref="OpenAnother"/> gives a further journal on the same store each time: as a restarted process would have, or another one
/// beside the first. To open it means a restart: where living processes share a store, whoever lived before is gone, and what they held is the new one's. Who writes about an entry after
/// that names the run that holds it, which the store may have changed.
/// </summary>
public abstract class OrderJournalContract : IAsyncDisposable
{
    private readonly List<IOrderJournal> _journals = [];

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task What_was_recorded_is_there_after_a_restart_whole()
    {
        var order = Order(1) with
        {
            OrderId = "8389765591",
            IdIsGenerated = true,
            IdIsTaken = true,
            CancelWanted = true,
            Attempts = [Attempt(0), Attempt(1), new(0, long.MaxValue, 60_000)],
            Trail = ["-2013 after 1 s", "-2013 after 6 s"],
            ReplyStatus = 200,
            Reply = "{\"orderId\":8389765591}"u8.ToArray(),
            ReplyMediaType = "application/json",
        };
        await RecordAsync(await OpenAsync(), order);

        var found = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();

        found.ToJson().ShouldBe((order with { Run = found.Run }).ToJson());
    }

    [Fact]
    public async Task A_new_journal_is_empty()
    {
        var contents = await OpenAnother().OpenAsync(None);

        contents.Entries.ShouldBeEmpty();
        contents.Holds.ShouldBeEmpty();
    }

    [Fact]
    public async Task To_look_an_order_up_writes_nothing()
    {
        var journal = await OpenAsync();

        (await journal.FindAsync(Order(1), None)).ShouldBeNull();

        (await OpenAnother().OpenAsync(None)).Entries.ShouldBeEmpty();
        await RecordAsync(journal, Order(1));
        (await journal.FindAsync(Order(1), None)).ShouldBeNull("an entry does not stand in its own way");
        (await journal.FindAsync(Order(1, "run2", "another"), None)).ShouldNotBeNull().Id.ShouldBe(Order(1).Id);
    }

    [Fact]
    public async Task What_is_unfinished_is_found_oldest_first_and_nothing_else()
    {
        var journal = await OpenAsync();
        foreach (var number in Enumerable.Range(1, 6))
        {
            await RecordAsync(journal, Order(7 - number));
        }

        await SettleAsync(journal, Order(6).Settled(JournalState.Executed));
        await SettleAsync(journal, Order(5).Settled(JournalState.NotExecuted));
        await SettleAsync(journal, Order(4).Settled(JournalState.NotExecuted, rechecksLeft: 2));
        await SettleAsync(journal, Order(3).Settled(JournalState.Unresolved));
        await RecordAsync(journal, Order(2) with { Attempts = [Attempt(0), Attempt(1)] });

        var found = (await OpenAnother().OpenAsync(None)).Entries;

        found.Select(entry => entry.Id).ShouldBe([Order(4).Id, Order(3).Id, Order(2).Id, Order(1).Id]);
        found.Select(entry => entry.State).ShouldBe([JournalState.NotExecuted, JournalState.Unresolved, JournalState.Open, JournalState.Open]);
    }

    [Fact]
    public async Task A_further_attempt_replaces_the_entry()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));

        await RecordAsync(journal, Order(1) with { Attempts = [Attempt(0), Attempt(1)], IdIsTaken = true });

        var found = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();
        (found.Attempts.Count, found.IdIsTaken).ShouldBe((2, true));
    }

    [Theory]
    [InlineData(JournalState.Executed)]
    [InlineData(JournalState.NotExecuted)]
    [InlineData(JournalState.Unresolved)]
    public async Task A_settled_entry_stands_in_the_way_of_its_own_next_attempt(JournalState state)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(state));

        var standing = await journal.RecordAsync(Order(1) with { Attempts = [Attempt(0), Attempt(1)] }, None);

        standing.ShouldNotBeNull().State.ShouldBe(state);
        standing.Attempts.Count.ShouldBe(1);
        await ShouldStandInTheWayAsync(journal, Order(1, id: "another"), state is JournalState.Unresolved ? state : null);
    }

    [Theory]
    [InlineData(JournalState.Open, "run1", true)]
    [InlineData(JournalState.Open, "run2", true)]
    [InlineData(JournalState.Unresolved, "run1", true)]
    [InlineData(JournalState.Unresolved, "run2", true)]
    [InlineData(JournalState.Executed, "run1", false)]
    [InlineData(JournalState.Executed, "run2", true)]
    [InlineData(JournalState.NotExecuted, "run1", false)]
    [InlineData(JournalState.NotExecuted, "run2", false)]
    public async Task The_newest_entry_of_the_same_key_stands_in_the_way_unless_it_did_nothing_or_this_run_knows_of_it(JournalState state, string run, bool standsInTheWay)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        if (state != JournalState.Open)
        {
            await SettleAsync(journal, Order(1).Settled(state));
        }

        await ShouldStandInTheWayAsync(OpenAnother(), Order(1, run, id: "another"), standsInTheWay ? state : null);
    }

    [Theory]
    [InlineData(JournalState.Open)]
    [InlineData(JournalState.Executed)]
    [InlineData(JournalState.Unresolved)]
    public async Task What_is_superseded_does_not_stand_in_the_way(JournalState state)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(state));

        await ShouldStandInTheWayAsync(journal, Order(1, "run2") with { Supersedes = Order(1).Id }, null);
    }

    [Fact]
    public async Task Superseding_an_older_entry_does_not_move_the_newest_out_of_the_way()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(JournalState.Executed));
        await RecordAsync(journal, Order(1, "run2") with { Supersedes = Order(1).Id });

        var standing = await journal.RecordAsync(Order(1, "run3") with { Supersedes = Order(1).Id }, None);

        standing.ShouldNotBeNull().Id.ShouldBe(Order(1, "run2").Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_executed_order_is_hidden_by_a_later_one_of_other_terms_unless_no_caller_has_its_verdict(bool heard)
    {
        var journal = await OpenAsync();
        var later = Order(1, id: Order(2).Id) with { Fingerprint = "of other terms", Supersedes = Order(1).Id };
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(JournalState.Executed) with { Heard = heard });
        await RecordAsync(journal, later);
        await SettleAsync(journal, later.Settled(JournalState.Executed));

        await ShouldStandInTheWayAsync(journal, Order(1, "run2") with { Supersedes = later.Id }, heard ? null : JournalState.Executed);
    }

    [Fact]
    public async Task Only_the_newest_counts()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(JournalState.Executed));
        await RecordAsync(journal, Order(1, "run2") with { Supersedes = Order(1).Id });
        await SettleAsync(journal, Order(1, "run2").Settled(JournalState.NotExecuted));

        await ShouldStandInTheWayAsync(journal, Order(1, "run3"), null);
    }

    [Theory]
    [InlineData("ETHUSDT", OperationKind.Place, "order-1")]
    [InlineData("", OperationKind.Place, "order-1")]
    [InlineData("BTCUSDT", OperationKind.Amend, "order-1")]
    [InlineData("BTCUSDT", OperationKind.Place, "Order-1")]
    public async Task Another_symbol_kind_or_id_is_another_order(string symbol, OperationKind kind, string id)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));

        await ShouldStandInTheWayAsync(journal, Order(1, "run2") with { Key = new("live", "main", symbol, kind, id) }, null);
    }

    [Theory]
    [InlineData("environment")]
    [InlineData("account's name")]
    [InlineData("account's name left out")]
    [InlineData("client")]
    [InlineData("host")]
    [InlineData("key of the same name")]
    [InlineData("key and name of the same code")]
    [InlineData("all of it")]
    public async Task Whatever_a_program_may_change_between_two_sends_an_order_stays_one_order(string changed)
    {
        var journal = await OpenAsync();
        var (sent, again) = (Known(1), Changed(Known(1, "run2"), changed));
        await RecordAsync(journal, sent);
        await ShouldStandInTheWayAsync(OpenAnother(), again, JournalState.Open);
        await SettleAsync(journal, sent.Settled(JournalState.Executed));
        await ShouldStandInTheWayAsync(OpenAnother(), again, JournalState.Executed);
        await RecordAsync(journal, again with { Supersedes = sent.Id });
        await SettleAsync(journal, (again with { Supersedes = sent.Id }).Settled(JournalState.NotExecuted));

        await ShouldStandInTheWayAsync(journal, Known(1, "run3"), null);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("key that is not the library's")]
    [InlineData("market")]
    [InlineData("family")]
    public async Task What_is_provably_another_accounts_or_another_familys_stands_in_nobodys_way(string changed)
    {
        var journal = await OpenAsync();
        var (one, other) = (Known(1), Changed(Known(1, "run2"), changed));
        await RecordAsync(journal, one);

        await RecordAsync(journal, other);
        await RecordAsync(journal, one with { Attempts = [Attempt(0), Attempt(1)] });
        await RecordAsync(journal, other with { Attempts = [Attempt(0), Attempt(1)] });

        await ShouldStandInTheWayAsync(journal, Known(1, "run3"), JournalState.Open, one.Id);
        await ShouldStandInTheWayAsync(journal, Changed(Known(1, "run3"), changed), JournalState.Open, other.Id);
    }

    [Theory]
    [InlineData("key and name")]
    [InlineData("key without a name")]
    [InlineData("nothing known")]
    public async Task What_cannot_be_told_apart_stands_in_the_way_until_it_did_nothing_or_is_superseded(string changed)
    {
        var journal = await OpenAsync();
        var (sent, other) = (Known(1), Changed(Known(1, "run2"), changed));
        await RecordAsync(journal, sent);
        await ShouldStandInTheWayAsync(journal, other, JournalState.Open);
        await SettleAsync(journal, sent.Settled(JournalState.Executed));
        await ShouldStandInTheWayAsync(journal, other, JournalState.Executed);

        await RecordAsync(journal, other with { Supersedes = sent.Id });
    }

    [Theory]
    [InlineData("main", null)]
    [InlineData("1111111111111111", null)]
    [InlineData("2222222222222222", "key of the same name")]
    [InlineData("another", "key without a name")]
    public async Task An_entry_of_an_earlier_version_is_known_by_its_one_word_for_the_account(string word, string? changed)
    {
        var journal = await OpenAsync();
        var early = Order(1) with { Key = Order(1).Key with { Account = word } };
        await RecordAsync(journal, early);

        await ShouldStandInTheWayAsync(journal, Changed(Known(1, "run2"), changed), JournalState.Open, early.Id);
        await SettleAsync(journal, early.Settled(JournalState.NotExecuted));

        await RecordAsync(journal, Changed(Known(1, "run2"), changed));
    }

    [Fact]
    public async Task Of_several_accounts_orders_of_one_name_each_meets_its_own()
    {
        var journal = await OpenAsync();
        var (one, other) = (Known(1), Changed(Known(1, "run2"), "code"));
        foreach (var entry in (JournalEntry[])[one, other])
        {
            await RecordAsync(journal, entry);
            await SettleAsync(journal, entry.Settled(JournalState.Executed));
        }

        await ShouldStandInTheWayAsync(journal, Changed(Known(1, "run3"), "all of it"), JournalState.Executed, one.Id);
        await RecordAsync(journal, Known(1, "run3") with { Supersedes = one.Id });
        await SettleAsync(journal, (Known(1, "run3") with { Supersedes = one.Id }).Settled(JournalState.NotExecuted));

        await RecordAsync(journal, Changed(Known(1, "run4"), "all of it"));
        await ShouldStandInTheWayAsync(journal, Changed(Known(1, "run4", "another"), "code"), JournalState.Executed, other.Id);
    }

    [Fact]
    public async Task An_id_that_two_accounts_use_again_and_again_is_each_ones_own()
    {
        var journal = await OpenAsync();
        foreach (var number in Enumerable.Range(1, 90))
        {
            // The one once, the other twice, and so on.
            var entry = Changed(Known(1, id: $"used{number}"), number % 3 == 1 ? null : "code");
            await RecordAsync(journal, entry);
            await SettleAsync(journal, entry.Settled(JournalState.Executed));
        }

        await ShouldStandInTheWayAsync(journal, Known(1, "run2"), JournalState.Executed, "used88");
        await ShouldStandInTheWayAsync(journal, Changed(Known(1, "run2"), "code"), JournalState.Executed, "used90");
        await RecordAsync(journal, Known(1, id: "another"));
    }

    [Fact]
    public async Task Nothing_is_written_where_something_stands_in_the_way()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await ShouldStandInTheWayAsync(journal, Order(1, "run2"), JournalState.Open);

        var found = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();

        found.Id.ShouldBe(Order(1).Id);
    }

    [Fact]
    public async Task An_entry_the_journal_does_not_hold_cannot_be_settled()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));

        (await journal.SettleAsync(Order(2).Settled(JournalState.Executed), None)).ShouldBeFalse();

        (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Order(1).Id);
    }

    [Fact]
    public async Task An_entry_with_attempts_unknown_to_the_judge_cannot_be_settled()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1) with { Attempts = [Attempt(0), Attempt(1)] });

        (await journal.SettleAsync(Order(1).Settled(JournalState.NotExecuted), None)).ShouldBeFalse();
        var found = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();
        found.State.ShouldBe(JournalState.Open);

        await SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted) with { Run = found.Run, Attempts = [Attempt(1), Attempt(0), Attempt(2)] });
        (await OpenAnother().OpenAsync(None)).Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(JournalState.Executed, JournalState.NotExecuted)]
    [InlineData(JournalState.Executed, JournalState.Open)]
    [InlineData(JournalState.Executed, JournalState.Unresolved)]
    [InlineData(JournalState.NotExecuted, JournalState.Executed)]
    [InlineData(JournalState.NotExecuted, JournalState.Open)]
    [InlineData(JournalState.NotExecuted, JournalState.Unresolved)]
    public async Task A_verdict_is_final(JournalState first, JournalState second)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(first));

        (await journal.SettleAsync(Order(1).Settled(second), None)).ShouldBeFalse();

        (await journal.RecordAsync(Order(1), None)).ShouldNotBeNull().State.ShouldBe(first);
    }

    [Theory]
    [InlineData(JournalState.Executed)]
    [InlineData(JournalState.NotExecuted)]
    public async Task What_was_unresolved_can_still_be_settled(JournalState verdict)
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(JournalState.Unresolved));

        await SettleAsync(journal, Order(1).Settled(verdict));

        (await OpenAnother().OpenAsync(None)).Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verdict_can_be_heard_and_asked_about_again()
    {
        var journal = await OpenAsync();
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted, rechecksLeft: 2) with { Heard = false });

        await SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted, rechecksLeft: 1));

        var found = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();
        (found.Heard, found.RechecksLeft).ShouldBe((true, 1));
        await SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted) with { Run = found.Run });
        (await OpenAnother().OpenAsync(None)).Entries.ShouldBeEmpty();
    }

    /// <summary>Of an order that an earlier run left in doubt, two processes may find the same verdict.</summary>
    [Fact]
    public async Task A_verdict_that_reached_a_caller_stays_that_runs_though_another_finds_it_too()
    {
        var journal = await OpenAsync();
        var found = Order(1).Settled(JournalState.Executed);
        await RecordAsync(journal, Order(1));
        await SettleAsync(journal, found with { Heard = true });

        await OpenAnother().SettleAsync(found with { Run = "run2", Heard = false }, None);

        (await journal.FindAsync(Order(1, "run3", id: "another"), None)).ShouldNotBeNull().Heard.ShouldBeTrue();
        await ShouldStandInTheWayAsync(journal, Order(1, id: "another"), null);
    }

    [Fact]
    public async Task Calls_about_one_entry_are_carried_out_in_the_order_they_were_made()
    {
        var journal = await OpenAsync();
        var calls = new List<Task<bool>>();
        foreach (var number in Enumerable.Range(1, 200))
        {
            calls.Add(WrittenAsync(journal.RecordAsync(Order(number), None)));
            calls.Add(journal.SettleAsync(Order(number) with { CancelWanted = true }, None).AsTask());
            calls.Add(WrittenAsync(journal.RecordAsync(Order(number) with { Attempts = [Attempt(0), Attempt(1)] }, None)));
            calls.Add(journal.SettleAsync(Order(number).Settled(JournalState.Executed) with { Attempts = [Attempt(0), Attempt(1)] }, None).AsTask());
        }

        (await Task.WhenAll(calls)).ShouldAllBe(wasWritten => wasWritten);
        (await OpenAnother().OpenAsync(None)).Entries.ShouldBeEmpty();

        static async Task<bool> WrittenAsync(ValueTask<JournalEntry?> call) => await call is null;
    }

    [Fact]
    public async Task Of_many_who_want_the_same_order_one_gets_it()
    {
        var journals = new[] { await OpenAsync(), OpenAnother(), OpenAnother() };
        var calls = Enumerable.Range(0, 60).Select(i => Task.Run(async () => await journals[i % 3].RecordAsync(Order(1, $"run{i}"), None)));

        var answers = await Task.WhenAll(calls);

        answers.Count(standing => standing is null).ShouldBe(1);
        var winner = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();
        answers.OfType<JournalEntry>().ShouldAllBe(standing => standing.Id == winner.Id);
    }

    [Fact]
    public async Task Of_many_who_want_the_same_order_under_other_names_one_gets_it()
    {
        var journals = new[] { await OpenAsync(), OpenAnother(), OpenAnother() };
        string[] changes = ["environment", "account's name", "client", "host", "key and name of the same code", "all of it"];
        var calls = Enumerable.Range(0, 60).Select(i => Task.Run(async () => await journals[i % 3].RecordAsync(Changed(Known(1, $"run{i}"), changes[i % changes.Length]), None)));

        var answers = await Task.WhenAll(calls);

        answers.Count(standing => standing is null).ShouldBe(1);
        var winner = (await OpenAnother().OpenAsync(None)).Entries.ShouldHaveSingleItem();
        answers.OfType<JournalEntry>().ShouldAllBe(standing => standing.Id == winner.Id);
    }

    /// <summary>Runs fight for the same few orders, and again for what did nothing: whoever was told that it may send is alone until it has said what became of it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task However_many_write_at_once_an_order_is_one_runs_and_a_verdict_the_first(int seed)
    {
        const int Runs = 8, Orders = 4, Rounds = 25;
        var journals = new[] { await OpenAsync(), OpenAnother(), OpenAnother() };
        var (owners, won) = (new int[Orders], 0);
        var verdicts = new System.Collections.Concurrent.ConcurrentDictionary<string, JournalState>(StringComparer.Ordinal);

        await Task.WhenAll(Enumerable.Range(0, Runs).Select(run => Task.Run(() => FightAsync(run, journals[run % journals.Length]))));

        verdicts.Values.Distinct().Count().ShouldBe(2, $"seed {seed}");
        foreach (var number in Enumerable.Range(0, Orders))
        {
            // The last that had it executed it, or it is free.
            var standing = await journals[0].RecordAsync(Order(number, "last"), None);
            standing?.State.ShouldBe(JournalState.Executed, $"seed {seed}");
            owners[number].ShouldBe(standing is null ? 0 : 1, $"seed {seed}");
            (standing is null || verdicts[standing.Id] == JournalState.Executed).ShouldBeTrue($"seed {seed}");
        }

        async Task FightAsync(int run, IOrderJournal journal)
        {
            var random = new Random((seed * 100) + run);
            for (var round = 0; round < Rounds; round++)
            {
                var number = random.Next(Orders);

                // A run of its own each time: what a run has executed itself does not stand in its way.
                var order = Order(number, $"run{run}y{round}");
                if (await journal.RecordAsync(order, None) is { } standing)
                {
                    standing.Key.ShouldBe(order.Key, $"seed {seed}");
                    standing.State.ShouldNotBe(JournalState.NotExecuted, $"seed {seed}");
                    continue;
                }

                Interlocked.Increment(ref owners[number]).ShouldBe(1, $"seed {seed}: order {number} has two owners");
                var again = order with { Attempts = [Attempt(0), Attempt(1)] };
                await RecordAsync(journal, again);

                // Two say at once what became of it, and do not agree. Most did nothing, so that the fight goes on.
                var state = Interlocked.Increment(ref won) % 8 == 0 ? JournalState.Executed : JournalState.NotExecuted;
                if (state == JournalState.NotExecuted)
                {
                    Interlocked.Decrement(ref owners[number]);
                    await SettleAsync(journal, again.Settled(state));
                    verdicts[order.Id] = state;
                    (await journals[random.Next(journals.Length)].SettleAsync(again.Settled(JournalState.Executed), None)).ShouldBeFalse($"seed {seed}");
                }
                else
                {
                    var told = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(async () => await journals[i].SettleAsync(again.Settled(i == 0 ? JournalState.Unresolved : state), None))));
                    told.Skip(1).ShouldAllBe(wasWritten => wasWritten, $"seed {seed}");
                    verdicts[order.Id] = state;
                    (await journal.SettleAsync(again.Settled(JournalState.NotExecuted), None)).ShouldBeFalse($"seed {seed}");
                }
            }
        }
    }

    [Fact]
    public async Task A_hold_is_there_after_a_restart()
    {
        await (await OpenAsync()).HoldAsync(Hold(), None);

        ShouldBe((await OpenAnother().OpenAsync(None)).Holds, Hold());
    }

    [Theory]
    [InlineData(10, 10, 10, 10, 1)]
    [InlineData(5, 5, 10, 10, 1)]
    [InlineData(20, 20, 20, 20, 2)]
    [InlineData(20, 5, 20, 10, 2)]
    [InlineData(5, 20, 10, 20, 2)]
    public async Task A_hold_is_only_ever_extended(int exchangeSeconds, int localSeconds, int keptExchangeSeconds, int keptLocalSeconds, int keptCode)
    {
        var journal = await OpenAsync();
        await journal.HoldAsync(Hold(10, 10, code: 1), None);

        await journal.HoldAsync(Hold(exchangeSeconds, localSeconds, code: 2), None);

        ShouldBe((await OpenAnother().OpenAsync(None)).Holds, Hold(keptExchangeSeconds, keptLocalSeconds, keptCode));
    }

    [Theory]
    [InlineData("a", 20, "a", 20)]
    [InlineData("a", 5, "a", 10)]
    [InlineData("b", 5, "b", 5)]
    [InlineData(null, null, "a", 10)]
    public async Task The_end_of_a_hold_by_the_uptime_is_only_ever_extended_within_a_boot(string? boot, int? seconds, string keptBoot, int keptSeconds)
    {
        if (!KeepsUptimes)
        {
            return;
        }

        var journal = await OpenAsync();
        await journal.HoldAsync(Hold() with { Boot = "a", UntilUptime = TimeSpan.FromSeconds(10) }, None);

        await journal.HoldAsync(Hold() with { Boot = boot, UntilUptime = seconds is { } end ? TimeSpan.FromSeconds(end) : null }, None);

        ShouldBe((await OpenAnother().OpenAsync(None)).Holds, Hold() with { Boot = keptBoot, UntilUptime = TimeSpan.FromSeconds(keptSeconds) });
    }

    [Fact]
    public async Task Holds_of_other_lanes_scopes_and_environments_are_kept_beside_each_other()
    {
        var journal = await OpenAsync();
        JournalHold[] holds = [Hold(), Hold() with { Lane = TrafficLane.Orders }, Hold() with { Scope = "other" }, Hold() with { Environment = "testnet" }];
        foreach (var hold in holds)
        {
            await journal.HoldAsync(hold, None);
        }

        ShouldBe((await OpenAnother().OpenAsync(None)).Holds, holds);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        var journal = await OpenAsync();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await journal.RecordAsync(Order(1), stop.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await journal.SettleAsync(Order(1), stop.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await journal.HoldAsync(Hold(), stop.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await journal.OpenAsync(stop.Token));

        await RecordAsync(journal, Order(2));
    }

    /// <summary>Closes every journal the test opened.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var journal in _journals.OfType<IAsyncDisposable>())
        {
            await journal.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>How much of a hold's span may have passed meanwhile, where the store counts it by a clock that no test sets.</summary>
    protected virtual TimeSpan HoldsMayEndEarlier => TimeSpan.Zero;

    /// <summary>Whether the store is one machine's own, whose uptime means something to whoever opens it next.</summary>
    protected virtual bool KeepsUptimes => true;

    /// <summary>A further journal on the test's store.</summary>
    protected abstract IOrderJournal Create();

    protected static JournalHold Hold(int exchangeSeconds = 10, int localSeconds = 10, int code = -1003) => new(
        "live", TrafficLane.Ip, "default", code, Start.AddSeconds(exchangeSeconds).ToUnixTimeMilliseconds(), Start.AddSeconds(localSeconds));

    protected static async Task RecordAsync(IOrderJournal journal, JournalEntry entry) => (await journal.RecordAsync(entry, None)).ShouldBeNull();

    protected static async Task SettleAsync(IOrderJournal journal, JournalEntry entry) => (await journal.SettleAsync(entry, None)).ShouldBeTrue();

    protected IOrderJournal OpenAnother()
    {
        var journal = Create();
        _journals.Add(journal);
        return journal;
    }

    private void ShouldBe(IReadOnlyList<JournalHold> holds, params JournalHold[] expected)
    {
        // Never later: by how long a hold may be in error is for its writer to add.
        var kept = holds.Select(hold => Array.Find(expected, other => other == hold with { Until = other.Until } && hold.Until <= other.Until && hold.Until >= other.Until - HoldsMayEndEarlier) ?? hold);
        kept.ShouldBe(expected, ignoreOrder: true);
    }

    private static async Task ShouldStandInTheWayAsync(IOrderJournal journal, JournalEntry entry, JournalState? state, string? id = null)
    {
        var found = await journal.FindAsync(entry, None);
        var standing = await journal.RecordAsync(entry, None);
        (found?.Id).ShouldBe(standing?.Id, "what is looked up is what would stand in the way");
        (standing is null ? (JournalState?)null : standing.State).ShouldBe(state);
        if (id is not null)
        {
            standing!.Id.ShouldBe(id);
        }
    }

    /// <summary>An order of an account of which everything is known.</summary>
    private static JournalEntry Known(int number, string run = "run1", string? id = null) =>
        Order(number, run, id) with { KeyHash = "1111111111111111", AccountCode = "c1", AccountName = "main", Host = new Uri("https://fapi.binance.com") };

    /// <summary>What a program may have changed meanwhile, and what makes it another account's.</summary>
    private static JournalEntry Changed(JournalEntry entry, string? changed) => changed switch
    {
        null => entry,
        "environment" => entry with { Key = entry.Key with { Environment = "production" } },
        "account's name" => entry with { Key = entry.Key with { Account = "desk" }, AccountName = "desk" },
        "account's name left out" => entry with { Key = entry.Key with { Account = "1111111111111111" }, AccountName = null },
        "client" => entry with { ClientName = "orders" },
        "host" => entry with { Host = new Uri("https://proxy.example:8443") },
        "key of the same name" => entry with { KeyHash = "2222222222222222", AccountCode = null },
        "key and name of the same code" => entry with { Key = entry.Key with { Account = "desk" }, KeyHash = "2222222222222222", AccountName = "desk" },
        "all of it" => Changed(Changed(Changed(Changed(entry, "environment"), "key and name of the same code"), "client"), "host"),
        "code" => entry with { KeyHash = "2222222222222222", AccountCode = "c2" },
        "key that is not the library's" => entry with { Key = entry.Key with { Account = "2222222222222222" }, KeyHash = "2222222222222222", AccountCode = null, AccountName = null, IsForeignKey = true },
        "market" => entry with { Host = new Uri("https://demo-fapi.binance.com") },
        "family" => entry with { Path = "/fapi/v1/algoOrder" },
        "key and name" => entry with { Key = entry.Key with { Account = "desk" }, KeyHash = "2222222222222222", AccountCode = null, AccountName = "desk" },
        "key without a name" => entry with { Key = entry.Key with { Account = "2222222222222222" }, KeyHash = "2222222222222222", AccountCode = null, AccountName = null },
        "nothing known" => entry with { Key = entry.Key with { Account = "anonymous" }, KeyHash = null, AccountCode = null, AccountName = null },
        _ => throw new ArgumentOutOfRangeException(nameof(changed), changed, null),
    };

    private async Task<IOrderJournal> OpenAsync()
    {
        var journal = OpenAnother();
        await journal.OpenAsync(None);
        return journal;
    }
}
