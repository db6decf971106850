using System.Runtime.CompilerServices;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>For what happens in other processes, and says nothing of itself.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task UntilAsync(Func<bool> holds, TimeSpan patience, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        UntilAsync(() => Task.FromResult(holds()), patience, what);

    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan patience, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > patience)
            {
                throw new TimeoutException($"Within {patience.TotalSeconds} s it did not come about: {what}");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
