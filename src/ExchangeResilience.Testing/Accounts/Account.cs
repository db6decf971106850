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

    public List<Income> Incomes { get; } = [];

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
