using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The handlers that each client has between its error handling and the wire, and that are allowed there only because they are trusted. No reload may revoke that.</summary>
internal sealed class TrustInUse
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _types = new(StringComparer.Ordinal);

    public void Note(string client, IReadOnlyList<string> types) => _types[client] = types;

    public IReadOnlyList<string> Of(string client) => _types.GetValueOrDefault(client, []);
}
