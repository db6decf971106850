namespace ExchangeResilience.Testing;

/// <summary>One account: its settings, positions and counts.</summary>
internal sealed class Account(string name, decimal balance)
{
    private readonly Dictionary<string, SymbolSettings> _settings = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Symbol, string Side), Position> _positions = [];

    public string Name => name;

    public decimal Balance { get; set; } = balance;

    public bool IsHedging { get; set; }

    public bool HasMultipleAssets { get; set; }

    public bool BurnsFee { get; set; }

    public string? ListenKey { get; set; }

    public TimeSpan ListenKeyEnds { get; set; }

    public Dictionary<string, AlgoOrder> OpenAlgoOrders { get; } = new(StringComparer.Ordinal);

    public List<AlgoOrder> AlgoOrders { get; } = [];

    public List<MarginChange> MarginChanges { get; } = [];

    /// <summary>The heartbeat each symbol waits for; a later one replaces it.</summary>
    public Dictionary<string, object> Countdowns { get; } = new(StringComparer.Ordinal);

    public RateWindow Orders10Seconds { get; } = new(TimeSpan.FromSeconds(10));

    public RateWindow OrdersMinute { get; } = new(TimeSpan.FromMinutes(1));

    public IEnumerable<Position> Positions => _positions.Values;

    /// <summary>What is left to open positions with.</summary>
    public decimal Available => Balance - _positions.Values.Sum(position => position.Margin(SettingsOf(position.Symbol).Leverage));

    public SymbolSettings SettingsOf(string symbol)
    {
        if (!_settings.TryGetValue(symbol, out var settings))
        {
            _settings[symbol] = settings = new SymbolSettings();
        }

        return settings;
    }

    public Position PositionOf(string symbol, string side)
    {
        if (!_positions.TryGetValue((symbol, side), out var position))
        {
            _positions[(symbol, side)] = position = new Position(symbol, side);
        }

        return position;
    }
}

/// <summary>What an account set for one symbol.</summary>
internal sealed class SymbolSettings
{
    public int Leverage { get; set; } = 20;

    public bool IsIsolated { get; set; }
}

/// <summary>What an account holds of one symbol, on one side.</summary>
internal sealed class Position(string symbol, string side)
{
    public string Symbol => symbol;

    public string Side => side;

    /// <summary>Positive when long.</summary>
    public decimal Quantity { get; private set; }

    public decimal EntryPrice { get; private set; }

    public decimal ExtraMargin { get; set; }

    public DateTimeOffset Updated { get; private set; }

    public decimal Margin(int leverage) => (Math.Abs(Quantity) * EntryPrice / leverage) + ExtraMargin;

    /// <summary>Whether an order with this sign and quantity only brings the position nearer to zero.</summary>
    public bool IsReducedBy(decimal signed) => Quantity != 0 && Math.Sign(Quantity) != Math.Sign(signed);

    /// <summary>Adds a fill and gives the profit it realised.</summary>
    public decimal Add(decimal signed, decimal price, DateTimeOffset at)
    {
        Updated = at;
        var closed = IsReducedBy(signed) ? Math.Min(Math.Abs(Quantity), Math.Abs(signed)) : 0;
        var profit = closed * Math.Sign(Quantity) * (price - EntryPrice);
        var left = Quantity + signed;
        if (left == 0)
        {
            EntryPrice = 0;
        }
        else if (closed == 0)
        {
            EntryPrice = ((Quantity * EntryPrice) + (signed * price)) / left;
        }
        else if (Math.Sign(left) != Math.Sign(Quantity))
        {
            EntryPrice = price;
        }

        Quantity = left;
        return profit;
    }
}

/// <summary>One addition to, or removal from, a position's margin.</summary>
internal sealed record MarginChange(string Symbol, string PositionSide, decimal Amount, int Type, DateTimeOffset Time);

/// <summary>A conditional order.</summary>
internal sealed class AlgoOrder
{
    public required long Id { get; init; }

    public required string ClientAlgoId { get; init; }

    public required Instrument Instrument { get; init; }

    public required string Side { get; init; }

    public required string Type { get; init; }

    public required string PositionSide { get; init; }

    public required decimal TriggerPrice { get; init; }

    public required decimal Price { get; init; }

    public required decimal Quantity { get; init; }

    public required bool ClosesPosition { get; init; }

    public required bool ReduceOnly { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; set; }

    public string Status { get; set; } = "NEW";

    public long? OrderId { get; set; }

    /// <summary>Whether this price sets it off. A trailing stop is kept, but never set off.</summary>
    public bool IsTriggeredBy(decimal price) => Type switch
    {
        "STOP" or "STOP_MARKET" => Side == "BUY" ? price >= TriggerPrice : price <= TriggerPrice,
        "TAKE_PROFIT" or "TAKE_PROFIT_MARKET" => Side == "BUY" ? price <= TriggerPrice : price >= TriggerPrice,
        _ => false,
    };
}
