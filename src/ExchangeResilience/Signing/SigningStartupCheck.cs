using Microsoft.Extensions.Hosting;

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
        foreach (var name in signing.Names)
        {
            _ = signing.SourceOf(name);
        }

        return Task.CompletedTask;
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
