namespace ExchangeResilience.Ed25519;

/// <summary>Finds Ed25519 keys among the private keys of the settings.</summary>
internal sealed class Ed25519KeyKind : IPrivateKeyKind
{
    /// <inheritdoc/>
    public IExchangeSigner? Read(string pem, string? passphrase) => Ed25519Signer.TryRead(pem, passphrase);
}
