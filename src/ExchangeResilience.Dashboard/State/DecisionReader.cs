using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExchangeResilience.Dashboard;

/// <summary>Tells what stands behind one decision: what to do about the error, and the call's story as far as it goes. Read when its row is opened.</summary>
internal sealed class DecisionReader(ExchangeStatus status)
{
    public Task ServeAsync(HttpContext context)
    {
        var id = long.Parse((string)context.GetRouteValue("id")!, CultureInfo.InvariantCulture);
        if (status.Decisions.Find(id) is not { } record)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var detail = new DecisionDetail(
            record.Error.Message, IsOurs(record.Error), record.Error.Advice, [.. record.Report.Read().Select(static step => new StepView((long)step.At.TotalMilliseconds, step.Text))]);
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.Body, detail, DashboardJson.Default.DecisionDetail, context.RequestAborted);
    }

    // That a reply was another order's is what this library has found in it.
    private static bool IsOurs(ExchangeError error) => LocalErrors.IsOwn(error) || error.Name == ReplyErrors.ReplyOfAnotherOrder.Name;
}
