using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>Which call was the last to set an account's setting (leverage, margin type, the dead man's switch), so that an older one of unknown outcome is not repeated over it.</summary>
internal sealed class AccountSettings
{
    // Forgotten at once rather than kept for every key a program has ever used.
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Path, string Symbol, string Account), long> _asked = [];

    public void Leave(ExchangeOperation operation, AccountIdentity account, long number)
    {
        if (_asked.Count > MostRemembered)
        {
            _asked.Clear();
        }

        _asked.AddOrUpdate(KeyOf(operation, account), static (_, number) => number, static (_, last, number) => Math.Max(last, number), number);
    }

    /// <summary>Whether a call that began later has sent the same setting since.</summary>
    public bool IsOvertaken(ExchangeOperation operation, AccountIdentity account, long number) => _asked.TryGetValue(KeyOf(operation, account), out var last) && last > number;

    private static (string Path, string Symbol, string Account) KeyOf(ExchangeOperation operation, AccountIdentity account) => (operation.Endpoint.Path, operation.Symbol ?? "", account.Counted);
}
