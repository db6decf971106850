using ExchangeResilience;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the state of exchange error handling to a program's health checks.</summary>
public static class ExchangeHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that fails while something keeps orders from leaving or from being known: a held lane, a key that is refused or a signer that fails, a clock that cannot be measured, an order in doubt for more than a minute or that
    /// the exchange cannot be asked about, a failing journal, a stop of new orders; while changed settings or keys are refused, which a restart would read; and for an hour after an order was found that had been reported as not executed. Its description names each.
    /// Its data are the numbers <c>lanes_held</c> and <c>orders_in_doubt</c>, the flag <c>orders_stopped</c>, <c>absences_contradicted</c> (a text: client and client order id with a slash
    /// between, a comma before the next; empty where there is none), and in seconds <c>clock_offset_seconds.</c> and <c>clock_uncertainty_seconds.</c> with the environment's name.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failure means; null is <see cref="HealthStatus.Degraded"/>, since a restart corrects none of it and loses what is in flight.</param>
    /// <param name="tags">Tags to select it by.</param>
    /// <returns>The builder.</returns>
    /// <remarks>The program needs a client with <c>AddExchangeErrorHandling</c>; without one the check throws <see cref="InvalidOperationException"/> when it runs.</remarks>
    public static IHealthChecksBuilder AddExchangeResilience(this IHealthChecksBuilder builder, string name = "exchange", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return builder.Add(new HealthCheckRegistration(
            name,
            static services => new ExchangeHealthCheck(services.GetService<IExchangeMonitor>()
                ?? throw new InvalidOperationException("No client has exchange error handling. Register one with AddHttpClient(...).AddExchangeErrorHandling().")),
            failureStatus ?? HealthStatus.Degraded,
            tags));
    }
}
