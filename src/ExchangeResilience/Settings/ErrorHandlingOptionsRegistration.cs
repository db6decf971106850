using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Registers the settings of a named client. To be called once for each name.</summary>
internal static class ErrorHandlingOptionsRegistration
{
    /// <summary>Settings on their defaults.</summary>
    public static void Add(IServiceCollection services, string name) => Add(services, name, sectionPath: null);

    /// <summary>Settings made in code.</summary>
    public static void Add(IServiceCollection services, string name, Action<ExchangeErrorHandlingOptions> configure)
    {
        services.AddSingleton<IConfigureOptions<ExchangeErrorHandlingOptions>>(
            new ConfigureNamedOptions<ExchangeErrorHandlingOptions>(name, configure));
        Add(services, name, sectionPath: null);
    }

    /// <summary>Settings from configuration, which follow its changes.</summary>
    public static void Add(IServiceCollection services, string name, IConfigurationSection section)
    {
        services.AddSingleton<IConfigureOptions<ExchangeErrorHandlingOptions>>(
            new ConfigureNamedOptions<ExchangeErrorHandlingOptions>(name, options => ErrorHandlingSectionReader.Read(section, options, options.ReadFaults)));
        services.AddSingleton<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>>(
            new ConfigurationChangeTokenSource<ExchangeErrorHandlingOptions>(name, section));
        Add(services, name, section.Path);
    }

    /// <summary>Changes settings in code, after everything that sets them.</summary>
    public static void Change(IServiceCollection services, string name, Action<ExchangeErrorHandlingOptions> configure) =>
        services.AddSingleton<IPostConfigureOptions<ExchangeErrorHandlingOptions>>(new PostConfigureOptions<ExchangeErrorHandlingOptions>(name, configure));

    private static void Add(IServiceCollection services, string name, string? sectionPath)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ErrorHandlingClient(name, sectionPath));
        services.TryAddSingleton<TrustInUse>();
        services.AddSingleton<IValidateOptions<ExchangeErrorHandlingOptions>>(provider => new ErrorHandlingOptionsValidator(name, sectionPath, provider.GetRequiredService<TrustInUse>()));
        services.TryAddSingleton<ClientSettingsRegistry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SettingsStartupCheck>());
    }
}
