namespace ExchangeResilience;

/// <summary>
/// Reads every client's keys before the host starts anything, so that those that cannot be used stop the program at once. <c>ValidateOnStart</c> is not used, for the reason that the
/// check of the other settings gives.
/// </summary>
internal sealed class SigningStartupCheck(SigningRegistry signing) : StartingService
{
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        ThrowIfAny([.. FailuresOf(signing.Names, signing.SourceOf)]);
        return Task.CompletedTask;
    }
}
