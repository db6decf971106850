namespace ExchangeResilience.Fleet.Worker;

/// <summary>A program that polls.</summary>
internal static class Questions
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static async Task AskAsync(ExchangeClient exchange)
    {
        using var end = new CancellationTokenSource();
        var input = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync(CancellationToken.None) is not null)
            {
            }

            await end.CancelAsync();
        });
        while (!end.IsCancellationRequested)
        {
            var wait = await exchange.AskBalanceAsync();
            if (wait is { } told)
            {
                Voice.Say(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"refused, asks again in {told.TotalSeconds:0.000} s"));
            }

            await Task.WhenAny(Task.Delay(wait ?? Pause, TimeProvider.System, CancellationToken.None), input);
        }
    }
}
