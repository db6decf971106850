using System.Globalization;

namespace ExchangeResilience.Fleet.Worker;

/// <summary>The typed client of a program that keeps one id per intent, and asks again under it.</summary>
internal sealed class ExchangeClient(HttpClient http)
{
    private static readonly TimeSpan UsualPause = TimeSpan.FromMilliseconds(50);

    public async Task<Outcome> BuyAsync(string id, int thousandths)
    {
        var order = string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={thousandths * 0.001m}&newClientOrderId={id}");
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

    /// <summary>Null where the balance was told, else for how long it is no use to ask.</summary>
    public async Task<TimeSpan?> AskBalanceAsync()
    {
        try
        {
            using var response = await http.GetAsync("/fapi/v2/balance");
            return response.GetExchangeError() is { } error ? Read(error).Pause : null;
        }
        catch (ExchangeErrorException failure)
        {
            return Read(failure.Error).Pause;
        }
    }

    private static Outcome Read(ExchangeError error) => new(error.Execution, error.RetryAfter is { } told && told > UsualPause ? told : UsualPause);
}

/// <summary>What a call told, and how long to wait before the next one.</summary>
internal sealed record Outcome(ExecutionStatus Execution, TimeSpan Pause);
