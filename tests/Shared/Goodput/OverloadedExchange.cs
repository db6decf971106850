using ExchangeResilience.Testing;

namespace ExchangeResilience.Goodput;

/// <summary>The exchange that more is wanted from than it allows: its documented limits, and a ban for whoever goes on after 20 refusals in a row that told him to wait.</summary>
internal static class OverloadedExchange
{
    public static SimulatedExchange Open(TimeProvider time) => new(
        new SimulatedExchangeOptions
        {
            WeightPerMinute = 2400,
            OrdersPer10Seconds = 300,
            OrdersPerMinute = 1200,
            ViolationsBeforeBan = 20,
            FirstBan = TimeSpan.FromMinutes(2),
            Latency = TimeSpan.FromMilliseconds(20),

            // What is already on its way when its sender is told to wait is nobody's fault.
            HoldGrace = TimeSpan.FromMilliseconds(50),
        },
        time);

    /// <summary>Waits as long as the longest window, so that a call ends only when it was served.</summary>
    public static void WaitForTheNextWindow(ExchangeErrorHandlingOptions options)
    {
        options.TotalTimeout = TimeSpan.FromMinutes(3);
        options.MaxWait = TimeSpan.FromMinutes(2);
        options.SendBefore = TimeSpan.FromMinutes(2);
    }
}
