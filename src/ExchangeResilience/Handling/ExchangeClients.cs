using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The named clients with exchange error handling, each made when first used.</summary>
internal sealed class ExchangeClients(ClientSettingsRegistry settings, SigningRegistry signing, ExchangeState state)
{
    private readonly ConcurrentDictionary<string, ExchangeClient> _clients = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => settings.Names;

    public ExchangeClient For(string name) =>
        _clients.TryGetValue(name, out var client) ? client : _clients.GetOrAdd(name, Make(name));

    private ExchangeClient Make(string name)
    {
        var options = signing.OptionsOf(name);
        return new ExchangeClient(name, settings.For(name), options is null ? null : SigningCredentials.From(options), state);
    }
}
