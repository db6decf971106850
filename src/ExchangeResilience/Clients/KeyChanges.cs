namespace ExchangeResilience;

/// <summary>What a change of a client's keys means to its orders: those in doubt under the earlier key are looked up with the new one, also those that the earlier one was refused for.</summary>
internal sealed class KeyChanges(ExchangeClient client, ExchangeServices services) : IKeyChanges
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(1);

    public bool AccountIsNamed { get; } = client.Settings.Current.Options.Account is not null;

    public async Task<SameAccount> CompareAsync(SigningCredentials inForce, SigningCredentials next)
    {
        var codes = new[] { await CodeOfAsync(inForce).ConfigureAwait(false), await CodeOfAsync(next).ConfigureAwait(false) };
        return codes.Contains(null) ? SameAccount.Unclear
            : string.Equals(codes[0], codes[1], StringComparison.Ordinal) ? SameAccount.Yes
            : SameAccount.No;
    }

    public void Replacing(SigningCredentials before, SigningCredentials next) => services.Accounts.Book.Replace(before.AccountId, next.AccountId);

    public void Replaced()
    {
        services.Introduce(client);
        services.Reconciler.SearchAgain(client.Name, client.Settings.Current.Options.Reconciliation);
    }

    private async Task<string?> CodeOfAsync(SigningCredentials key)
    {
        if (client.Host is { } host)
        {
            var origin = new ClaimOrigin(client.Name, client.Settings.Current.Options.Venue, host, CanAsk: true) { Account = client.Identity with { KeyHash = key.AccountId } };
            await services.Accounts.LearnAsync(origin, LongestAnswer, CancellationToken.None, signedWith: key).ConfigureAwait(false);
        }

        return services.Accounts.Book.CodeOf(key.AccountId);
    }
}
