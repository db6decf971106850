using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>The books, the accounts and their orders. Not thread-safe: the exchange calls it under its lock.</summary>
internal sealed class MatchingEngine
{
    private const int MostAmendments = 10_000;
    private static readonly TimeSpan UnfilledKept = TimeSpan.FromDays(3);
    private static readonly TimeSpan FilledKept = TimeSpan.FromDays(90);

    private readonly Dictionary<string, Instrument> _instruments;
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulatedApiKey> _keys;
    private readonly Dictionary<long, Order> _byId = [];
    private readonly Dictionary<(Account Account, string Symbol, string ClientOrderId), List<Order>> _byClientId = [];
    private readonly List<Order> _resting = [];
    private readonly PriorityQueue<Action<Moment>, (TimeSpan Due, long Sequence)> _agenda = new();
    private long _sequence;
    private long _lastOrderId = 8_000_000_000;
    private long _lastTradeId = 500_000_000;
    private long _lastAmendmentId = 5_000;
    private long _lastAlgoId = 2_000_000;

    public MatchingEngine(SimulatedExchangeOptions options, DateTimeOffset began)
    {
        Options = options;
        _instruments = options.Symbols.ToDictionary(symbol => symbol.Name, symbol => new Instrument(symbol, began), StringComparer.Ordinal);
        _keys = options.ApiKeys.ToDictionary(key => key.Key, StringComparer.Ordinal);
        foreach (var key in options.ApiKeys)
        {
            _accounts.TryAdd(key.Account, new Account(key.Account, options.InitialBalance));
        }
    }

    public SimulatedExchangeOptions Options { get; }

    public List<Order> Orders { get; } = [];

    public List<SimulatedEffect> Effects { get; } = [];

    public UserDataStreams Streams { get; } = new();

    /// <summary>When the next thing on the agenda is due; null if it is empty.</summary>
    public TimeSpan? NextDue => _agenda.TryPeek(out _, out var key) ? key.Due : null;

    /// <summary>The account of requests without a known key.</summary>
    public Account Nobody { get; } = new("", 0);

    public IEnumerable<Instrument> Instruments => _instruments.Values;

    public Instrument? Find(string? symbol) => symbol is null ? null : _instruments.GetValueOrDefault(symbol);

    public SimulatedApiKey? FindKey(string key) => _keys.GetValueOrDefault(key);

    public Account AccountOf(SimulatedApiKey key) => _accounts[key.Account];

    public long NextAlgoId() => ++_lastAlgoId;

    /// <summary>Puts something on the agenda: it happens when the exchange is next used, as of the moment it was due.</summary>
    public void Schedule(Moment due, Action<Moment> action)
    {
        _agenda.Enqueue(action, (due.Elapsed, _sequence++));
        Streams.Wake();
    }

    /// <summary>The account whose stream a listen key opens.</summary>
    public Account? FindListener(string listenKey, Moment moment) => _accounts.Values.FirstOrDefault(account => account.ListenKey == listenKey && moment.Elapsed < account.ListenKeyEnds);

    /// <summary>Tells the account's listeners what has just become of a conditional order.</summary>
    public void Tell(Account account, AlgoOrder order, Moment moment) => Streams.Publish(account.Name, moment, () => UserDataEvents.Of(order, moment));

    /// <summary>Does what has come due.</summary>
    public void Settle(Moment moment)
    {
        while (_agenda.TryPeek(out var action, out var key) && key.Due <= moment.Elapsed)
        {
            _agenda.Dequeue();
            action(moment.Before(moment.Elapsed - key.Due));
        }
    }

    /// <summary>The newest order under this id, seen or not.</summary>
    public Order? Newest(Account account, Parameters parameters) => Named(account, parameters) is [.., var newest] ? newest : null;

    /// <summary>The newest order an account's query sees under this id.</summary>
    public Order? Visible(Account account, Parameters parameters, Moment moment) =>
        Named(account, parameters).FindLast(order => IsVisible(order, moment));

    /// <summary>The open order an instruction of the account means.</summary>
    public Order? Open(Account account, Parameters parameters) => Named(account, parameters).FindLast(static order => order.IsOpen);

    public static bool IsVisible(Order order, Moment moment)
    {
        var age = moment.Now - order.Placed.Now;
        return moment.Elapsed >= order.VisibleFrom
            && age <= FilledKept
            && (age <= UnfilledKept || order.Executed > 0 || order.IsOpen);
    }

    public IEnumerable<Order> OpenOrders(Account account, string? symbol) =>
        _resting.Where(order => order.Account == account && order.IsOpen && (symbol is null || order.Draft.Instrument.Name == symbol));

    /// <summary>Whatever rests, of all accounts.</summary>
    public IEnumerable<Order> Resting(Instrument instrument) => _resting.Where(order => order.IsOpen && order.Draft.Instrument == instrument);

    public IEnumerable<Account> Accounts => _accounts.Values;

    public IEnumerable<Order> ShownAsOpen(Account account, string? symbol, Moment moment) => Orders.Where(order =>
        order.Account == account && (symbol is null || order.Draft.Instrument.Name == symbol) && IsVisible(order, moment) && order.Seen(moment).IsOpen);

    /// <summary>Remembers what a request did.</summary>
    public void Note(EffectKind kind, Order order, Call call) =>
        Note(kind, call, order.Id, order.Draft.Instrument.Name, order.Draft.ClientOrderId, order.Price, order.Quantity, kind == EffectKind.Placed ? order.Draft.Quantity : order.Quantity);

    public void Note(EffectKind kind, AlgoOrder order, Call call) =>
        Note(kind, call, order.Id, order.Instrument.Name, order.ClientAlgoId, order.TriggerPrice, order.Quantity, order.Quantity);

    public void Note(MarginChange change, Call call) =>
        Note(EffectKind.MarginChanged, call, 0, change.Symbol, "", 0, change.Type == 1 ? change.Amount : -change.Amount, change.Amount);

    public void Cancel(Order order, Call call)
    {
        End(order, "CANCELED", call.Moment);
        Note(EffectKind.Cancelled, order, call);
    }

    /// <summary>Takes an order on: fills it, rests it, lets it expire, or refuses it without a trace.</summary>
    public (Order? Order, Refusal? Refusal) Place(Account account, OrderDraft draft, Moment moment)
    {
        if (_byClientId.TryGetValue((account, draft.Instrument.Name, draft.ClientOrderId), out var namesakes) && namesakes[^1].IsOpen)
        {
            return (null, Refusal.DuplicateId);
        }

        var position = account.PositionOf(draft.Instrument.Name, draft.PositionSide);
        var signed = draft.Sign * draft.Quantity;
        var reduces = position.IsReducedBy(signed);
        var closes = draft.ReduceOnly || (draft.PositionSide, draft.Side) is ("LONG", "SELL") or ("SHORT", "BUY");
        if (closes && (!reduces || (account.IsHedging && draft.Quantity > Math.Abs(position.Quantity))))
        {
            return (null, Refusal.ReduceOnly);
        }

        var isMarketable = IsMarketable(draft, draft.Price);
        if (CheckTimeInForce(draft.TimeInForce, isMarketable) is { } refusal)
        {
            return (null, refusal);
        }

        var price = draft.IsMarket ? draft.Instrument.Price : draft.Price;
        if (!reduces && draft.Quantity * price / account.SettingsOf(draft.Instrument.Name).Leverage > account.Available)
        {
            return (null, Refusal.Margin);
        }

        var id = ++_lastOrderId;
        var order = new Order
        {
            Id = id,
            Account = account,
            Draft = draft.ClientOrderId.Length > 0 ? draft : draft with { ClientOrderId = string.Create(CultureInfo.InvariantCulture, $"x-{id}") },
            Placed = moment,
            VisibleFrom = moment.Elapsed + Options.QueryLag,
            Price = draft.Price,
            Quantity = draft.ReduceOnly ? Math.Min(draft.Quantity, Math.Abs(position.Quantity)) : draft.Quantity,
            Updated = moment.Now,
        };
        Keep(order);
        Tell(order, "NEW", moment);
        if (isMarketable)
        {
            Execute(order, order.Quantity, draft.Instrument.Price, moment);
        }
        else if (draft.TimeInForce == "IOC")
        {
            order.End("EXPIRED", moment.Now);
            Tell(order, "EXPIRED", moment);
        }
        else
        {
            _resting.RemoveAll(static resting => !resting.IsOpen);
            _resting.Add(order);
        }

        return (order, null);
    }

    private static Refusal? CheckTimeInForce(string timeInForce, bool isMarketable) => timeInForce switch
    {
        "FOK" when !isMarketable => Refusal.FillOrKill,
        "GTX" when isMarketable => Refusal.PostOnly,
        _ => null,
    };

    /// <summary>Changes price and quantity of an open order. Some changes end it.</summary>
    public Refusal? Amend(Order order, decimal price, decimal quantity, Moment moment)
    {
        var refusal = order.Draft.IsMarket ? Refusal.AmendLimitOnly
            : price == order.Price && quantity == order.Quantity ? Refusal.SameOrder
            : order.Amendments.Count >= MostAmendments ? Refusal.TooManyAmendments
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        var crosses = IsMarketable(order.Draft, price);
        HideChange(order, moment);
        order.Amendments.Add(new Amendment(++_lastAmendmentId, moment.Now, order.Price, price, order.Quantity, quantity));
        order.Price = price;
        order.Quantity = quantity;
        order.Updated = moment.Now;
        Tell(order, "AMENDMENT", moment);
        if (quantity <= order.Executed || (order.Draft.TimeInForce == "GTX" && crosses))
        {
            order.End("CANCELED", moment.Now);
            Tell(order, "CANCELED", moment);
        }
        else if (crosses)
        {
            Execute(order, quantity - order.Executed, order.Draft.Instrument.Price, moment);
        }

        return null;
    }

    public void End(Order order, string status, Moment moment)
    {
        HideChange(order, moment);
        order.End(status, moment.Now);
        Tell(order, status, moment);
    }

    public void Fill(Order order, decimal quantity, decimal price, Moment moment)
    {
        HideChange(order, moment);
        Execute(order, quantity, price, moment);
    }

    /// <summary>Moves the market: fills what rests in its way and sets off conditional orders.</summary>
    public void MoveMarket(Instrument instrument, decimal price, Moment moment)
    {
        instrument.Path.Move(price, moment.Now);
        foreach (var order in _resting.Where(order => order.IsOpen && order.Draft.Instrument == instrument && IsMarketable(order.Draft, order.Price)).ToList())
        {
            Fill(order, order.Quantity - order.Executed, order.Price, moment);
        }

        foreach (var account in _accounts.Values)
        {
            foreach (var algo in account.OpenAlgoOrders.Values.Where(algo => algo.Instrument == instrument && algo.IsTriggeredBy(price)).ToList())
            {
                Trigger(account, algo, moment);
            }
        }
    }

    private void Note(EffectKind kind, Call call, long orderId, string symbol, string clientOrderId, decimal price, decimal quantity, decimal asked) => Effects.Add(new SimulatedEffect
    {
        Kind = kind,
        RequestNumber = call.Number,
        Elapsed = call.Moment.Elapsed,
        Account = call.Account.Name,
        OrderId = orderId,
        Symbol = symbol,
        ClientOrderId = clientOrderId,
        Price = price,
        Quantity = quantity,
        AskedQuantity = asked,
    });

    private void HideChange(Order order, Moment moment)
    {
        if (Options.ChangeLag > TimeSpan.Zero)
        {
            order.KeepUntil(moment.Elapsed + Options.ChangeLag);
        }
    }

    private static bool IsMarketable(OrderDraft draft, decimal price) =>
        draft.IsMarket || (draft.IsBuy ? price >= draft.Instrument.Price : price <= draft.Instrument.Price);

    private void Execute(Order order, decimal quantity, decimal price, Moment moment)
    {
        var profit = order.Account.PositionOf(order.Draft.Instrument.Name, order.Draft.PositionSide).Add(order.Draft.Sign * quantity, price, moment.Now);
        var fill = new SimulatedExecution(++_lastTradeId, moment.Now, price, quantity);
        order.Fill(fill, profit);
        order.Account.Balance += profit;
        if (profit != 0)
        {
            order.Account.Incomes.Add(new Income(order.Draft.Instrument.Name, profit, moment.Now, fill.TradeId));
        }

        Tell(order, "TRADE", moment, fill);
    }

    private void Tell(Order order, string execution, Moment moment, SimulatedExecution? fill = null) =>
        Streams.Publish(order.Account.Name, moment, () => UserDataEvents.Of(order, execution, moment, fill));

    private void Keep(Order order)
    {
        Orders.Add(order);
        _byId.Add(order.Id, order);
        var name = (order.Account, order.Draft.Instrument.Name, order.Draft.ClientOrderId);
        if (!_byClientId.TryGetValue(name, out var namesakes))
        {
            _byClientId[name] = namesakes = [];
        }

        namesakes.Add(order);
    }

    /// <summary>Forgets the effects and the finished orders of before a moment.</summary>
    public void Forget(Moment before)
    {
        Effects.RemoveAll(effect => effect.Elapsed <= before.Elapsed);
        foreach (var instrument in _instruments.Values)
        {
            instrument.Path.Forget(before.Now);
        }

        foreach (var account in _accounts.Values)
        {
            account.Incomes.RemoveAll(income => income.Time <= before.Now);
        }

        foreach (var order in Orders.Where(IsOver).ToList())
        {
            _byId.Remove(order.Id);
            var name = (order.Account, order.Draft.Instrument.Name, order.Draft.ClientOrderId);
            _byClientId[name].Remove(order);
            if (_byClientId[name].Count == 0)
            {
                _byClientId.Remove(name);
            }
        }

        Orders.RemoveAll(IsOver);
        _resting.RemoveAll(static order => !order.IsOpen);

        bool IsOver(Order order) => !order.IsOpen && order.Placed.Elapsed <= before.Elapsed;
    }

    /// <summary>The orders a request may mean, oldest first. The exchange's id prevails over the client's.</summary>
    private List<Order> Named(Account account, Parameters parameters)
    {
        var symbol = parameters["symbol"] ?? "";
        return parameters.Integer("orderId") is { } id
            ? _byId.TryGetValue(id, out var order) && order.Account == account && order.Draft.Instrument.Name == symbol ? [order] : []
            : _byClientId.GetValueOrDefault((account, symbol, parameters["origClientOrderId"] ?? ""), []);
    }

    private void Trigger(Account account, AlgoOrder algo, Moment moment)
    {
        account.OpenAlgoOrders.Remove(algo.ClientAlgoId);
        algo.Updated = moment.Now;
        algo.Status = "TRIGGERING";
        Tell(account, algo, moment);
        var held = Math.Abs(account.PositionOf(algo.Instrument.Name, algo.PositionSide).Quantity);
        var isMarket = algo.Type.EndsWith("_MARKET", StringComparison.Ordinal);
        var (order, refusal) = Place(
            account,
            new OrderDraft
            {
                Instrument = algo.Instrument,
                ClientOrderId = "",
                Side = algo.Side,
                Type = isMarket ? "MARKET" : "LIMIT",
                TimeInForce = "GTC",
                PositionSide = algo.PositionSide,
                ReduceOnly = algo.ReduceOnly || (algo.ClosesPosition && algo.PositionSide == "BOTH"),
                Price = isMarket ? 0 : algo.Price,
                Quantity = algo.ClosesPosition ? held : algo.Quantity,
                WantsResult = false,
            },
            moment);
        algo.OrderId = order?.Id;
        algo.Status = refusal is null ? "FINISHED" : "REJECTED";
        Tell(account, algo, moment);
    }
}
