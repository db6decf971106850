using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>What was registered for one client and for no other, so that it can be taken off again.</summary>
internal sealed class ClientRegistration(string name, IReadOnlyList<ServiceDescriptor> own)
{
    private static readonly Type[] OfOneClient = [typeof(IConfigureOptions<>), typeof(IPostConfigureOptions<>), typeof(IValidateOptions<>), typeof(IOptionsChangeTokenSource<>)];

    public static void Note(IServiceCollection services, string name, Action<IServiceCollection> register)
    {
        var before = services.ToHashSet(ReferenceEqualityComparer.Instance);
        register(services);
        services.AddSingleton(new ClientRegistration(name, [.. services.Where(service => !before.Contains(service) && IsOfOneClient(service))]));
    }

    public static void Remove(IServiceCollection services, string name)
    {
        foreach (var noted in services.Where(service => service.ImplementationInstance is ClientRegistration client && client.IsOf(name)).ToList())
        {
            foreach (var service in ((ClientRegistration)noted.ImplementationInstance!).Own)
            {
                services.Remove(service);
            }

            services.Remove(noted);
        }
    }

    private IReadOnlyList<ServiceDescriptor> Own => own;

    private bool IsOf(string client) => string.Equals(name, client, StringComparison.Ordinal);

    // What else comes in with a client serves every client.
    private static bool IsOfOneClient(ServiceDescriptor service) =>
        service.ImplementationInstance is ErrorHandlingClient or ErrorHandlingSection or SigningClient || (service.ServiceType.IsGenericType && OfOneClient.Contains(service.ServiceType.GetGenericTypeDefinition()));
}
