using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>What is done before the host starts anything, so that a fault found there stops the program at once.</summary>
internal abstract class StartingService : IHostedLifecycleService
{
    public abstract Task StartingAsync(CancellationToken cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The faults of those clients whose settings cannot be read.</summary>
    protected static IEnumerable<OptionsValidationException> FailuresOf(IEnumerable<string> clients, Func<string, object?> read) =>
        clients.Select(name => FailureOf(name, read)).OfType<OptionsValidationException>();

    /// <summary>Throws what there is; one failure as it came.</summary>
    protected static void ThrowIfAny(IReadOnlyList<OptionsValidationException> failures)
    {
        if (failures is [var only])
        {
            ExceptionDispatchInfo.Throw(only);
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private static OptionsValidationException? FailureOf(string name, Func<string, object?> read)
    {
        try
        {
            _ = read(name);
            return null;
        }
        catch (OptionsValidationException failure)
        {
            return failure;
        }
    }
}
