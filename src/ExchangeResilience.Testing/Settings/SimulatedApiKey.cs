namespace ExchangeResilience.Testing;

/// <summary>An API key the simulated exchange knows.</summary>
/// <param name="Key">What X-MBX-APIKEY carries.</param>
/// <param name="Secret">The HMAC-SHA256 secret.</param>
/// <param name="Account">The account it belongs to; keys of one account share orders, positions and order counts.</param>
/// <param name="CanTrade">Whether it may change anything; -2015 if not.</param>
public sealed record SimulatedApiKey(string Key, string Secret, string Account = "main", bool CanTrade = true)
{
    /// <summary>Checks signatures in place of HMAC-SHA256 with the secret, for keys of another kind: given the signed bytes and the signature, decoded from the URL.</summary>
    public Func<ReadOnlyMemory<byte>, string, bool>? Verify { get; init; }

    /// <summary>The account alone.</summary>
    public override string ToString() => $"{nameof(SimulatedApiKey)} of {Account}";
}
