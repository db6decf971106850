using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>Stands between the middleware and the signer, and now and then keeps a mutation waiting there: after gate and journal, before its stamp.</summary>
internal sealed class PauseBeforeSigning(World world, SimulatedProcess process) : DelegatingHandler
{
    /// <summary>When the request came out of the gate, at the latest.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> AdmittedAt = new("Simulation.AdmittedAt");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(AdmittedAt, world.Time.Elapsed);
        if (request.Method != HttpMethod.Get && world.Weather.PauseFor(request) is { } pause)
        {
            await Task.Delay(pause, process.Time, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
