using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>The search for truth in front of an exchange that answers by rule, on manual time.</summary>
internal sealed class SearchedExchange : IDisposable
{
    public const string Order = "/fapi/v1/order";
    public const string AllOrders = "/fapi/v1/allOrders";
    public const string Amendments = "/fapi/v1/orderAmendment";
    public const string ServerTime = "/fapi/v1/time";
    public const string NoSuchOrder = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
    public const string Busy = "{\"code\":-1003,\"msg\":\"Too many requests.\"}";

    private static readonly ClaimOrigin Origin = ClaimedRequest.OriginOf("account");
    private readonly ServiceProvider _services;
    private bool _isStopped;

    public SearchedExchange()
    {
        _services = new ServiceCollection().AddMetrics().AddLogging(Log.Register).BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        Measured = new Measured(meters);
        Exchange = new AskedExchange(Time);
        var journal = ClaimedRequest.NoJournal(Time);
        Claims = new ClaimTable(Time, journal);
        News = new InDoubtEvents(new ExchangeMetrics(meters), new ContradictedAbsences(Time), _services.GetRequiredService<ILogger<InDoubtEvents>>());
        News.Settled += (_, settled) => Settled.Add(settled);
        News.KeptCancelEnded += (_, ended) => CancelsEnded.Add(ended);
        News.AbsenceContradicted += (_, contradiction) => Contradictions.Add(contradiction);
        Reconciler = new Reconciler(Claims, journal, new AccountCodes(new AccountBook(), Exchange, Time), Exchange, new ExchangeClocks(Time), Time, News, _services.GetRequiredService<ILogger<Reconciler>>());
    }

    public ManualTimeProvider Time { get; } = new();

    public CollectedLog Log { get; } = new();

    public Measured Measured { get; }

    public AskedExchange Exchange { get; }

    public ClaimTable Claims { get; }

    public InDoubtEvents News { get; }

    public IEnumerable<InDoubtOrder> InDoubt => Claims.InDoubt.Select(InDoubtEvents.Describe);

    public Reconciler Reconciler { get; }

    public ReconciliationOptions Options { get; } = new();

    public List<InDoubtSettledEventArgs> Settled { get; } = [];

    public List<KeptCancelEndedEventArgs> CancelsEnded { get; } = [];

    public List<AbsenceContradictedEventArgs> Contradictions { get; } = [];

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The exchange's own time as it tells it.</summary>
    public string TimeReply => string.Create(CultureInfo.InvariantCulture, $"{{\"serverTime\":{NowMs}}}");

    /// <summary>A claim whose request was sent just now and got no answer; its call has gone.</summary>
    public Claim Doubt(string parameters = "newClientOrderId=a", string route = "POST /fapi/v1/order", bool stamped = true, bool sent = true, bool generated = false, bool canAsk = true)
    {
        var operation = ClaimedRequest.Operation(route, $"symbol=BTCUSDT&side=BUY&{parameters}", generated);
        var call = Claims.Enter([Wish.Of(operation)], Origin.Account);
        var grant = Claims.TryClaim(call, operation, Origin with { CanAsk = canAsk }, Options);
        grant.Answer.ShouldBe(ClaimAnswer.Go);
        var claim = grant.Claim.ShouldNotBeNull();
        if (sent)
        {
            AttemptWindow? window = stamped ? new AttemptWindow(NowMs, ClaimedRequest.RecvWindow) : null;
            Claims.TryLeave(call, claim, () => window).ShouldBeTrue();
            claim.Attempts.Close(mayHaveWorked: true);
        }

        Claims.MarkInDoubt(claim, LocalErrors.ConnectionLost(), reply: null).ShouldBeTrue();
        Claims.Exit(call, [], isAnswered: true);
        return claim;
    }

    /// <summary>An order as the exchange shows it, created now unless said otherwise.</summary>
    /// <param name="id">The client order id.</param>
    /// <param name="time">When it was created; now, unless given.</param>
    /// <param name="more">Further members, each of which takes the place of one of the same name.</param>
    public string Shown(string id = "a", long? time = null, string more = "")
    {
        var order = new JsonObject { ["orderId"] = 1, ["clientOrderId"] = id, ["symbol"] = "BTCUSDT", ["side"] = "BUY", ["status"] = "FILLED", ["time"] = time ?? NowMs };
        foreach (var (name, value) in JsonNode.Parse($"{{{more.TrimStart(',')}}}")!.AsObject())
        {
            order[name] = value?.DeepClone();
        }

        return order.ToJsonString();
    }

    public void Search(Claim claim) => Reconciler.Search(claim, Options);

    public Task WaitAsync(TimeSpan time) => Time.RunAsync(() => Task.Delay(time, Time));

    public Task WaitAsync(double seconds) => WaitAsync(TimeSpan.FromSeconds(seconds));

    /// <summary>The process ends.</summary>
    public void Stop()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            Reconciler.Dispose();
        }
    }

    public void Dispose()
    {
        Stop();
        Measured.Dispose();
        _services.Dispose();
    }
}
