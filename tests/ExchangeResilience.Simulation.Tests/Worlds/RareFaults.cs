using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>Faults of the larger world alone, by what they befall.</summary>
internal static class RareFaults
{
    private const double Share = 0.15;
    private const double ShareOfRepeatedCancels = 0.35;
    private const string InternalError = "Internal error; unable to process your request. Please try again.";
    private const string Throttled = "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.";
    private const string Timeout = "Timeout waiting for response from backend server. Send status unknown; execution status unknown.";

    /// <summary>How often such a request meets one.</summary>
    public static double ShareOf(FaultContext request) => request is { Method: "DELETE", Attempt: > 1 } ? ShareOfRepeatedCancels : Share;

    /// <summary>Null where nothing of the kind befalls such a request.</summary>
    public static Fault? For(FaultContext request, double which, double much, WorldSettings settings)
    {
        var late = TimeSpan.FromMilliseconds(1 + (1_200 * much));
        return (request.Method, request.Path) switch
        {
            // Sentences that the exchange's short list calls a failure, of orders that take effect all the same.
            ("POST" or "PUT", "/fapi/v1/order") => which switch
            {
                < 0.2 => Fault.LateAccept(late, Fault.RefuseWithCode(503, -1001, InternalError)),
                < 0.3 => Fault.ExecuteThenReply(503, -1001, InternalError),

                // Before a resend that rests on this sentence the order is looked for once: what is shown only later is sent twice, a limit that the guide names.
                < 0.4 when settings.LongestQueryLag == TimeSpan.Zero => Fault.ExecuteThenReply(503, -1008, Throttled),
                < 0.7 => Fault.LateAccept(settings.RecvWindow * (0.3 + (0.6 * much)), Fault.SilenceBeforeExecute),
                _ => Fault.LateAccept(settings.RecvWindow * (0.3 + (0.6 * much))),
            },

            // A cancel that was kept leaves again.
            ("DELETE", "/fapi/v1/order") when request.Attempt > 1 => Fault.Ban(TimeSpan.FromMinutes(10)),
            ("DELETE", "/fapi/v1/batchOrders") => request.Attempt == 1
                ? Fault.OfItems([.. Enumerable.Range(0, 3).Select(index => ((int)(which * 8) >> index) % 2 == 0 ? Fault.None : Fault.ExecuteThenReply(408, -1007, Timeout))])
                : Fault.TooManyRequests(TimeSpan.FromMinutes(1)),
            ("POST", "/fapi/v1/algoOrder") => which switch
            {
                < 0.4 => Fault.RefuseWithCode(400, -4509, "TIF GTE can only be used with open positions or open orders."),
                < 0.6 => Fault.ExecuteThenDrop,
                < 0.8 => Fault.Silence,
                _ => Fault.DropBeforeExecute,
            },
            ("GET", "/fapi/v1/algoOrder") => Fault.HtmlReply(502),
            ("POST", "/fapi/v1/positionMargin") => which < 0.6 ? Fault.ExecuteThenDrop : Fault.Silence,
            _ => null,
        };
    }
}
