using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Opens the journal before the host starts anything that could send, so that no first request has to wait for it.</summary>
internal sealed class JournalRecoveryService(JournalRecovery recovery) : StartingService
{
    /// <exception cref="JournalException">The journal cannot be opened: a program that is to trade must not start without it.</exception>
    /// <exception cref="OptionsValidationException">It holds an order of a client with faulty settings.</exception>
    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (await recovery.TryAsync(cancellationToken).ConfigureAwait(false) is { } failure)
        {
            throw failure;
        }
    }
}
