using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The bot with a journal, killed and started again.</summary>
[Trait("Speed", "Slow")]
public sealed class JournalTests
{
    [Fact]
    public async Task A_run_started_again_under_its_name_takes_up_what_the_killed_one_began()
    {
        using var folder = new TempFolder();
        var exchange = new SimulatedExchange();
        await using var server = await exchange.ListenAsync();
        var unheard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            if (request is not { IsPlace: true, ClientOrderId: "monday-6", Attempt: 1 })
            {
                return null;
            }

            unheard.TrySetResult();
            return Fault.Silence;
        });
        string[] arguments = ["--journal", folder.PathOf("orders.db"), "--run", "monday", "--orders", "12", "--parallel", "3"];
        using (new BotProcess(server.Address, arguments))
        {
            // Disposing kills.
            await unheard.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        var before = exchange.Orders.Count;
        var bot = await BotProcess.RunAsync(server.Address, arguments);

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        before.ShouldBeInRange(1, 11);
        (bot["intended"], bot["executed"]).ShouldBe((12, 12));
        bot.Errors.ShouldContain("monday-6, left in doubt by an earlier run: Executed, the order was found by its client order id");
        exchange.Orders.Count.ShouldBe(12);
        exchange.DuplicateIntents.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_show_keeps_its_last_act_in_the_journal_it_is_given()
    {
        using var folder = new TempFolder();

        var bot = await BotProcess.RunAsync(null, "--orders", "20", "--seed", "3", "--journal", folder.PathOf("orders.db"));

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        new FileInfo(folder.PathOf("orders.db")).Length.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_used_ends_the_bot_before_it_trades()
    {
        using var folder = new TempFolder();
        var exchange = new SimulatedExchange();
        await using var server = await exchange.ListenAsync();
        await File.WriteAllTextAsync(folder.PathOf("notes.txt"), "not a journal at all, and longer than any header of one would be" + new string('.', 100));

        var bot = await BotProcess.RunAsync(server.Address, "--journal", folder.PathOf("notes.txt"));

        bot.ExitCode.ShouldBe(2, bot.Output + bot.Errors);
        bot.Errors.ShouldContain("notes.txt is not an order journal");
        exchange.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--exchange and --journal", "--run", "monday")]
    [InlineData("letters, digits", "--run", "no spaces")]
    [InlineData("--exchange", "--chaos-kill", "--exchange", "http://127.0.0.1:9")]
    public async Task Options_that_do_not_fit_together_end_the_bot_with_the_remedy(string remedy, params string[] arguments)
    {
        var bot = await BotProcess.RunAsync(null, arguments);

        bot.ExitCode.ShouldBe(2);
        bot.Output.ShouldBeEmpty();
        bot.Errors.ShouldContain(remedy);
    }
}
