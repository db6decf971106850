using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The clocks of all environments. Live and testnet have each their own; fapi and dapi share one.</summary>
internal sealed class ExchangeClocks(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ExchangeClock> _clocks = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ExchangeClock> All => _clocks.Values;

    public ExchangeClock Of(string environment) =>
        _clocks.GetOrAdd(environment, static (name, time) => new ExchangeClock(name, time), time);
}
