namespace ExchangeResilience.Fleet.Worker;

/// <summary>A program that goes on and on.</summary>
internal static class UntilInputEnds
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <param name="callers">How many go on at once.</param>
    /// <param name="act">What they do, given a number that is theirs alone; how long to wait before the next time, null for hardly at all.</param>
    public static async Task RepeatAsync(int callers, Func<int, Task<TimeSpan?>> act)
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
                await Task.Delay(wait ?? Pause, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
        await input;
    }
}
