namespace ExchangeResilience.Fleet.Worker;

/// <summary>A program that goes on and on.</summary>
internal static class UntilInputEnds
{
    /// <param name="callers">How many go on at once.</param>
    /// <param name="pause">How long each waits before its next time.</param>
    /// <param name="act">What they do, given a number that is theirs alone; how long to wait instead where it went badly.</param>
    public static async Task RepeatAsync(int callers, TimeSpan pause, Func<int, Task<TimeSpan?>> act)
    {
        using var end = new CancellationTokenSource();
        var input = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync(CancellationToken.None) is not null)
            {
            }

            await end.CancelAsync();
        });
        var numbers = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                var wait = await act(Interlocked.Increment(ref numbers));
                await Task.Delay(wait ?? pause, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
        await input;
    }
}
