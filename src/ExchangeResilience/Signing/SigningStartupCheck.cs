using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Reads every client's keys before the host starts anything, so that those that cannot be used stop the program at once. <c>ValidateOnStart</c> is not used, for the reason that the
/// check of the other settings gives.
/// </summary>
internal sealed class SigningStartupCheck(SigningRegistry signing) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var failures = new List<OptionsValidationException>();
        foreach (var name in signing.Names)
        {
            try
            {
                _ = signing.SourceOf(name);
            }
            catch (OptionsValidationException failure)
            {
                failures.Add(failure);
            }
        }

        if (failures is [var only])
        {
            ExceptionDispatchInfo.Throw(only);
        }

        return failures.Count == 0 ? Task.CompletedTask : throw new AggregateException(failures);
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
