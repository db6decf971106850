using System.Globalization;
using ExchangeResilience.Testing;

namespace Benchmarks.Soak;

/// <summary>
/// The exchange of a soak, in a process of its own so that its memory is not counted: says its address, serves until it is told to stop or its parent is gone, and then says how many
/// requests it met and how many orders took effect twice.
/// </summary>
internal static class SoakExchange
{
    public const string Verb = "soak-exchange";

    // Longer than the soak's own settings let anybody ask about an order.
    private static readonly TimeSpan Remembers = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most of what goes wrong costs one call a look or a second try. What makes everybody wait is rare, or the soak would spend its time waiting.
    /// </summary>
    private static readonly FaultPlan[] Plans =
    [
        FaultPlan.Weighted(
            1,
            static request => request.IsPlace,
            (0.03, Fault.ExecutedTimeout503),
            (0.02, Fault.ExecutedUnknown),
            (0.01, Fault.ExecutedUnexpectedResponse),
            (0.02, Fault.ExecuteThenDrop),
            (0.01, Fault.ExecuteThenFin),
            (0.005, Fault.HalfBody),
            (0.005, Fault.HtmlReply(502, executed: true)),
            (0.005, Fault.HtmlReply(504)),
            (0.01, Fault.DropBeforeExecute),
            (0.01, Fault.FinBeforeExecute),
            (0.002, Fault.LateAccept(TimeSpan.FromMilliseconds(300))),
            (0.001, Fault.Silence),
            (0.0003, Fault.Throttled),
            (0.00002, Fault.TooManyRequests(TimeSpan.FromSeconds(1)))),
        FaultPlan.Weighted(
            2,
            static request => !request.IsPlace,
            (0.01, Fault.ExecutedTimeout503),
            (0.005, Fault.ExecuteThenDrop),
            (0.005, Fault.FinBeforeExecute),
            (0.002, Fault.HalfBody),
            (0.002, Fault.HtmlReply(502)),
            (0.001, Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow.")),
            (0.0005, Fault.Silence),
            (0.00001, Fault.TooManyRequests(TimeSpan.FromSeconds(1)))),
    ];

    public static async Task<int> RunAsync()
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions
        {
            WeightPerMinute = int.MaxValue,
            OrdersPer10Seconds = int.MaxValue,
            OrdersPerMinute = int.MaxValue,
            EnforceRetryAfter = false,
            ViolationsBeforeBan = int.MaxValue,
        });
        exchange.Faults.Plan = FaultPlan.Custom(static request => Plans[0].Choose(request) ?? Plans[1].Choose(request));
        await using var server = await exchange.ListenAsync();
        await Console.Out.WriteLineAsync(server.Address.ToString());

        // On a thread of its own: the console's reader has no way to wait without keeping one.
        var stop = Task.Factory.StartNew(Console.In.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var duplicates = new HashSet<string>(StringComparer.Ordinal);
        while (await Task.WhenAny(stop, Task.Delay(Pause, TimeProvider.System, CancellationToken.None)) != stop)
        {
            Note();
            exchange.Forget(Remembers);
        }

        Note();
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(exchange.Requests is [.., var last] ? last.Number : 0)} {duplicates.Count}"));
        return 0;

        void Note() => duplicates.UnionWith(exchange.Duplicates.Select(static duplicate => duplicate.Key));
    }
}
