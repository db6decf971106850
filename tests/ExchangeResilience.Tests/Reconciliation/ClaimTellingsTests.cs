using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Who was told of a verdict, who was not, and how long it answers an equal order.</summary>
public sealed class ClaimTellingsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ClaimTellings _tellings = new() { Retention = TimeSpan.FromHours(2) };

    private bool AreOver => _tellings.AreOver(_time, _time.GetTimestamp());

    private bool ExpectRepeat => _tellings.ExpectRepeat(_time, _time.GetTimestamp());

    [Fact]
    public void One_call_that_is_told_ends_it_at_once()
    {
        _tellings.CountCall(isShared: false);
        Settle();
        AreOver.ShouldBeFalse("nobody was told");
        _tellings.AreComplete.ShouldBeFalse();

        _tellings.Told(_time.GetTimestamp());

        _tellings.AreComplete.ShouldBeTrue();
        AreOver.ShouldBeTrue();
    }

    [Theory]
    [InlineData("doubt")]
    [InlineData("debt")]
    [InlineData("company")]
    public void After_trouble_a_verdict_answers_for_a_minute_more(string trouble)
    {
        _tellings.CountCall(isShared: false);
        switch (trouble)
        {
            case "doubt":
                _tellings.MarkTroubled();
                break;
            case "debt":
                _tellings.Owe(_time.GetTimestamp());
                _tellings.CountCall(isShared: false);
                break;
            default:
                _tellings.CountCall(isShared: false);
                break;
        }

        Settle();
        _time.Advance(TimeSpan.FromHours(1));
        _tellings.Told(_time.GetTimestamp());

        _tellings.AreComplete.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(60));
        AreOver.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        AreOver.ShouldBeTrue();
    }

    [Fact]
    public void Whoever_comes_back_takes_over_one_debt_so_a_loop_owes_itself_one_telling()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            _tellings.CountCall(isShared: false);
            _tellings.Owe(_time.GetTimestamp());
            _tellings.IsOwing.ShouldBeTrue();
        }

        _tellings.CountCall(isShared: false);
        _tellings.IsOwing.ShouldBeFalse();
        _tellings.Told(_time.GetTimestamp());
        _tellings.AreComplete.ShouldBeTrue();
    }

    [Fact]
    public void Each_call_that_went_untold_is_owed_one_telling()
    {
        _tellings.CountCall(isShared: false);
        _tellings.CountCall(isShared: false);
        _tellings.Owe(_time.GetTimestamp());
        _tellings.Owe(_time.GetTimestamp());

        _tellings.CountCall(isShared: false);
        _tellings.Told(_time.GetTimestamp());
        _tellings.AreComplete.ShouldBeFalse();

        _tellings.Pay(_time.GetTimestamp());
        _tellings.AreComplete.ShouldBeTrue();
        _tellings.Pay(_time.GetTimestamp());
        _tellings.AreComplete.ShouldBeTrue("no more can be paid than is owed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_nobody_fetches_is_kept_from_the_verdict_on_as_long_as_was_set(bool owes)
    {
        _tellings.CountCall(isShared: false);
        Settle();
        _time.Advance(TimeSpan.FromMinutes(90));
        if (owes)
        {
            _tellings.Owe(_time.GetTimestamp());
        }

        _time.Advance(TimeSpan.FromMinutes(30));
        AreOver.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        AreOver.ShouldBeTrue();
    }

    [Fact]
    public void A_repeat_without_an_id_is_expected_for_a_minute_after_the_verdict_or_the_last_call_that_went()
    {
        ExpectRepeat.ShouldBeFalse("nothing is owed");
        _tellings.Owe(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromMinutes(10));
        Settle();
        _time.Advance(TimeSpan.FromSeconds(60));
        ExpectRepeat.ShouldBeTrue();
        _tellings.Owe(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(60));
        ExpectRepeat.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        ExpectRepeat.ShouldBeFalse();
    }

    [Fact]
    public void An_order_sent_again_goes_on_owing_what_was_owed_before()
    {
        _tellings.Owe(_time.GetTimestamp());
        _tellings.Owe(_time.GetTimestamp());
        var next = new ClaimTellings();
        next.GoOnFrom(_tellings);

        next.CountCall(isShared: false);
        next.Told(_time.GetTimestamp());

        next.AreComplete.ShouldBeFalse();
        next.Pay(_time.GetTimestamp());
        next.AreOver(_time, _time.GetTimestamp()).ShouldBeFalse("there was trouble");
        _time.Advance(TimeSpan.FromSeconds(61));
        next.AreOver(_time, _time.GetTimestamp()).ShouldBeTrue();
    }

    private void Settle() => _tellings.SettledAt = _time.GetTimestamp();

    [Fact]
    public void A_call_that_ran_beside_an_equal_one_is_trouble_though_it_was_the_only_one_to_come()
    {
        _tellings.CountCall(isShared: true);
        Settle();
        _tellings.Told(_time.GetTimestamp());

        AreOver.ShouldBeFalse("the other may come back within the minute");
    }
}
