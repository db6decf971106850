using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Dashboard;

/// <summary>What a person may do from the page. None of it sends an order, or sends one again; each is logged with who did it and why.</summary>
internal sealed class DashboardActions(ExchangeStatus status, ILogger logger)
{
    private const int LargestBody = 8 * 1024;
    private const int LongestReason = 200;

    public async Task ServeAsync(HttpContext context)
    {
        var name = context.GetRouteValue("action") as string ?? "";
        var (code, result) = await ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false) is { } request
            ? await ActAsync(name, request, Who(context), context.RequestAborted).ConfigureAwait(false)
            : (StatusCodes.Status400BadRequest, new ActionResult(false, "The body is no JSON object of at most 8 KiB."));
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(context.Response.Body, result, DashboardJson.Default.ActionResult, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<(int Code, ActionResult Result)> ActAsync(string action, ActionRequest request, string who, CancellationToken cancellationToken)
    {
        var reason = Plain(request.Reason ?? "", LongestReason);
        switch (action)
        {
            case "resync":
                if (request.Environment is not { Length: > 0 } environment)
                {
                    return Faulty("The environment is missing.");
                }

                var isMeasured = await status.ResyncAsync(environment, cancellationToken).ConfigureAwait(false);
                return Told(who, $"measure the clock of {environment}", reason, isMeasured, "The clock is measured anew.", "The clock could not be measured; the last offset stands.");

            case "ask":
                return Find(request) is not { } asked
                    ? NotInDoubt()
                    : Told(who, $"ask again about {asked.ClientOrderId}", reason, status.InDoubt.AskAgain(asked), "The exchange is asked again.", "It is being asked for already, is settled, or the exchange cannot be asked.");

            case "release":
                if (!Enum.TryParse<TrafficLane>(request.Lane, out var lane) || request.Environment is null || request.Key is null)
                {
                    return Faulty("The lane is not named in full.");
                }

                return NeedsReason(reason) ?? Told(
                    who, $"release the {lane} lane of {request.Environment}/{request.Key}", reason, status.Release(request.Environment, lane, request.Key),
                    "The hold has ended; one request finds out whether the exchange agrees.", "The lane is not held.");

            case "stop":
                // It must not wait until an operator has found the words.
                var why = reason.Length == 0 ? HaltView.Unexplained : reason;
                status.Halt.StopOrders(who, why);
                return Told(who, "stop new orders", why, isDone: true, "New orders are stopped. Cancels and closing orders pass.", "");

            case "explain":
                return NeedsReason(reason) ?? Told(who, "say why new orders are stopped", reason, status.Halt.Explain(who, reason), "The reason is kept.", "New orders are not stopped.");

            case "resume":
                return NeedsReason(reason) ?? Told(who, "allow new orders", reason, status.Halt.AllowOrders(who, reason), "New orders are allowed again.", "New orders are not stopped.");

            case "settle":
                if (request.Execution is not (nameof(ExecutionStatus.Executed) or nameof(ExecutionStatus.NotExecuted)))
                {
                    return Faulty("An order is settled as Executed or as NotExecuted.");
                }

                var execution = Enum.Parse<ExecutionStatus>(request.Execution);
                return NeedsReason(reason) ?? (Find(request) is not { } order
                    ? NotInDoubt()
                    : Told(who, $"settle {order.ClientOrderId} as {execution}", reason, status.InDoubt.Settle(order, execution, who, reason), execution == ExecutionStatus.Executed ? "The order is settled: executed." : "The order is settled: not executed.", "Evidence has settled it already."));

            default:
                return (StatusCodes.Status404NotFound, new ActionResult(false, "There is no such action."));
        }
    }

    private static (int Code, ActionResult Result) Faulty(string message) => (StatusCodes.Status400BadRequest, new ActionResult(false, message));

    private static (int Code, ActionResult Result)? NeedsReason(string reason) => reason.Length == 0 ? Faulty("A reason is needed.") : null;

    private static (int Code, ActionResult Result) NotInDoubt() => (StatusCodes.Status409Conflict, new ActionResult(false, "The order is not in doubt any more."));

    private (int Code, ActionResult Result) Told(string who, string action, string reason, bool isDone, string done, string notDone)
    {
        DashboardLog.Asked(logger, who, action, reason.Length == 0 ? "no reason given" : reason, isDone ? "done" : "not done");
        return (isDone ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, new ActionResult(isDone, isDone ? done : notDone));
    }

    private InDoubtOrder? Find(ActionRequest request) => status.InDoubt.List().FirstOrDefault(order =>
        order.ClientName == request.Client && order.Account == request.Account && order.Symbol == request.Symbol
        && order.ClientOrderId == request.ClientOrderId && order.Kind.ToString() == request.Kind);

    private static string Who(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? Plain(name, LongestReason) : context.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    // It goes into journals and onto the page, one line each, as into logs.
    private static string Plain(string text, int longest)
    {
        var plain = OneLine.Of(text).Trim();
        return plain.Length <= longest ? plain : plain[..longest];
    }

    private static async Task<ActionRequest?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType() || request.ContentLength > LargestBody)
        {
            return null;
        }

        var buffer = new byte[LargestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (length > LargestBody)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), DashboardJson.Default.ActionRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal static partial class DashboardLog
{
    [LoggerMessage(1600, LogLevel.Warning, "{By} on the dashboard: {Action} ({Reason}): {Result}", EventName = "DashboardAction")]
    public static partial void Asked(ILogger logger, string by, string action, string reason, string result);
}
