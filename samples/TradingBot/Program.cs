using ExchangeResilience;
using Microsoft.Extensions.Options;
using TradingBot;

using var signal = new StopSignal();
try
{
    var options = CommandLine.Parse(args, Environment.GetEnvironmentVariable("EXCHANGE_STATE"));
    if (options.Help)
    {
        Console.WriteLine(CommandLine.Help);
        return 0;
    }

    var screen = Screens.For(options);
    return options.Exchange is { } exchange
        ? await new ExchangeTrading(options, exchange, screen, signal).RunAsync()
        : options.Fleet is { } members ? await new FleetShow(options, members, screen, signal).RunAsync()
        : options.ChaosKill ? await new CrashShow(options, screen, signal).RunAsync()
        : await new Demo(options, screen, signal).RunAsync();
}
catch (OperationCanceledException) when (signal.Stop.IsCancellationRequested)
{
    Console.Error.WriteLine("TradingBot: stopped.");
    return 130;
}
catch (UsageException mistake)
{
    Console.Error.WriteLine($"TradingBot: {mistake.Message}");
    return 2;
}
catch (JournalException unusable)
{
    Console.Error.WriteLine($"TradingBot: {unusable.Message}");
    return 2;
}
catch (OptionsValidationException faulty)
{
    Console.Error.WriteLine($"TradingBot: appsettings.json cannot be used.\n  {string.Join("\n  ", faulty.Failures)}");
    return 2;
}
