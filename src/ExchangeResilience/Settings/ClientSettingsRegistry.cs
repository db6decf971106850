using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>The settings of every named client. A client's source is made on first use and lives as long as the container.</summary>
internal sealed class ClientSettingsRegistry(
    IOptionsFactory<ExchangeErrorHandlingOptions> factory,
    IEnumerable<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>> changes,
    IEnumerable<ErrorHandlingClient> clients,
    IEnumerable<ErrorHandlingSection> sections,
    TimeProvider time,
    ILogger<ClientSettingsRegistry> logger,
    SettingsInUse inUse,
    IReceiveWindows? windows = null,
    IConfiguration? configuration = null) : IDisposable
{
    private readonly IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>[] _changes = [.. changes];
    private readonly ErrorHandlingSection[] _sections = [.. sections];
    private readonly Lock _making = new();
    private readonly Dictionary<string, ClientSettingsSource> _sources = new(StringComparer.Ordinal);

    /// <summary>The names of all clients with error handling, in the order of their registration.</summary>
    public IReadOnlyList<string> Names { get; } = [.. clients.Select(client => client.Name).Distinct(StringComparer.Ordinal)];

    /// <summary>The settings source of a client.</summary>
    /// <exception cref="ArgumentException">The program has no such client.</exception>
    /// <exception cref="OptionsValidationException">Its settings are faulty; it names every fault. The next call tries again.</exception>
    public ClientSettingsSource For(string name)
    {
        if (!Names.Contains(name, StringComparer.Ordinal))
        {
            throw new ArgumentException($"No client '{name}' has exchange error handling. Those that have it: {string.Join(", ", Names.Select(static known => $"'{known}'"))}. A typed client has the name of its type.", nameof(name));
        }

        lock (_making)
        {
            if (!_sources.TryGetValue(name, out var source))
            {
                _sources.Add(name, source = new(name, factory, _changes, time, logger, inUse, windows, ProvidersOf(name)));
            }

            return source;
        }
    }

    private SettingsProviders? ProvidersOf(string name) =>
        configuration is IConfigurationRoot root && _sections.Where(section => string.Equals(section.Client, name, StringComparison.Ordinal)).Select(static section => section.Path).ToList() is { Count: > 0 } paths
            ? new SettingsProviders(root, paths)
            : null;

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
