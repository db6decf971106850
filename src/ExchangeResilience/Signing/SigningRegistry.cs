using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>The keys of every named client that signs. A client's source is made on first use and lives as long as the container.</summary>
internal sealed class SigningRegistry(
    IOptionsFactory<ExchangeSigningOptions> factory,
    IEnumerable<IOptionsChangeTokenSource<ExchangeSigningOptions>> changes,
    IEnumerable<SigningClient> clients,
    IEnumerable<IPrivateKeyKind> kinds,
    TimeProvider time,
    ILogger<SigningRegistry> logger) : IReceiveWindows, IDisposable
{
    private readonly HashSet<string> _names = [.. clients.Select(client => client.Name)];
    private readonly IOptionsChangeTokenSource<ExchangeSigningOptions>[] _changes = [.. changes];
    private readonly IPrivateKeyKind[] _kinds = [.. kinds];
    private readonly Dictionary<string, SigningSource> _sources = new(StringComparer.Ordinal);
    private readonly Lock _making = new();

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>The keys of a client; null where it does not sign.</summary>
    /// <exception cref="OptionsValidationException">The settings are faulty; it names every fault and shows none of the values. The next call tries again.</exception>
    public SigningSource? SourceOf(string name)
    {
        if (!_names.Contains(name))
        {
            return null;
        }

        lock (_making)
        {
            if (!_sources.TryGetValue(name, out var source))
            {
                _sources.Add(name, source = new(name, factory, _changes, _kinds, time, logger));
            }

            return source;
        }
    }

    /// <summary>The settings that a client began with; null where it does not sign.</summary>
    /// <exception cref="OptionsValidationException">As above.</exception>
    public ExchangeSigningOptions? OptionsOf(string name) => SourceOf(name)?.Options;

    public TimeSpan? Of(string client)
    {
        try
        {
            return OptionsOf(client)?.RecvWindow;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        lock (_making)
        {
            foreach (var source in _sources.Values)
            {
                source.Dispose();
            }
        }
    }
}
