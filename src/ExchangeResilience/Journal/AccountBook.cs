using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>What this process knows of accounts beyond their keys: the names its clients give them, and the exchange's codes.</summary>
internal sealed class AccountBook
{
    private readonly ConcurrentDictionary<string, string> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _first = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _own = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _untold = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _signers = new(StringComparer.Ordinal);

    public string? CodeOf(string keyHash) => _codes.GetValueOrDefault(keyHash);

    public void Learn(string keyHash, string code) => _codes[keyHash] = code;

    /// <summary>The exchange does not show the code of this key's account.</summary>
    public void GiveUp(string keyHash) => _untold[keyHash] = true;

    public void Use(string name, string? keyHash = null)
    {
        _names[name] = true;
        if (keyHash is not null)
        {
            _own[keyHash] = true;
        }
    }

    public void Sign(string clientName, string keyHash) => _signers[clientName] = keyHash;

    public string? KeyOf(string clientName) => _signers.GetValueOrDefault(clientName);

    /// <summary>A key is no longer used here: another of its account takes its place, and both belong to the account's name.</summary>
    public void Replace(string keyHash, string next)
    {
        _first.TryAdd(next, FirstOf(keyHash));
        _own.TryRemove(keyHash, out _);
    }

    /// <summary>The first of the keys that took each other's place up to this one.</summary>
    public string FirstOf(string keyHash) => _first.GetValueOrDefault(keyHash, keyHash);

    /// <summary>Whether two keys are both used here, and the exchange has not been queried yet for the account of each.</summary>
    public bool MayBeDistinguished(string one, string other) => IsOpen(one) && IsOpen(other) && (CodeOf(one) is null || CodeOf(other) is null);

    private bool IsOpen(string keyHash) => _own.ContainsKey(keyHash) && !_untold.ContainsKey(keyHash);

    public bool AreInUse(string one, string other) => _names.ContainsKey(one) && _names.ContainsKey(other);
}
