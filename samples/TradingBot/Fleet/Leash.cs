namespace TradingBot;

/// <summary>
/// Ties this bot to whoever started it: the line "begin" on stdin lets it trade, any other ends it as Ctrl-C does, and the end of stdin, which is also that of a parent that was killed, ends it
/// on the spot.
/// </summary>
internal sealed class Leash
{
    public const string Begin = "begin";
    public const string End = "end";

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Leash(StopSignal signal) => new Thread(() => Hear(signal)) { IsBackground = true }.Start();

    /// <summary>It may trade.</summary>
    public Task Begun => _begun.Task;

    private void Hear(StopSignal signal)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line != Begin)
            {
                signal.Request();
                return;
            }

            _begun.TrySetResult();
        }

        // Nobody is left to trade for, and what has left is written down.
        Environment.Exit(1);
    }
}
