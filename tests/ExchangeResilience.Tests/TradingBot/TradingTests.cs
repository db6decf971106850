using System.Diagnostics;
using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The bot against an exchange in another process, held against that exchange's book.</summary>
[Trait("Speed", "Slow")]
public sealed class TradingTests
{
    [Fact]
    public async Task Every_order_of_a_bad_day_is_executed_once_and_every_request_counted()
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { HoldGrace = TimeSpan.FromMilliseconds(250) });
        exchange.Faults.Plan = FaultPlan.Custom(static request => request.IsPlace && request.ClientOrderId!.EndsWith("-1", StringComparison.Ordinal) && request.Attempt == 1 ? FaultOf(request) : null);
        await using var server = await exchange.ListenAsync();

        var bot = await BotProcess.RunAsync(server.Address, "--orders", "40", "--parallel", "8", "--json");

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        (bot["intended"], bot["executed"], bot["rejected"], bot["notExecuted"], bot["unknown"]).ShouldBe((40, 40, 0, 0, 0));
        bot["requests"].ShouldBe(exchange.Requests.Count);
        bot.Json.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        exchange.Orders.Count.ShouldBe(40);
        exchange.DuplicateIntents.ShouldBeEmpty();
        exchange.SentIntoHold.ShouldBeEmpty();
        exchange.Scoreboard.Faults.Count.ShouldBe(7);
    }

    [Fact]
    public async Task What_the_exchange_will_never_take_is_counted_as_rejected()
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { InitialBalance = 20 });
        await using var server = await exchange.ListenAsync();

        var bot = await BotProcess.RunAsync(server.Address, "--orders", "8", "--parallel", "1", "--json");

        bot.ExitCode.ShouldBe(0, bot.Output + bot.Errors);
        bot["executed"].ShouldBe(exchange.Orders.Count);
        bot["rejected"].ShouldBe(8 - exchange.Orders.Count);
        bot["rejected"].ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_signal_ends_the_bot_with_its_count()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { Latency = TimeSpan.FromMilliseconds(50) });
        await using var server = await exchange.ListenAsync();
        var tenth = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            if (request.ClientOrderId?.EndsWith("-10-1", StringComparison.Ordinal) == true)
            {
                tenth.TrySetResult();
            }

            return null;
        });

        using var bot = new BotProcess(server.Address, "--orders", "1000", "--parallel", "2", "--json");
        await tenth.Task.WaitAsync(TimeSpan.FromMinutes(1));
        using var kill = Process.Start("kill", ["-TERM", bot.Id.ToString(CultureInfo.InvariantCulture)]);
        var result = await bot.EndAsync();

        result.ExitCode.ShouldBe(1, result.Output + result.Errors);
        result["executed"].ShouldBe(exchange.Orders.Count);
        result["executed"].ShouldBeInRange(10, 999);
        result["notExecuted"].ShouldBe(1000 - result["executed"]);
    }

    [Fact]
    public async Task An_option_that_does_not_exist_ends_the_bot_with_the_remedy()
    {
        var bot = await BotProcess.RunAsync(null, "--order", "5");

        bot.ExitCode.ShouldBe(2);
        bot.Output.ShouldBeEmpty();
        bot.Errors.ShouldContain("'--order'");
        bot.Errors.ShouldContain("--orders");
    }

    // Each order's quantity is its number in thousandths, so that the same order meets the same fault in every run.
    private static Fault? FaultOf(FaultContext request) => (int)(decimal.Parse(request.Parameters["quantity"], CultureInfo.InvariantCulture) * 1000) switch
    {
        10 => Fault.TooManyRequests(TimeSpan.FromSeconds(1)),
        20 => Fault.DropBeforeExecute,
        30 => Fault.HalfBody,
        var number => (number % 8) switch
        {
            1 => Fault.ExecutedTimeout503,
            3 => Fault.ExecuteThenDrop,
            5 => Fault.ExecutedUnknown,
            7 => Fault.Unavailable,
            _ => null,
        },
    };
}
