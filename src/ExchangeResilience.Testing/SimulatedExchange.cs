using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>
/// A futures exchange in the style of Binance USD-M for tests: it keeps orders, positions and settings, checks keys, signatures and time windows, counts weights and orders, bans,
/// and fails on demand, exactly as scripted or as a seeded plan deals it.
/// </summary>
/// <remarks>
/// <para>It serves in memory (<see cref="CreateHandler"/>) and on a loopback port (<see cref="ListenAsync"/>), both at once if need be; faults look to a client the same in both.</para>
/// <para>It takes its time from a <see cref="TimeProvider"/>; with a <see cref="ManualTimeProvider"/> everything it does is repeatable. Thread-safe.</para>
/// <para>What it leaves out: funding, fees, liquidation, depth, and user data streams. A market order fills at once and in full at the market price.</para>
/// </remarks>
/// <example>
/// <code>
/// var exchange = new SimulatedExchange();
/// exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
/// using var client = new HttpClient(exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };
/// // ... let the program under test place an order, then:
/// // exchange.ExecutionsOf("my-id").Count is 1
/// </code>
/// </example>
public sealed class SimulatedExchange
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly MatchingEngine _engine;
    private readonly Gatekeeper _gatekeeper;
    private readonly List<ReceivedRequest> _requests = [];
    private readonly Dictionary<(string Method, string Path, string Key), (int Count, TimeSpan Last)> _attempts = [];
    private long _forgotten;

    /// <summary>Creates an exchange on which nothing has been traded yet.</summary>
    /// <param name="options">How it behaves; the defaults unless given.</param>
    /// <param name="time">Its time; the system's unless given.</param>
    public SimulatedExchange(SimulatedExchangeOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? new SimulatedExchangeOptions();
        _time = time ?? TimeProvider.System;
        _engine = new MatchingEngine(Options);
        _gatekeeper = new Gatekeeper(Options);
        Clock = new ExchangeClock(_time);
    }

    /// <summary>A base address for in-memory use; no such host exists.</summary>
    public static Uri Address { get; } = new("https://fapi.simulated.test");

    /// <summary>How the exchange behaves; may be changed while it runs.</summary>
    public SimulatedExchangeOptions Options { get; }

    /// <summary>The exchange's clock.</summary>
    public ExchangeClock Clock { get; }

    /// <summary>What goes wrong.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary>Every request received, in the order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => Observe(() => _requests.ToArray());

    /// <summary>Every order that took effect, in that order.</summary>
    public IReadOnlyList<SimulatedOrder> Orders => Observe(Snapshot);

    /// <summary>Everything that requests did to orders, in that order, whatever their senders were told. Fills and triggers are the market's doing and not among them.</summary>
    public IReadOnlyList<SimulatedEffect> Effects => Observe(() => _engine.Effects.ToArray());

    /// <summary>Client order ids that took effect more than once. A deliberate reuse after the first order had ended counts too.</summary>
    public IReadOnlyList<Duplicate> Duplicates => ById(Orders);

    /// <summary>Intents (account, symbol, side, type, quantity and price) that took effect more than once, under whatever client order ids. Tells duplicates
    /// where every intended order has, say, a quantity of its own.</summary>
    public IReadOnlyList<Duplicate> DuplicateIntents => ByIntent(Orders);

    /// <summary>
    /// Requests received although the client had been told to wait and the wait was still running: any request from the address of a 429 or 418 with -1003,
    /// and orders of the account of a 429 with -1015. Other requests are exempt from the latter.
    /// </summary>
    public IReadOnlyList<ReceivedRequest> SentIntoHold => [.. Requests.Where(static request => request.IntoHold is not null)];

    /// <summary>The sum of what happened so far.</summary>
    public Scoreboard Scoreboard
    {
        get
        {
            var (requests, orders) = Observe(() => (_requests.ToArray(), Snapshot()));
            var (ids, intents) = (ById(orders), ByIntent(orders));
            return new Scoreboard
            {
                Requests = requests.Length,
                Places = requests.Count(static request => request is { Method: "POST", Path: "/fapi/v1/order" or "/fapi/v1/batchOrders" }),
                Executions = orders.Length,
                ClientOrderIds = orders.Select(static order => (order.Account, order.Symbol, order.ClientOrderId)).Distinct().Count(),
                DuplicateClientOrderIds = ids.Count,
                ExtraExecutions = ids.Sum(static id => id.Orders.Count - 1),
                DuplicateIntents = intents.Count,
                ExtraIntents = intents.Sum(static intent => intent.Orders.Count - 1),
                SentIntoHold = requests.Count(static request => request.IntoHold is not null),
                Faults = requests.Where(static request => request.Fault is not null).CountBy(static request => request.Fault!.Name, StringComparer.Ordinal).ToDictionary(),
                Codes = requests.Where(static request => request.Code != 0).CountBy(static request => request.Code).ToDictionary(),
            };
        }
    }

    /// <summary>A handler that serves requests in memory, to be used as an HttpClient's primary handler. Failures come as the exceptions that .NET's own handler throws.</summary>
    /// <remarks>As .NET's own handler does, it sends a request without content up to three times more when the connection is closed in good order before the first byte of a reply.</remarks>
    /// <param name="address">The address its requests come from, which weights and bans go by.</param>
    public HttpMessageHandler CreateHandler(string address = "127.0.0.1")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        return new InMemoryHandler(this, _time, address);
    }

    /// <summary>Serves on a loopback port, by HTTP/1.1. All its connections count as coming from 127.0.0.1.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="cancellationToken">Stops listening, as disposing the server does.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public Task<SimulatedExchangeServer> ListenAsync(int port = 0, CancellationToken cancellationToken = default) =>
        Task.FromResult(new SimulatedExchangeServer(this, _time, port, cancellationToken));

    /// <summary>Every order that took effect under a client order id, in that order. More than one means that it was sent again after the first had ended.</summary>
    /// <param name="clientOrderId">The id.</param>
    public IReadOnlyList<SimulatedOrder> ExecutionsOf(string clientOrderId) => [.. Orders.Where(order => order.ClientOrderId == clientOrderId)];

    /// <summary>Moves the market: resting orders in its way fill at their own price, and conditional orders are set off.</summary>
    /// <param name="symbol">The contract.</param>
    /// <param name="price">The new market and mark price.</param>
    /// <exception cref="ArgumentException">There is no such contract.</exception>
    public void SetPrice(string symbol, decimal price)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(price);
        Act(moment => _engine.MoveMarket(_engine.Find(symbol) ?? throw new ArgumentException($"There is no contract {symbol}.", nameof(symbol)), price, moment));
    }

    /// <summary>Fills an open order at its own price.</summary>
    /// <param name="orderId">The exchange's id of the order.</param>
    /// <param name="quantity">How much of it; the rest unless given.</param>
    /// <exception cref="ArgumentException">There is no such open order.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The quantity is not positive, or more than is left.</exception>
    public void Fill(long orderId, decimal? quantity = null) => Act(moment =>
    {
        var order = _engine.Orders.Find(order => order.Id == orderId && order.IsOpen) ?? throw new ArgumentException("There is no such open order.", nameof(orderId));
        var left = order.Quantity - order.Executed;
        var filled = quantity ?? left;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(filled, nameof(quantity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filled, left, nameof(quantity));
        _engine.Fill(order, filled, order.Price, moment);
    });

    /// <summary>Ends an open order by the exchange's own doing, as an expiry or a self-trade prevention does.</summary>
    /// <param name="orderId">The exchange's id of the order.</param>
    /// <param name="status">The status it ends in: EXPIRED unless given, or CANCELED.</param>
    /// <exception cref="ArgumentException">There is no such open order.</exception>
    public void End(long orderId, string status = "EXPIRED") => Act(moment => _engine.End(
        _engine.Orders.Find(order => order.Id == orderId && order.IsOpen) ?? throw new ArgumentException("There is no such open order.", nameof(orderId)), status, moment));

    /// <summary>
    /// Forgets what is over and this old, so that an exchange can serve for hours in bounded memory: requests, what they did to orders, and orders that are no longer open.
    /// A client that asks for such an order is told that there is none.
    /// </summary>
    /// <param name="age">How long ago, by the time that has passed.</param>
    public void Forget(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        Act(moment =>
        {
            var before = moment.Elapsed - age;
            var kept = _requests.FindIndex(request => request.Elapsed > before);
            var gone = kept < 0 ? _requests.Count : kept;
            _requests.RemoveRange(0, gone);
            _forgotten += gone;
            foreach (var attempt in _attempts.Where(attempt => attempt.Value.Last <= before).Select(static attempt => attempt.Key).ToList())
            {
                _attempts.Remove(attempt);
            }

            _engine.Forget(moment.Before(age));
        });
    }

    /// <summary>Serves one request. Once it has arrived nothing the client does can call it back.</summary>
    internal async Task<Delivery> ServeAsync(WireRequest request)
    {
        await TravelAsync().ConfigureAwait(false);
        Visit visit;
        lock (_gate)
        {
            visit = Receive(request);
        }

        if (visit.Answered is null && visit.EngineDelay > TimeSpan.Zero)
        {
            await Task.Delay(visit.EngineDelay, _time, CancellationToken.None).ConfigureAwait(false);
        }

        Delivery delivery;
        lock (_gate)
        {
            delivery = visit.Answered ?? Execute(visit);
        }

        await TravelAsync().ConfigureAwait(false);
        return delivery;
    }

    private Task TravelAsync() => Options.Latency > TimeSpan.Zero ? Task.Delay(Options.Latency / 2, _time, CancellationToken.None) : Task.CompletedTask;

    /// <summary>Takes a request through limits, faults and the gate. It is answered there, or goes on to the engine.</summary>
    private Visit Receive(WireRequest request)
    {
        var moment = Clock.Read();
        _engine.Settle(moment);
        var parameters = Parameters.Parse(request.Query, request.Body, out var hasDuplicates);
        var route = Routes.Find(request.Method, request.Path);
        var key = request.ApiKey is { } name ? _engine.FindKey(name) : null;
        var account = key is null ? _engine.Nobody : _engine.AccountOf(key);
        var violation = _gatekeeper.FindViolation(request.Address, account, route is { CountsOrders: true }, moment);
        var visit = new Visit(request, route, new Call(_engine, account, parameters, moment) { Number = _forgotten + _requests.Count + 1 }) { Weight = route?.WeightOf(parameters) ?? 1 };
        _requests.Add(new ReceivedRequest
        {
            Number = visit.Call.Number,
            Time = moment.Now,
            Elapsed = moment.Elapsed,
            Address = request.Address,
            Method = request.Method,
            Path = request.Path,
            Query = request.Query,
            Body = Encoding.UTF8.GetString(request.Body),
            ApiKey = request.ApiKey,
            Parameters = parameters.Values,
            IntoHold = violation?.Since,
            ToldBy = violation?.ToldBy,
        });

        if (_gatekeeper.Admit(request.Address, visit.Weight, violation, moment) is { } refused)
        {
            return visit with { Answered = Refuse(visit, refused) };
        }

        var fault = Faults.Choose(Describe(request, parameters, moment));
        visit = visit with { Fault = fault, Call = visit.Call with { ItemFaults = fault.Items } };
        if (visit.Fault != Fault.None)
        {
            Amend(visit, request => request with { Fault = visit.Fault });
        }

        if (visit.Fault.BanDuration is { } ban)
        {
            return visit with { Answered = Refuse(visit, _gatekeeper.Ban(request.Address, ban, visit.Fault.BanTellsRetryAfter, moment)) };
        }

        if (visit.Fault.Effect == FaultEffect.None)
        {
            return visit with { Answered = Deliver(visit, answer: null, moment) };
        }

        if (Gate.Check(route, key, request, visit.Call, hasDuplicates) is { } refusal)
        {
            // A reply made up for an executed request would hide that this one never was.
            var told = visit.Fault.Ending == FaultEnding.Reply ? visit with { Fault = Fault.None } : visit;
            return visit with { Answered = Deliver(told, refusal, moment) };
        }

        if (route!.CountsOrders && _gatekeeper.AdmitOrders(request.Address, account, route.OrdersPer10Seconds, route.OrdersPerMinute, moment) is { } tooMany)
        {
            return visit with { Answered = Refuse(visit, tooMany) };
        }

        if (visit.Fault.Effect == FaultEffect.Late)
        {
            _engine.Schedule(moment.Before(-visit.Fault.EngineDelay), due => RunLate(visit, due));
            return visit with { Answered = Deliver(visit, answer: null, moment) };
        }

        return visit with { EngineDelay = visit.Fault.EngineDelay + (route.EngineChecksWindow ? Options.EngineDelay : TimeSpan.Zero) };
    }

    private Delivery Execute(Visit visit)
    {
        var moment = Clock.Read();
        _engine.Settle(moment);
        return Deliver(visit, Run(visit, moment), moment);
    }

    private static Answer Run(Visit visit, Moment moment)
    {
        var call = visit.Call with { Moment = moment };
        return visit.Route!.EngineChecksWindow && Gate.IsPast(call.Parameters, moment) ? Refusal.EngineWindow : visit.Route.Run(call);
    }

    private void RunLate(Visit visit, Moment due)
    {
        var answer = Run(visit, due);
        if (visit.Fault.Reply is null)
        {
            Amend(visit, request => request with { Status = answer.Refusal?.Status ?? 200, Code = answer.Refusal?.Code ?? 0 });
        }
    }

    private FaultContext Describe(WireRequest request, Parameters parameters, Moment moment)
    {
        var id = parameters["newClientOrderId"] ?? parameters["origClientOrderId"] ?? parameters["clientAlgoId"];
        var key = id ?? $"{parameters["symbol"]}|{parameters["side"]}|{parameters["type"]}|{parameters["price"]}|{parameters["quantity"]}|{parameters["batchOrders"]}";
        var attempt = _attempts.GetValueOrDefault((request.Method, request.Path, key)).Count + 1;
        _attempts[(request.Method, request.Path, key)] = (attempt, moment.Elapsed);
        return new FaultContext(request.Method, request.Path, id, attempt, parameters.Values) { Key = key };
    }

    private void Amend(Visit visit, Func<ReceivedRequest, ReceivedRequest> change)
    {
        var index = (int)(visit.Call.Number - 1 - _forgotten);
        if (index >= 0)
        {
            _requests[index] = change(_requests[index]);
        }
    }

    private Delivery Refuse(Visit visit, Refused refused) => Finish(
        visit,
        FaultEnding.Reply,
        Replies.Of(refused.Refusal, refused.RetryAfter),
        refused.Refusal.Code,
        refused.Hold,
        visit.Call.Moment);

    /// <summary>The reply a fault made up, or the exchange's own, on the way the fault sends it.</summary>
    private Delivery Deliver(Visit visit, Answer? answer, Moment moment)
    {
        var fault = visit.Fault;
        if (fault.Reply is { } canned)
        {
            if (fault.Effect == FaultEffect.None && canned.Status >= 500)
            {
                // The documentation says of overload and "Service Unavailable." that they do not count.
                _gatekeeper.Refund(visit.Request.Address, visit.Weight, moment);
            }

            var spelled = canned.Message is null ? canned with { Message = Refusal.Weight(visit.Request.Address, Options.WeightPerMinute).Message } : canned;
            return Finish(visit, fault.Ending, Replies.Of(spelled, visit.Request.Path, moment), canned.Code ?? 0, HoldAskedFor(visit, canned, moment), moment);
        }

        // Without an answer yet the fault loses the reply, so that nobody sees this one.
        var own = answer ?? new Answer(new JsonObject(), null);
        return Finish(visit, fault.Ending, Replies.Of(own), own.Refusal?.Code ?? 0, hold: null, moment);
    }

    private Hold? HoldAskedFor(Visit visit, CannedReply canned, Moment moment)
    {
        if (canned.Status is not (429 or 418))
        {
            return null;
        }

        var header = visit.Fault.Headers.LastOrDefault(static header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value;
        var wait = RetryConditionHeaderValue.TryParse(header, out var parsed) && parsed.Delta is { } delta && delta > TimeSpan.Zero ? delta : _gatekeeper.LeftOfMinute(visit.Request.Address, moment);
        return _gatekeeper.Hold(visit.Request.Address, canned.Code == -1015 ? visit.Call.Account : null, wait, moment);
    }

    private Delivery Finish(Visit visit, FaultEnding ending, WireReply reply, int code, Hold? hold, Moment moment)
    {
        Amend(visit, request => request with { Status = reply.Status, Code = code });
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Date"] = moment.Now.ToString("R", CultureInfo.InvariantCulture),
            ["x-mbx-used-weight-1m"] = Text(_gatekeeper.UsedWeight(visit.Request.Address, moment)),
        };
        if (visit.Route is { CountsOrders: true } && (reply.Status < 300 || code == -1015))
        {
            headers["x-mbx-order-count-10s"] = Text(visit.Call.Account.Orders10Seconds.At(moment).Used);
            headers["x-mbx-order-count-1m"] = Text(visit.Call.Account.OrdersMinute.At(moment).Used);
        }

        foreach (var (name, value) in reply.Headers.Concat(visit.Fault.Headers))
        {
            headers[name] = value;
        }

        return new Delivery(ending, reply with { Headers = headers }, visit.Fault.Interval) { Told = () => Tell(hold, visit.Call.Number) };

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private void Tell(Hold? hold, long by)
    {
        if (hold is not null)
        {
            lock (_gate)
            {
                hold.Told ??= (Clock.Read().Elapsed, by);
            }
        }
    }

    private SimulatedOrder[] Snapshot() => [.. _engine.Orders.Select(static order => order.Snapshot())];

    private static List<Duplicate> ById(IEnumerable<SimulatedOrder> orders) => Repeated(orders, static order => $"{order.Account} {order.Symbol} {order.ClientOrderId}");

    private static List<Duplicate> ByIntent(IEnumerable<SimulatedOrder> orders) =>
        Repeated(orders, static order => FormattableString.Invariant($"{order.Account} {order.Symbol} {order.Side} {order.Type} {order.Quantity} {order.Price}"));

    private static List<Duplicate> Repeated(IEnumerable<SimulatedOrder> orders, Func<SimulatedOrder, string> key) =>
        [.. orders.GroupBy(key, StringComparer.Ordinal).Where(static group => group.Skip(1).Any()).Select(static group => new Duplicate(group.Key, [.. group]))];

    private T Observe<T>(Func<T> look)
    {
        lock (_gate)
        {
            _engine.Settle(Clock.Read());
            return look();
        }
    }

    private void Act(Action<Moment> act)
    {
        lock (_gate)
        {
            var moment = Clock.Read();
            _engine.Settle(moment);
            act(moment);
        }
    }

    /// <summary>One request on its way through the exchange.</summary>
    private sealed record Visit(WireRequest Request, Route? Route, Call Call)
    {
        public int Weight { get; init; }

        public Fault Fault { get; init; } = Fault.None;

        public TimeSpan EngineDelay { get; init; }

        public Delivery? Answered { get; init; }
    }
}
