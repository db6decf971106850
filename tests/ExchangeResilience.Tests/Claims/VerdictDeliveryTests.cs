using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Claims;

/// <summary>Who was told of a verdict, who was not, and how long it answers an equal order.</summary>
public sealed class VerdictDeliveryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly VerdictDelivery _delivery = new() { Retention = TimeSpan.FromHours(2) };

    private bool IsOver => _delivery.IsOver(_time, _time.GetTimestamp());

    private bool ExpectRepeat => _delivery.ExpectRepeat(_time, _time.GetTimestamp());

    [Fact]
    public void One_call_that_is_told_ends_it_at_once()
    {
        _delivery.CountCall(isShared: false);
        Settle();
        IsOver.ShouldBeFalse("nobody was told");
        _delivery.IsComplete.ShouldBeFalse();

        _delivery.Reached(_time.GetTimestamp(), number: 0);

        _delivery.IsComplete.ShouldBeTrue();
        IsOver.ShouldBeTrue();
    }

    [Theory]
    [InlineData("doubt")]
    [InlineData("debt")]
    [InlineData("company")]
    public void After_trouble_a_verdict_answers_for_a_minute_more(string trouble)
    {
        _delivery.CountCall(isShared: false);
        switch (trouble)
        {
            case "doubt":
                _delivery.MarkTroubled();
                break;
            case "debt":
                _delivery.Owe(_time.GetTimestamp());
                _delivery.CountCall(isShared: false);
                break;
            default:
                _delivery.CountCall(isShared: false);
                break;
        }

        Settle();
        _time.Advance(TimeSpan.FromHours(1));
        _delivery.Reached(_time.GetTimestamp(), number: 0);

        _delivery.IsComplete.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(60));
        IsOver.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        IsOver.ShouldBeTrue();
    }

    [Fact]
    public void The_minute_is_counted_from_the_first_delivery_however_often_the_order_is_repeated_in_it()
    {
        _delivery.CountCall(isShared: false);
        _delivery.MarkTroubled();
        Settle();
        _delivery.Reached(_time.GetTimestamp(), number: 0);
        _time.Advance(TimeSpan.FromSeconds(50));
        _delivery.CountCall(isShared: false);
        _delivery.Reached(_time.GetTimestamp(), number: 1);

        _time.Advance(TimeSpan.FromSeconds(11));

        IsOver.ShouldBeTrue();
    }

    [Fact]
    public void Whoever_comes_back_takes_over_one_debt_so_a_loop_owes_itself_one_telling()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            _delivery.CountCall(isShared: false);
            _delivery.Owe(_time.GetTimestamp());
            _delivery.IsOwing.ShouldBeTrue();
        }

        _delivery.CountCall(isShared: false);
        _delivery.IsOwing.ShouldBeFalse();
        _delivery.Reached(_time.GetTimestamp(), number: 0);
        _delivery.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void Each_call_that_went_untold_is_owed_one_telling()
    {
        _delivery.CountCall(isShared: false);
        _delivery.CountCall(isShared: false);
        _delivery.Owe(_time.GetTimestamp());
        _delivery.Owe(_time.GetTimestamp());

        _delivery.CountCall(isShared: false);
        _delivery.Reached(_time.GetTimestamp(), number: 0);
        _delivery.IsComplete.ShouldBeFalse();

        _delivery.Pay(_time.GetTimestamp(), number: 0);
        _delivery.IsComplete.ShouldBeTrue();
        _delivery.Pay(_time.GetTimestamp(), number: 0);
        _delivery.IsComplete.ShouldBeTrue("no more can be paid than is owed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_nobody_fetches_is_kept_from_the_verdict_on_as_long_as_was_set(bool owes)
    {
        _delivery.CountCall(isShared: false);
        Settle();
        _time.Advance(TimeSpan.FromMinutes(90));
        if (owes)
        {
            _delivery.Owe(_time.GetTimestamp());
        }

        _time.Advance(TimeSpan.FromMinutes(30));
        IsOver.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        IsOver.ShouldBeTrue();
    }

    [Fact]
    public void A_repeat_without_an_id_is_expected_for_a_minute_after_the_verdict_or_the_last_call_that_went()
    {
        ExpectRepeat.ShouldBeFalse("nothing is owed");
        _delivery.Owe(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromMinutes(10));
        Settle();
        _time.Advance(TimeSpan.FromSeconds(60));
        ExpectRepeat.ShouldBeTrue();
        _delivery.Owe(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(60));
        ExpectRepeat.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        ExpectRepeat.ShouldBeFalse();
    }

    [Fact]
    public void An_order_sent_again_goes_on_owing_what_was_owed_before()
    {
        _delivery.Owe(_time.GetTimestamp());
        _delivery.Owe(_time.GetTimestamp());
        var next = new VerdictDelivery();
        next.GoOnFrom(_delivery);

        next.CountCall(isShared: false);
        next.Reached(_time.GetTimestamp(), number: 0);

        next.IsComplete.ShouldBeFalse();
        next.Pay(_time.GetTimestamp(), number: 0);
        next.IsOver(_time, _time.GetTimestamp()).ShouldBeFalse("there was trouble");
        _time.Advance(TimeSpan.FromSeconds(61));
        next.IsOver(_time, _time.GetTimestamp()).ShouldBeTrue();
    }

    private void Settle() => _delivery.SettledAt = _time.GetTimestamp();

    [Fact]
    public void A_call_that_ran_beside_an_equal_one_is_trouble_though_it_was_the_only_one_to_come()
    {
        _delivery.CountCall(isShared: true);
        Settle();
        _delivery.Reached(_time.GetTimestamp(), number: 0);

        IsOver.ShouldBeFalse("the other may come back within the minute");
    }
}
