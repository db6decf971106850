using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>
/// Deals faults, lags and pauses, each by the seed and the name of what it befalls alone, so that leaving one out leaves the others as they were.
/// </summary>
internal sealed class Weather(WorldPlan plan, SimulatedExchangeOptions exchange, ManualTimeProvider time)
{
    private const string InternalError = "Internal error; unable to process your request. Please try again.";
    private const string Unknown = "Unknown error, please check your request or try again later.";
    private const string Timeout = "Timeout waiting for response from backend server. Send status unknown; execution status unknown.";

    /// <summary>The share of faults of an order before the first that makes it late.</summary>
    private const double LostReplies = 0.48;

    private readonly Dictionary<string, int> _pauses = [];
    private readonly List<string> _dealt = [];

    /// <summary>From now on nothing goes wrong any more.</summary>
    public bool IsCalm { get; set; }

    /// <summary>Until then no question about an order is answered.</summary>
    public TimeSpan QueriesFailUntil { get; set; }

    /// <summary>Every fault and pause dealt, by the name under which it can be muted.</summary>
    public IReadOnlyList<string> Dealt => _dealt;

    public Fault? FaultFor(FaultContext request)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.Path} {NameOf(request.Parameters)} #{request.Attempt}");
        if (request.Method is "POST" or "PUT" or "DELETE")
        {
            SetLags(name);
        }

        if (IsCalm)
        {
            return null;
        }

        if (request.Method == "GET" && time.Elapsed < QueriesFailUntil && request.Path.EndsWith("rder", StringComparison.Ordinal))
        {
            return Fault.HtmlReply(502);
        }

        if (plan.Kind.IsLarger() && RareFaults.For(request, Draw(name, "which rare"), Draw(name, "how much rare"), plan.Settings) is { } rare && Strikes($"rare {name}", RareFaults.ShareOf(request)))
        {
            return rare;
        }

        var share = request.Method == "GET" ? plan.Settings.FaultsPerQuestion : plan.Settings.FaultsPerOrder;
        if (Draw(name, "whether") >= share || IsMuted(name))
        {
            return null;
        }

        _dealt.Add(name);
        var which = Draw(name, "which");
        var much = Draw(name, "how much");
        return request.Method switch
        {
            "GET" => Question(which, much),
            "DELETE" => Cancel(which, much),

            // Where the engine does not check the window again, what it accepts after it can never be told from an older order of the same id.
            _ when request.Path is not ("/fapi/v1/order" or "/fapi/v1/batchOrders") => Order(which * LostReplies, much),
            _ => Order(which, much),
        };
    }

    /// <summary>Whether something of this name happens.</summary>
    public bool Strikes(string name, double share)
    {
        if (IsCalm || Draw(name, "whether") >= share || IsMuted(name))
        {
            return false;
        }

        _dealt.Add(name);
        return true;
    }

    /// <summary>How long a mutation waits between journal and signer; null where it does not.</summary>
    public TimeSpan? PauseFor(HttpRequestMessage request)
    {
        if (IsCalm || plan.Settings.PausesPerAttempt <= 0)
        {
            return null;
        }

        var parameters = new RequestParameters(request.RequestUri!.Query, body: null);
        var attempt = string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.RequestUri.AbsolutePath} {parameters["newClientOrderId"] ?? parameters["origClientOrderId"]}");
        var count = _pauses[attempt] = _pauses.GetValueOrDefault(attempt) + 1;
        var name = string.Create(CultureInfo.InvariantCulture, $"pause before {attempt} #{count}");
        if (Draw(name, "whether") >= plan.Settings.PausesPerAttempt || IsMuted(name))
        {
            return null;
        }

        _dealt.Add(name);
        var much = Draw(name, "how much");
        return TimeSpan.FromMilliseconds(Draw(name, "which") < 0.7 ? 2_000 * much : 12_000 * much);
    }

    private bool IsMuted(string name) => plan.Muted.Contains(name) || plan.MutedKinds.Any(kind => name.Contains(kind, StringComparison.OrdinalIgnoreCase));

    private static string NameOf(IReadOnlyDictionary<string, string> parameters)
    {
        foreach (var name in (ReadOnlySpan<string>)["newClientOrderId", "origClientOrderId", "orderId", "quantity", "batchOrders", "origClientOrderIdList", "clientAlgoId", "amount", "symbol"])
        {
            if (parameters.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return "";
    }

    private void SetLags(string name)
    {
        exchange.QueryLag = Lag(plan.Settings.LongestQueryLag, Draw(name, "query lag"));
        exchange.ChangeLag = Lag(plan.Settings.LongestChangeLag, Draw(name, "change lag"));
    }

    // Often none, often all of it, and anything between.
    private static TimeSpan Lag(TimeSpan longest, double draw) => draw < 0.3 ? TimeSpan.Zero : draw > 0.8 ? longest : longest * ((draw - 0.3) * 2);

    private double Draw(string name, string what) => Dice.Draw(plan.Seed, $"{what} {name}");

    private Fault Order(double which, double much)
    {
        var within = plan.Settings.RecvWindow * much;
        return which switch
        {
            < 0.04 => Fault.DropBeforeExecute,
            < 0.06 => Fault.FinBeforeExecute,
            < 0.09 => Fault.SilenceBeforeExecute,
            < 0.15 => Fault.ExecuteThenDrop,
            < 0.18 => Fault.ExecuteThenFin,
            < 0.21 => Fault.Silence,
            < 0.25 => Fault.HalfBody,
            < 0.27 => Fault.Drip(TimeSpan.FromMilliseconds(1 + (40 * much))),
            < 0.32 => Fault.ExecutedTimeout,
            < 0.35 => Fault.ExecutedTimeout503,
            < 0.39 => Fault.ExecutedUnknown,
            < 0.42 => Fault.ExecutedUnexpectedResponse,
            < 0.45 => Fault.HtmlReply(502, executed: true),
            < 0.48 => Fault.HtmlReply(504),
            < 0.54 => Fault.LateAccept(within),
            < 0.57 => Fault.LateAccept(within, Fault.Silence),
            < 0.60 => Fault.LateAccept(within, Fault.ExecutedTimeout),
            < 0.62 => Fault.LateAccept(within, Fault.HtmlReply(502, executed: true)),
            < 0.64 => Fault.LateAccept(plan.Settings.RecvWindow - TimeSpan.FromMilliseconds(1 + (200 * much))),
            < 0.66 => Fault.LateAccept(plan.Settings.RecvWindow * (1 + much)),
            < 0.70 => Fault.SlowEngine(TimeSpan.FromMilliseconds(9_000 * much)),
            < 0.73 => Fault.Unavailable,
            < 0.76 => Fault.Throttled,
            < 0.80 => Fault.RefuseWithCode(503, -1001, InternalError),
            < 0.83 => Fault.RefuseWithCode(408, -1007, Timeout),
            < 0.86 => Fault.RefuseWithCode(503, -1006, "An unexpected response was received from the message bus. Execution status unknown."),
            < 0.88 => Fault.RefuseWithCode(503, -1000, Unknown),
            < 0.91 => Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow."),
            < 0.95 => Fault.TooManyRequests(TimeSpan.FromSeconds(1 + (int)(4 * much))),
            < 0.97 => Fault.TooManyRequests(),
            < 0.98 => Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS.").WithHeader("Retry-After", "3"),
            _ => Fault.Ban(TimeSpan.FromSeconds(2 + (20 * much)), retryAfter: much > 0.3),
        };
    }

    private static Fault Cancel(double which, double much) => which switch
    {
        < 0.15 => Fault.DropBeforeExecute,
        < 0.30 => Fault.ExecuteThenDrop,
        < 0.40 => Fault.ExecuteThenFin,
        < 0.50 => Fault.ExecutedTimeout,
        < 0.60 => Fault.RefuseWithCode(408, -1007, Timeout),
        < 0.68 => Fault.Silence,
        < 0.75 => Fault.HalfBody,
        < 0.83 => Fault.HtmlReply(502, executed: true),
        < 0.90 => Fault.Unavailable,
        < 0.97 => Fault.TooManyRequests(TimeSpan.FromSeconds(1 + (int)(4 * much))),
        _ => Fault.Ban(TimeSpan.FromSeconds(2 + (20 * much))),
    };

    private static Fault Question(double which, double much) => which switch
    {
        < 0.25 => Fault.DropBeforeExecute,
        < 0.40 => Fault.SilenceBeforeExecute,
        < 0.55 => Fault.HtmlReply(502),
        < 0.65 => Fault.HalfBody,
        < 0.75 => Fault.Unavailable,
        < 0.85 => Fault.RefuseWithCode(503, -1000, Unknown),
        < 0.90 => Fault.RefuseWithCode(408, -1007, Timeout),
        < 0.97 => Fault.TooManyRequests(TimeSpan.FromSeconds(1 + (int)(4 * much))),
        _ => Fault.Ban(TimeSpan.FromSeconds(2 + (20 * much))),
    };
}
