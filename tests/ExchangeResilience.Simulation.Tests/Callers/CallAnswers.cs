using System.Text.Json;
using ExchangeResilience.Simulation.Tests.Processes;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>Reads what a call gave its caller: a response, or an exception however it was wrapped.</summary>
internal static class CallAnswers
{
    public static async Task<CallAnswer> OfAsync(HttpResponseMessage response, SimulatedProcess process, TimeSpan calledAt, TimeSpan at)
    {
        var error = response.GetExchangeError();
        return new CallAnswer(process, calledAt, at, error?.Execution ?? (response.IsSuccessStatusCode ? ExecutionStatus.Executed : ExecutionStatus.Unknown), error?.Code ?? 0, error?.Name ?? "", error?.RetryAt)
        {
            Status = (int)response.StatusCode,
            OrderId = error is null ? IdIn(await response.Content.ReadAsStringAsync()) : null,
            CancelIsKept = IsKept(response.GetRecoveryReport()),
        };
    }

    /// <summary>What a batch's response says of each item.</summary>
    public static IReadOnlyList<CallAnswer> OfItems(HttpResponseMessage response, int count, SimulatedProcess process, TimeSpan calledAt, TimeSpan at)
    {
        var errors = response.GetExchangeErrors();
        var whole = response.GetExchangeError();
        return [.. Enumerable.Range(0, count).Select(index =>
        {
            var error = errors.Count == count ? errors[index] : whole;
            var execution = error?.Execution ?? (response.IsSuccessStatusCode && errors.Count == count ? ExecutionStatus.Executed : ExecutionStatus.Unknown);
            return new CallAnswer(process, calledAt, at, execution, error?.Code ?? 0, error?.Name ?? "", error?.RetryAt ?? whole?.RetryAt);
        })];
    }

    /// <summary>Null where a caller of the middleware should never be given such an exception.</summary>
    public static CallAnswer? Of(Exception thrown, SimulatedProcess process, TimeSpan calledAt, TimeSpan at)
    {
        if (ExchangeOperationCanceledException.Find(thrown) is { } cancelled)
        {
            return new CallAnswer(process, calledAt, at, cancelled.Execution, 0, "cancelled", null);
        }

        return thrown switch
        {
            ExchangeErrorException failed => new CallAnswer(process, calledAt, at, failed.Error.Execution, failed.Error.Code, failed.Error.Name, failed.Error.RetryAt)
            {
                CancelIsKept = IsKept(failed.Report),
            },
            OperationCanceledException => new CallAnswer(process, calledAt, at, ExecutionStatus.Unknown, 0, "cancelled outside", null),
            _ => null,
        };
    }

    private static bool IsKept(RecoveryReport? report) => report?.Steps.Any(static step => step.Text.Contains("the cancel is kept", StringComparison.Ordinal)) == true;

    private static string? IdIn(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("orderId", out var id) ? id.GetRawText() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
