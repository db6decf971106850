using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>When the store is asked, when not, and what is said of it.</summary>
public sealed class FleetBudgetTests : IDisposable
{
    private static readonly BudgetAsk Ask = new(new BudgetKey("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 7, 1, 100, 1, 98, 0, 0);

    private readonly TrafficTestTime _time = new();
    private readonly ScriptedBudget _store = new() { Members = 3 };
    private readonly CollectedLog _log = new();
    private readonly FleetBudget _budget;

    public FleetBudgetTests() => _budget = new FleetBudget(_store, _time, _log.CreateLogger("budget"));

    public void Dispose() => _budget.Dispose();

    [Fact]
    public async Task An_answer_tells_how_many_share()
    {
        (_budget.Members, _budget.IsAway, _budget.IsWorthAsking).ShouldBe((1, false, true));
        _store.WillGive(5);

        (await _budget.AskAsync(Ask)).ShouldBe(new BudgetGrant(5, 5, 3));

        (_budget.Members, _budget.IsAway, _budget.IsWorthAsking).ShouldBe((3, false, true));
        _store.Members = 0;
        await _budget.AskAsync(Ask);
        _budget.Members.ShouldBe(1, "this one is one");
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_that_fails_is_left_alone_for_a_second_and_spoken_of_once()
    {
        _store.IsAway = true;

        (await _budget.AskAsync(Ask)).ShouldBeNull();

        (_budget.IsAway, _budget.IsWorthAsking).ShouldBe((true, false));
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        _budget.IsWorthAsking.ShouldBeFalse();
        _time.Advance(TimeSpan.FromTicks(1));
        _budget.IsWorthAsking.ShouldBeTrue();

        (await _budget.AskAsync(Ask)).ShouldBeNull();
        _budget.IsWorthAsking.ShouldBeFalse();
        _log.Of("SharedBudgetAway").ShouldHaveSingleItem().Text.ShouldContain("as one of 1");

        _store.IsAway = false;
        await _budget.AskAsync(Ask);
        await _budget.AskAsync(Ask);
        (_budget.IsAway, _budget.IsWorthAsking).ShouldBe((false, true));
        _log.Of("SharedBudgetBack").ShouldHaveSingleItem().Text.ShouldContain("by 3");
    }

    [Fact]
    public async Task Those_who_came_since_it_last_asked_share_too_while_the_store_is_away()
    {
        await _budget.AskAsync(Ask);
        _store.Living = 8;
        _store.IsAway = true;

        (await _budget.AskAsync(Ask)).ShouldBeNull();

        _budget.Members.ShouldBe(8);
        _log.Of("SharedBudgetAway").ShouldHaveSingleItem().Text.ShouldContain("as one of 8");
    }

    [Fact]
    public async Task Only_one_finds_out_whether_it_is_back_and_the_pause_counts_from_the_end()
    {
        _store.IsAway = true;
        await _budget.AskAsync(Ask);
        _time.Advance(TimeSpan.FromSeconds(1));
        _store.Pause = new(TaskCreationOptions.RunContinuationsAsynchronously);

        var asked = _budget.AskAsync(Ask).AsTask();

        _budget.IsWorthAsking.ShouldBeFalse("it is being asked");
        _time.Advance(TimeSpan.FromSeconds(5));
        _store.Pause.SetResult();
        (await asked).ShouldBeNull();
        _budget.IsWorthAsking.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        _budget.IsWorthAsking.ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_still_asks_when_the_program_ends_is_let_go_without_a_word()
    {
        _store.Pause = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _budget.AskAsync(Ask).AsTask();

        _budget.Dispose();

        (await asked.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).ShouldBeNull();
        _budget.IsAway.ShouldBeTrue("from now on nothing is taken beyond a share");
        _log.Lines.ShouldBeEmpty();
    }
}
