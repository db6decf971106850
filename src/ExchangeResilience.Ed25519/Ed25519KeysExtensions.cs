using ExchangeResilience;
using ExchangeResilience.Ed25519;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets <c>PrivateKeyPem</c> and <c>PrivateKeyPath</c> hold Ed25519 keys, for all clients of the service provider.</summary>
public static class Ed25519KeysExtensions
{
    /// <summary>Adds Ed25519 keys to the kinds that can sign.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddEd25519Keys(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPrivateKeyKind, Ed25519KeyKind>());
        return services;
    }

    /// <summary>Adds Ed25519 keys to the kinds that can sign, for this client and all others of the service provider.</summary>
    /// <param name="builder">The client.</param>
    /// <returns>The client.</returns>
    public static IHttpClientBuilder AddEd25519Keys(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddEd25519Keys();
        return builder;
    }
}
