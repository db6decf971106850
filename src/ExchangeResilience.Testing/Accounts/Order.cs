namespace ExchangeResilience.Testing;

/// <summary>An order as the matching engine holds it.</summary>
internal sealed class Order
{
    private readonly List<SimulatedExecution> _executions = [];
    private readonly Dictionary<long, decimal> _profits = [];
    private readonly List<(OrderState State, TimeSpan Until)> _past = [];

    public required long Id { get; init; }

    public required Account Account { get; init; }

    public required OrderDraft Draft { get; init; }

    public required Moment Placed { get; init; }

    public required TimeSpan VisibleFrom { get; init; }

    public required decimal Price { get; set; }

    public required decimal Quantity { get; set; }

    public string Status { get; set; } = "NEW";

    public DateTimeOffset Updated { get; set; }

    public List<Amendment> Amendments { get; } = [];

    public decimal Executed { get; private set; }

    public decimal Quote { get; private set; }

    public bool IsOpen => Present.IsOpen;

    public OrderState Present => new(Price, Quantity, Executed, Quote, Status, Updated, Amendments.Count);

    public IReadOnlyList<SimulatedExecution> Executions => _executions;

    public decimal AveragePrice => Present.AveragePrice;

    /// <summary>A change is about to be made that queries show from then on.</summary>
    public void KeepUntil(TimeSpan then) => _past.Add((Present, then));

    /// <summary>The order as queries show it.</summary>
    public OrderState Seen(Moment moment)
    {
        foreach (var (state, until) in _past)
        {
            if (moment.Elapsed < until)
            {
                return state;
            }
        }

        return Present;
    }

    /// <summary>What the position gained or lost by one of the executions.</summary>
    public decimal ProfitOf(SimulatedExecution execution) => _profits.GetValueOrDefault(execution.TradeId);

    public void Fill(SimulatedExecution execution, decimal profit)
    {
        _executions.Add(execution);
        if (profit != 0)
        {
            _profits[execution.TradeId] = profit;
        }

        Executed += execution.Quantity;
        Quote += execution.Quantity * execution.Price;
        Status = Executed >= Quantity ? "FILLED" : "PARTIALLY_FILLED";
        Updated = execution.Time;
    }

    public void End(string status, DateTimeOffset at)
    {
        Status = status;
        Updated = at;
    }

    public SimulatedOrder Snapshot() => new()
    {
        OrderId = Id,
        Account = Account.Name,
        Symbol = Draft.Instrument.Name,
        ClientOrderId = Draft.ClientOrderId,
        Side = Draft.Side,
        Type = Draft.Type,
        TimeInForce = Draft.TimeInForce,
        PositionSide = Draft.PositionSide,
        ReduceOnly = Draft.ReduceOnly,
        Price = Price,
        Quantity = Quantity,
        ExecutedQuantity = Executed,
        AveragePrice = AveragePrice,
        Status = Status,
        Time = Placed.Now,
        UpdateTime = Updated,
        Executions = [.. _executions],
    };
}
