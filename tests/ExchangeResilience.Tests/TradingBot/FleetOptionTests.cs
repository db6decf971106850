namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The options of the bot that make it a fleet, or a member of one.</summary>
[Trait("Speed", "Slow")]
public sealed class FleetOptionTests
{
    private const string Password = "a-word-nobody-should-see";

    [Theory]
    [InlineData("--exchange", "--fleet", "3", "--exchange", "http://127.0.0.1:9")]
    [InlineData("--chaos-kill", "--fleet", "3", "--chaos-kill")]
    [InlineData("--state instead of --journal", "--fleet", "3", "--journal", "orders.db")]
    [InlineData("from 2 to 32", "--fleet", "1")]
    [InlineData("8 for each member", "--fleet", "3", "--orders", "23")]
    [InlineData("--exchange or --fleet", "--state", "Host=127.0.0.1")]
    [InlineData("Leave out one", "--state", "Host=127.0.0.1", "--exchange", "http://127.0.0.1:9", "--journal", "orders.db")]
    [InlineData("--exchange and --state", "--report")]
    [InlineData("--exchange", "--first", "7")]
    public async Task Options_that_do_not_fit_together_end_the_bot_with_the_remedy(string remedy, params string[] arguments)
    {
        var bot = await BotProcess.RunAsync(null, arguments);

        bot.ExitCode.ShouldBe(2);
        bot.Output.ShouldBeEmpty();
        bot.Errors.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=" + Password)]
    [InlineData("Pasword=" + Password)]
    [InlineData("Password=" + Password)]
    [InlineData(Password)]
    public async Task A_connection_that_cannot_be_read_is_refused_without_showing_it(string connection)
    {
        var argued = await BotProcess.RunAsync(null, "--fleet", "2", "--state", connection);
        using var process = new BotProcess(null, connection, ["--fleet", "2"]);
        var inherited = await process.EndAsync();

        (argued.ExitCode, inherited.ExitCode).ShouldBe((2, 2));
        argued.Errors.ShouldStartWith("TradingBot: --state ");
        inherited.Errors.ShouldStartWith("TradingBot: EXCHANGE_STATE ");
        (argued.Errors + argued.Output + inherited.Errors + inherited.Output).ShouldNotContain(Password);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_ends_the_bot_before_it_trades_without_showing_the_password()
    {
        var exchange = new Testing.SimulatedExchange();
        await using var server = await exchange.ListenAsync();
        using var process = new BotProcess(server.Address, $"Host=127.0.0.1;Port=9;Username=bot;Password={Password};Timeout=5", ["--orders", "3"]);

        var bot = await process.EndAsync();

        bot.ExitCode.ShouldBe(2, bot.Output + bot.Errors);
        exchange.Requests.ShouldBeEmpty();
        (bot.Errors + bot.Output).ShouldNotContain(Password);
    }
}
