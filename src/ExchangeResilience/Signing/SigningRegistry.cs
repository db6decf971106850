using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>The credentials of every named client; null for a client without signing. Checked when first asked for.</summary>
internal sealed class SigningRegistry(IOptionsMonitor<ExchangeSigningOptions> options, IEnumerable<SigningClient> clients) : IReceiveWindows
{
    private readonly HashSet<string> _names = [.. clients.Select(client => client.Name)];

    /// <summary>The names of all clients that sign.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <exception cref="OptionsValidationException">The settings are faulty; it names every fault and shows none of the values.</exception>
    public ExchangeSigningOptions? OptionsOf(string name) => _names.Contains(name) ? options.Get(name) : null;

    /// <inheritdoc/>
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
}
