using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Registers the signing settings of a named client.</summary>
internal static class SigningRegistration
{
    public static void Add(IServiceCollection services, string name, Action<ExchangeSigningOptions> configure) => Add(services, name, sectionPath: null, configure);

    public static void Add(IServiceCollection services, string name, IConfigurationSection section)
    {
        Add(services, name, section.Path, options =>
        {
            var faults = new List<string>();
            SigningSectionReader.Read(section, options, faults);
            if (faults.Count > 0)
            {
                throw new OptionsValidationException(name, typeof(ExchangeSigningOptions), faults);
            }
        });
        services.AddSingleton<IOptionsChangeTokenSource<ExchangeSigningOptions>>(new ConfigurationChangeTokenSource<ExchangeSigningOptions>(name, section));
    }

    private static void Add(IServiceCollection services, string name, string? sectionPath, Action<ExchangeSigningOptions> configure)
    {
        if (services.Any(service => service.ImplementationInstance is SigningClient client && string.Equals(client.Name, name, StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"AddExchangeSigning() was called twice on the client '{name}'. A request has one signature; keep one of the calls.");
        }

        services.AddSingleton(new SigningClient(name));
        services.TryAddSingleton<SigningRegistry>();
        services.AddSingleton<IValidateOptions<ExchangeSigningOptions>>(provider => new ExchangeSigningOptionsValidator(name, sectionPath, [.. provider.GetServices<IPrivateKeyKind>()]));
        services.AddOptions<ExchangeSigningOptions>(name).Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SigningStartupCheck>());
    }
}
