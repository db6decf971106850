using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Claims;

/// <summary>What one call told its caller, whether by a response or by an exception, however <see cref="HttpClient"/> wrapped it.</summary>
internal sealed record Told
{
    public ExecutionStatus Execution { get; private init; }

    public ExchangeError? Error { get; private init; }

    public RecoveryReport? Report { get; private init; }

    public string? ClientOrderId { get; private init; }

    public int Status { get; private init; }

    public string Body { get; private init; } = "";

    public Exception? Thrown { get; private init; }

    public static async Task<Told> HearAsync(Task<HttpResponseMessage> call)
    {
        try
        {
            using var response = await call;
            var error = response.GetExchangeError();
            var report = response.GetRecoveryReport();
            return new Told
            {
                Execution = error?.Execution ?? (response.IsSuccessStatusCode ? ExecutionStatus.Executed : ExecutionStatus.Unknown),
                Error = error,
                Report = report,
                ClientOrderId = report?.ClientOrderId,
                Status = (int)response.StatusCode,
                Body = await response.Content.ReadAsStringAsync(),
            };
        }
        catch (Exception thrown) when (Find<ExchangeOperationCanceledException>(thrown) is { } cancelled)
        {
            return new Told { Execution = cancelled.Execution, ClientOrderId = cancelled.ClientOrderId, Thrown = thrown };
        }
        catch (Exception thrown) when (Find<ExchangeErrorException>(thrown) is { } failed)
        {
            return new Told { Execution = failed.Error.Execution, Error = failed.Error, Report = failed.Report, ClientOrderId = failed.Report?.ClientOrderId, Thrown = thrown };
        }
        catch (HttpRequestException broken)
        {
            // A query's own body streams past the middleware and may break on its way.
            return new Told { Thrown = broken };
        }
    }

    private static T? Find<T>(Exception? thrown)
        where T : Exception
    {
        while (thrown is not null and not T)
        {
            thrown = thrown.InnerException;
        }

        return (T?)thrown;
    }
}

/// <summary>What the exchange saw, by method and path.</summary>
internal static class ExchangeLooks
{
    public const string Place = "POST /fapi/v1/order";
    public const string Amend = "PUT /fapi/v1/order";
    public const string Cancel = "DELETE /fapi/v1/order";
    public const string Look = "GET /fapi/v1/order";

    /// <summary>How absence is asked about again: the look-up by id could show a newer bearer of it.</summary>
    public const string LookAgain = "GET /fapi/v1/allOrders";

    public static IReadOnlyList<ReceivedRequest> Seen(this SimulatedExchange exchange, string route) =>
        [.. exchange.Requests.Where(request => $"{request.Method} {request.Path}" == route)];
}
