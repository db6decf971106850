using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Builds every client's settings before the host starts anything, so that faulty ones stop the program at once. <c>ValidateOnStart</c> is not used:
/// it brings in <see cref="IOptionsMonitor{TOptions}"/>, which throws into whoever reloads configuration with a fault in it.
/// </summary>
internal sealed class SettingsStartupCheck(ClientSettingsRegistry registry) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var failures = new List<OptionsValidationException>();
        foreach (var name in registry.Names)
        {
            try
            {
                _ = registry.For(name);
            }
            catch (OptionsValidationException failure)
            {
                failures.Add(failure);
            }
        }

        switch (failures)
        {
            case []:
                return Task.CompletedTask;
            case [var only]:
                ExceptionDispatchInfo.Throw(only);
                return Task.CompletedTask;
            default:
                throw new AggregateException(failures);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
