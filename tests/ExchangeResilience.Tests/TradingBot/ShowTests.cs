namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The bot's show on its built-in exchange.</summary>
[Trait("Speed", "Slow")]
public sealed class ShowTests
{
    [Fact]
    public async Task Every_act_passes_and_the_story_is_plain_text_when_redirected()
    {
        var bot = await BotProcess.RunAsync(null, "--orders", "40", "--seed", "3");

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        bot.Output.ShouldNotContain('\u001b');
        bot.Output.ShouldContain("13/13 40 orders");
        bot.Output.ShouldContain("duplicates at the exchange");
        bot.Errors.ShouldBeEmpty();
    }
}
