using System.Security.Cryptography;
using System.Text;
using ExchangeResilience;

namespace Documented;

/// <summary>A signer of a program's own, for which a vault would hold the secret.</summary>
public sealed class VaultSigner : IExchangeSigner
{
    public string Sign(ReadOnlySpan<byte> payload) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("main-secret"), payload));
}
