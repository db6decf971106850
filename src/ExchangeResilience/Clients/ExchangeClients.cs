using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The named clients with exchange error handling, each made when first used.</summary>
internal sealed class ExchangeClients
{
    private readonly ClientSettingsRegistry _settings;
    private readonly SigningRegistry _signing;
    private readonly ExchangeServices _services;
    private readonly ConcurrentDictionary<string, ExchangeClient> _clients = new(StringComparer.Ordinal);
    private readonly Lock _making = new();

    public ExchangeClients(ClientSettingsRegistry settings, SigningRegistry signing, ExchangeServices services)
    {
        (_settings, _signing, _services) = (settings, signing, services);
        Gauges = new StateGauges(services, this);
    }

    public StateGauges Gauges { get; }

    public IReadOnlyList<string> Names => _settings.Names;

    /// <summary>Those that have been used, by name.</summary>
    public IReadOnlyList<ExchangeClient> InUse => [.. _clients.Values.OrderBy(static client => client.Name, StringComparer.Ordinal)];

    /// <summary>The client of that name; null where the program has none with error handling.</summary>
    public ExchangeClient? Find(string name) => Names.Contains(name, StringComparer.Ordinal) ? For(name) : null;

    /// <summary>
    /// The client that can look an account's orders up, and where: the named one where its key is the account's, else any whose is. A program that has moved to another address
    /// asks there, as long as the exchange itself shows the account to be the same. Null where there is none.
    /// </summary>
    public (ExchangeClient Client, Uri Host)? FindAsker(AccountIdentity account, string name, Uri host)
    {
        var askers = Names
            .OrderBy(other => string.Equals(other, name, StringComparison.Ordinal) ? 0 : 1)
            .Select(For)
            .Where(client => client.Credentials is not null && client.Identity.Compare(account) == SameAccount.Yes)
            .ToList();
        if (askers.Find(client => _services.Channel.Knows(client.Name, host)) is { } asker)
        {
            return (asker, host);
        }

        foreach (var moved in askers.Where(client => client.Identity.IsProvenToBe(account)))
        {
            if (_services.Channel.HostOf(moved.Name) is { } own)
            {
                return (moved, own);
            }
        }

        return null;
    }

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The client's settings are faulty. The next call tries again.</exception>
    public ExchangeClient For(string name)
    {
        if (_clients.TryGetValue(name, out var known))
        {
            return known;
        }

        lock (_making)
        {
            return _clients.TryGetValue(name, out var made) ? made : _clients[name] = Make(name);
        }
    }

    private ExchangeClient Make(string name)
    {
        var keys = _signing.SourceOf(name);
        if (keys?.Credentials is null)
        {
            Log.NoCredentials(_services.Logger, name);
        }

        var client = new ExchangeClient(name, _settings.For(name), keys, _services);
        _services.Introduce(client);
        keys?.Follow(new KeyChanges(client, _services));
        return client;
    }
}
