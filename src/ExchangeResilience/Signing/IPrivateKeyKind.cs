namespace ExchangeResilience;

/// <summary>Reads private keys of a kind that .NET cannot sign with. Every one in the container is tried, for every client of the program.</summary>
internal interface IPrivateKeyKind
{
    /// <summary>What signs with a key; null where it is of another kind, or the passphrase does not open it.</summary>
    /// <param name="pem">One block in PEM form, PKCS#8.</param>
    /// <param name="passphrase">Opens it where it is encrypted; null where it is not.</param>
    IExchangeSigner? Read(string pem, string? passphrase);
}
