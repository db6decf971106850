namespace TradingBot;

/// <summary>Ties this bot to whoever started it: a line on stdin ends it as Ctrl-C does, the end of stdin, which is also that of a parent that was killed, ends it on the spot.</summary>
internal static class Leash
{
    public static void Tie(StopSignal signal) => new Thread(() =>
    {
        if (Console.In.ReadLine() is null)
        {
            // Nobody is left to trade for, and what has left is written down.
            Environment.Exit(1);
        }

        signal.Request();
    })
    {
        IsBackground = true,
    }.Start();
}
