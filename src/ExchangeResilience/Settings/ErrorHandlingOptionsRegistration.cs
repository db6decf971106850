using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Registers the settings of a named client. To be called once for each name.</summary>
internal static class ErrorHandlingOptionsRegistration
{
    /// <summary>Settings made in code.</summary>
    public static void Add(IServiceCollection services, string name, Action<ExchangeErrorHandlingOptions> configure)
    {
        services.AddSingleton<IConfigureOptions<ExchangeErrorHandlingOptions>>(
            new ConfigureNamedOptions<ExchangeErrorHandlingOptions>(name, configure));
        Add(services, name);
    }

    /// <summary>Settings from configuration, which follow its changes.</summary>
    public static void Add(IServiceCollection services, string name, IConfigurationSection section)
    {
        services.AddSingleton<IConfigureOptions<ExchangeErrorHandlingOptions>>(
            new ConfigureNamedOptions<ExchangeErrorHandlingOptions>(name, options => ErrorHandlingSectionReader.Read(section, options, options.ReadFaults)));
        Follow(services, name, section);
        Add(services, name);
    }

    /// <summary>Changes settings in code, after everything that sets them.</summary>
    public static void Change(IServiceCollection services, string name, Action<ExchangeErrorHandlingOptions> configure) =>
        services.AddSingleton<IPostConfigureOptions<ExchangeErrorHandlingOptions>>(new PostConfigureOptions<ExchangeErrorHandlingOptions>(name, configure));

    /// <summary>Changes settings by another section, which is followed too.</summary>
    public static void Change(IServiceCollection services, string name, IConfigurationSection section)
    {
        Change(services, name, options => ErrorHandlingSectionReader.Read(section, options, options.ReadFaults));
        Follow(services, name, section);
    }

    /// <summary>Settings on their defaults.</summary>
    public static void Add(IServiceCollection services, string name)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ErrorHandlingClient(name));
        services.TryAddSingleton<TrustInUse>();
        services.TryAddSingleton<SettingsInUse>();
        services.AddSingleton<IValidateOptions<ExchangeErrorHandlingOptions>>(provider => new ErrorHandlingOptionsValidator(name, provider.GetRequiredService<TrustInUse>(), provider.GetRequiredService<SettingsInUse>()));
        services.TryAddSingleton<ClientSettingsRegistry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SettingsStartupCheck>());
    }

    private static void Follow(IServiceCollection services, string name, IConfigurationSection section)
    {
        services.AddSingleton<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>>(new ConfigurationChangeTokenSource<ExchangeErrorHandlingOptions>(name, section));
        services.AddSingleton(new ErrorHandlingSection(name, section.Path));
    }
}
