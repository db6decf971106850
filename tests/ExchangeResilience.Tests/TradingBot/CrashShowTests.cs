namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The bot's show of a crash.</summary>
[Trait("Speed", "Slow")]
public sealed class CrashShowTests
{
    [Fact]
    public async Task The_crash_is_told_in_plain_text_with_what_was_in_doubt_and_how_it_was_settled()
    {
        var bot = await BotProcess.RunAsync(null, "--chaos-kill");

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        bot.Errors.ShouldBeEmpty();
        bot.Output.ShouldNotContain('\u001b');
        bot.Output.ShouldContain("killed it with SIGKILL");
        bot.Output.ShouldContain("crash-9, left in doubt by an earlier run: Executed, ");
        bot.Output.ShouldContain("crash-10, left in doubt by an earlier run: NotExecuted, ");
        bot.Output.ShouldContain("24 orders intended, 24 in the book: duplicates 0, lost 0");
        bot.LeftBehind.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_json_it_ends_in_the_result_of_the_bot_that_finished()
    {
        using var folder = new TempFolder();

        var bot = await BotProcess.RunAsync(null, "--chaos-kill", "--json", "--journal", folder.PathOf("orders.db"));

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        (bot["intended"], bot["executed"], bot["unknown"]).ShouldBe((24, 24, 0));
        File.Exists(folder.PathOf("orders.db")).ShouldBeTrue();
    }
}
