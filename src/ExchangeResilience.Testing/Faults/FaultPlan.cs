namespace ExchangeResilience.Testing;

/// <summary>Decides which requests meet which fault. Plans hold no state, so one may serve several exchanges.</summary>
public sealed class FaultPlan
{
    private readonly Func<FaultContext, Fault?> _choose;

    private FaultPlan(string name, Func<FaultContext, Fault?> choose)
    {
        Name = name;
        _choose = choose;
    }

    /// <summary>No faults.</summary>
    public static FaultPlan None { get; } = new(nameof(None), static _ => null);

    /// <summary>The plan's name, for reports.</summary>
    public string Name { get; }

    /// <summary>
    /// What a bad day looks like to orders that are placed: 10 % executed and answered 503 with -1007; 5 % executed and the connection reset; 5 % executed and answered
    /// 503 "Unknown error, please check your request or try again later."; 5 % refused with 503 "Service Unavailable."; 5 % refused with 429 and Retry-After: 1;
    /// 2 % lost before they were executed, reset or closed. Everything else is served.
    /// </summary>
    /// <param name="seed">The same seed deals the same fault to the same attempt of the same client id.</param>
    public static FaultPlan Mixed(int seed) => Deal(
        nameof(Mixed),
        seed,
        static request => request.IsPlace,
        (0.10, Fault.ExecutedTimeout503),
        (0.05, Fault.ExecuteThenDrop),
        (0.05, Fault.ExecutedUnknown),
        (0.05, Fault.Unavailable),
        (0.05, Fault.TooManyRequests(TimeSpan.FromSeconds(1))),
        (0.01, Fault.DropBeforeExecute),
        (0.01, Fault.FinBeforeExecute));

    /// <summary>
    /// Everything this package can do to an order at once, two requests of five: all that <see cref="Mixed"/> holds, and silence, half bodies, dripping bodies, closed connections, HTML from a proxy,
    /// a slow engine, and orders accepted only seconds after their reply was lost.
    /// </summary>
    /// <param name="seed">The same seed deals the same fault to the same attempt of the same client id.</param>
    public static FaultPlan Hostile(int seed) => Deal(
        nameof(Hostile),
        seed,
        static request => request.IsPlace,
        (0.04, Fault.ExecutedTimeout),
        (0.04, Fault.ExecutedTimeout503),
        (0.03, Fault.ExecutedUnknown),
        (0.02, Fault.ExecutedUnexpectedResponse),
        (0.03, Fault.ExecuteThenDrop),
        (0.03, Fault.ExecuteThenFin),
        (0.03, Fault.HalfBody),
        (0.02, Fault.Drip()),
        (0.02, Fault.Silence),
        (0.02, Fault.SilenceBeforeExecute),
        (0.02, Fault.HtmlReply(502, executed: true)),
        (0.02, Fault.HtmlReply(504)),
        (0.02, Fault.LateAccept(TimeSpan.FromSeconds(2))),
        (0.01, Fault.LateAccept(TimeSpan.FromMinutes(2))),
        (0.02, Fault.SlowEngine(TimeSpan.FromSeconds(1))),
        (0.01, Fault.SlowEngine(TimeSpan.FromSeconds(8))),
        (0.03, Fault.Unavailable),
        (0.03, Fault.TooManyRequests(TimeSpan.FromSeconds(1))),
        (0.02, Fault.DropBeforeExecute),
        (0.02, Fault.FinBeforeExecute));

    /// <summary>A plan of one's own.</summary>
    /// <param name="choose">Gives the fault a request is to meet, or null. The exchange serves nothing else meanwhile: it must be quick and must not call the exchange.</param>
    public static FaultPlan Custom(Func<FaultContext, Fault?> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return new FaultPlan(nameof(Custom), choose);
    }

    /// <summary>A plan that deals each fault to its share of the requests.</summary>
    /// <param name="seed">The same seed deals the same fault to the same attempt of the same client id.</param>
    /// <param name="applies">Which requests it concerns; null means all of them.</param>
    /// <param name="shares">The faults, each with its share between 0 and 1; together no more than 1.</param>
    /// <exception cref="ArgumentException">A share is negative, or they add up to more than 1.</exception>
    public static FaultPlan Weighted(int seed, Func<FaultContext, bool>? applies, params (double Share, Fault Fault)[] shares) =>
        Deal(nameof(Weighted), seed, applies, shares);

    /// <summary>The fault this request is to meet; null if none.</summary>
    /// <param name="request">The request.</param>
    public Fault? Choose(FaultContext request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _choose(request);
    }

    /// <summary>The plan's name.</summary>
    public override string ToString() => Name;

    private static FaultPlan Deal(string name, int seed, Func<FaultContext, bool>? applies, params (double Share, Fault Fault)[] shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        if (shares.Any(static entry => entry.Share < 0) || shares.Sum(static entry => entry.Share) > 1 + 1e-9)
        {
            throw new ArgumentException("Each share must be at least 0, and all of them together at most 1.", nameof(shares));
        }

        return new FaultPlan(name, request =>
        {
            if (applies is not null && !applies(request))
            {
                return null;
            }

            var draw = request.Draw(seed);
            foreach (var (share, fault) in shares)
            {
                if ((draw -= share) < 0)
                {
                    return fault;
                }
            }

            return null;
        });
    }
}
