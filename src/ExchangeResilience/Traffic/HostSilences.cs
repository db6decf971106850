using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Every host that requests go to, and whether it answers.</summary>
internal sealed class HostSilences(TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, HostSilence> _hosts = new(StringComparer.Ordinal);

    public HostSilence Of(string host) => _hosts.GetOrAdd(host, static (name, given) => new HostSilence(name, given.time, given.logger), (time, logger));

    /// <summary>By name.</summary>
    public IReadOnlyList<HostSilence> All => [.. _hosts.Values.OrderBy(static host => host.Host, StringComparer.Ordinal)];

    /// <summary>Those that do not answer.</summary>
    public IReadOnlyList<SilentHost> Read() => [.. All.Select(static host => host.Current).OfType<SilentHost>()];
}
