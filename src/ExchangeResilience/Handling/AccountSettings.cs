using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>Which call asked last for the value of an account's setting (leverage, margin type, the dead man's switch), so that an older one of unknown outcome is not repeated over it.</summary>
internal sealed class AccountSettings
{
    // Forgotten at once rather than kept for every key a program has ever used.
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Path, string Symbol, string Account), long> _asked = [];

    /// <summary>A setting is about to leave.</summary>
    public void Leave(Call call)
    {
        if (_asked.Count > MostRemembered)
        {
            _asked.Clear();
        }

        _asked.AddOrUpdate(KeyOf(call), static (_, number) => number, static (_, last, number) => Math.Max(last, number), call.Application.Number);
    }

    /// <summary>Whether a call that began later has sent the same setting since.</summary>
    public bool IsOvertaken(Call call) => _asked.TryGetValue(KeyOf(call), out var last) && last > call.Application.Number;

    private static (string Path, string Symbol, string Account) KeyOf(Call call) => (call.Operation.Endpoint.Path, call.Operation.Symbol ?? "", call.Route.Identity.Counted);
}
