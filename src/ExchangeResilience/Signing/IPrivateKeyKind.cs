namespace ExchangeResilience;

/// <summary>Reads private keys of a kind that .NET cannot sign with. Every one in the container is tried, for every client of the program.</summary>
internal interface IPrivateKeyKind
{
    /// <summary>What signs with a key, one block in PEM form (PKCS#8); null where it is of another kind, or the passphrase does not open it.</summary>
    IExchangeSigner? Read(string pem, string? passphrase);
}
