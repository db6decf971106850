using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>A named client that signs, as registered.</summary>
internal sealed record SigningClient(string Name);

/// <summary>The credentials of every named client; null for a client without signing. Checked when first asked for.</summary>
internal sealed class SigningRegistry(IOptionsMonitor<ExchangeSigningOptions> options, IEnumerable<SigningClient> clients) : IReceiveWindows
{
    private readonly HashSet<string> _names = [.. clients.Select(client => client.Name)];

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

/// <summary>Registers the signing settings of a named client.</summary>
internal static class SigningRegistration
{
    public static void Add(IServiceCollection services, string name, Action<ExchangeSigningOptions> configure) => Add(services, name, sectionPath: null, configure);

    public static void Add(IServiceCollection services, string name, IConfigurationSection section) => Add(services, name, section.Path, options =>
    {
        var faults = new List<string>();
        SigningSectionReader.Read(section, options, faults);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(name, typeof(ExchangeSigningOptions), faults);
        }
    });

    private static void Add(IServiceCollection services, string name, string? sectionPath, Action<ExchangeSigningOptions> configure)
    {
        if (services.Any(service => service.ImplementationInstance is SigningClient client && string.Equals(client.Name, name, StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"AddExchangeSigning() was called twice on the client '{name}'. A request bears one signature; keep one of the calls.");
        }

        services.AddSingleton(new SigningClient(name));
        services.TryAddSingleton<SigningRegistry>();
        services.AddSingleton<IValidateOptions<ExchangeSigningOptions>>(new ExchangeSigningOptionsValidator(name, sectionPath));
        services.AddOptions<ExchangeSigningOptions>(name).Configure(configure).ValidateOnStart();
    }
}
