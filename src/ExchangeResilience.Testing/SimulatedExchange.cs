namespace ExchangeResilience.Testing;

/// <summary>
/// A futures exchange in the style of Binance USD-M for tests: it keeps orders, positions and settings, checks keys, signatures and time windows, counts weights and orders, bans,
/// and fails on demand, exactly as scripted or as a seeded plan deals it.
/// </summary>
/// <remarks>
/// <para>It serves in memory (<see cref="CreateHandler"/>) and on a loopback port (<see cref="ListenAsync"/>), both at once if need be; faults look to a client the same in both.</para>
/// <para>It takes its time from a <see cref="TimeProvider"/>; with a <see cref="ManualTimeProvider"/> everything it does is repeatable. Thread-safe.</para>
/// <para>What it leaves out: funding, fees and liquidation. Market data are made up, in agreement with the price. A market order fills at once and in full at the market price.</para>
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
public sealed partial class SimulatedExchange
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly MatchingEngine _engine;
    private readonly RequestLog _requests = new();
    private readonly RequestPipeline _pipeline;

    /// <summary>Creates an exchange on which nothing has been traded yet.</summary>
    /// <param name="options">How it behaves; the defaults unless given.</param>
    /// <param name="time">Its time; the system's unless given.</param>
    public SimulatedExchange(SimulatedExchangeOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? new SimulatedExchangeOptions();
        _time = time ?? TimeProvider.System;
        Clock = new ExchangeClock(_time);
        _engine = new MatchingEngine(Options, Clock.Now);
        _pipeline = new RequestPipeline(Options, Clock, _engine, Faults, _requests);
    }

    /// <summary>A base address for in-memory use; no such host exists.</summary>
    public static Uri Address { get; } = new("https://fapi.simulated.test");

    /// <summary>How the exchange behaves; may be changed while it runs.</summary>
    public SimulatedExchangeOptions Options { get; }

    /// <summary>The exchange's clock.</summary>
    public ExchangeClock Clock { get; }

    /// <summary>What goes wrong.</summary>
    public FaultScript Faults { get; } = new([.. Routes.All.Select(static route => $"{route.Method} {route.Path}")]);

    /// <summary>Every request received, in the order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => Observe(() => _requests.ToArray());

    /// <summary>Every order that took effect, in that order.</summary>
    public IReadOnlyList<SimulatedOrder> Orders => Observe(Snapshot);

    /// <summary>Everything that requests did to orders, in that order, whatever replies their senders got. Fills and triggers are the market's doing and not among them.</summary>
    public IReadOnlyList<SimulatedEffect> Effects => Observe(() => _engine.Effects.ToArray());

    /// <summary>Client order ids that took effect more than once. A deliberate reuse after the first order had ended counts too.</summary>
    public IReadOnlyList<Duplicate> Duplicates => ById(Orders);

    /// <summary>Intents (account, symbol, side, type, quantity and price) that took effect more than once, under any client order ids. Finds duplicates
    /// where every intended order has, say, a quantity of its own.</summary>
    public IReadOnlyList<Duplicate> DuplicateIntents => ByIntent(Orders);

    /// <summary>
    /// Requests received although the client had been asked to wait and the wait was still running: any request from the address of a 429 or 418 with -1003,
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
        return new InMemoryHandler(Served, _time, address);
    }

    /// <summary>Serves on a loopback port, by HTTP/1.1. All its connections count as coming from 127.0.0.1.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="cancellationToken">Stops listening, as disposing the server does.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public Task<SimulatedExchangeServer> ListenAsync(int port = 0, CancellationToken cancellationToken = default) =>
        Task.FromResult(new SimulatedExchangeServer(Served, _time, port, cancellationToken));

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
        var order = OpenOrder(orderId);
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
    public void End(long orderId, string status = "EXPIRED") => Act(moment => _engine.End(OpenOrder(orderId), status, moment));

    /// <summary>
    /// Forgets what is over and this old, so that an exchange can serve for hours in bounded memory: requests, what they did to orders, and orders that are no longer open.
    /// A client that looks such an order up is answered that there is none.
    /// </summary>
    /// <param name="age">How long ago, by the time that has passed.</param>
    public void Forget(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        Act(moment =>
        {
            _requests.Forget(moment.Elapsed - age);
            _engine.Forget(moment.Before(age));
        });
    }

    private Order OpenOrder(long orderId) => _engine.Orders.Find(order => order.Id == orderId && order.IsOpen) ?? throw new ArgumentException("There is no such open order.", nameof(orderId));

    private async Task<Delivery> ServeAsync(WireRequest request)
    {
        await TravelAsync().ConfigureAwait(false);
        PendingRequest pending;
        lock (_gate)
        {
            pending = _pipeline.Receive(request);
        }

        if (pending.Answered is null && pending.EngineDelay > TimeSpan.Zero)
        {
            await Task.Delay(pending.EngineDelay, _time, CancellationToken.None).ConfigureAwait(false);
        }

        Delivery delivery;
        lock (_gate)
        {
            delivery = pending.Answered ?? _pipeline.Execute(pending);
        }

        await TravelAsync().ConfigureAwait(false);
        return delivery with { OnSent = () => Obey(delivery) };
    }

    private void Obey(Delivery delivery)
    {
        lock (_gate)
        {
            delivery.OnSent();
        }
    }

    private ServedExchange Served => new(ServeAsync, Subscribe);

    private Task TravelAsync() => Options.Latency > TimeSpan.Zero ? Task.Delay(Options.Latency / 2, _time, CancellationToken.None) : Task.CompletedTask;

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
}
