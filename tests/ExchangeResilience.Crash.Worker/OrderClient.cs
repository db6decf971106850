using System.Globalization;

namespace ExchangeResilience.Crash.Worker;

/// <summary>The typed client of a program that keeps one id per intent, and asks again under it.</summary>
internal sealed class OrderClient(HttpClient http)
{
    private static readonly TimeSpan UsualPause = TimeSpan.FromMilliseconds(50);

    public static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"i-{number}");

    public async Task<Outcome> BuyAsync(int number)
    {
        var order = string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={(number + 1) * 0.001m}&newClientOrderId={IdOf(number)}");
        try
        {
            using var response = await http.PostAsync(order, content: null);
            return response.GetExchangeError() is { } error ? Read(error) : new Outcome(ExecutionStatus.Executed, TimeSpan.Zero);
        }
        catch (ExchangeErrorException failure)
        {
            return Read(failure.Error);
        }
    }

    private static Outcome Read(ExchangeError error) => new(error.Execution, error.RetryAfter is { } told && told > UsualPause ? told : UsualPause);
}

/// <summary>What a call told, and how long to wait before the next one.</summary>
internal sealed record Outcome(ExecutionStatus Execution, TimeSpan Pause);
