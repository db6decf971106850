using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Refuses credentials that cannot work, naming every fault and never a value.</summary>
internal sealed class ExchangeSigningOptionsValidator : IValidateOptions<ExchangeSigningOptions>
{
    private static readonly TimeSpan MinRecvWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRecvWindow = TimeSpan.FromMilliseconds(ReceiveWindow.MaxMs);

    public ValidateOptionsResult Validate(string? name, ExchangeSigningOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(ExchangeSigningOptions options)
    {
        var signers = (options.Secret is null ? 0 : 1) + (options.PrivateKeyPem is null ? 0 : 1) + (options.Signer is null ? 0 : 1);

        if (options.ApiKey is null && signers > 0)
            yield return "ApiKey is missing: a secret, private key or signer works only together with its API key.";

        if (options.ApiKey is { } key)
        {
            if (string.IsNullOrWhiteSpace(key))
                yield return "ApiKey is blank. Leave it out where requests are not to be signed.";
            else if (!key.All(static c => c is > ' ' and <= '~'))
                yield return "ApiKey holds a character that no key has; look for a space or a line break at its ends.";

            if (signers == 0)
                yield return "ApiKey has nothing to sign with: set Secret, PrivateKeyPem or Signer.";
        }

        if (signers > 1)
            yield return "Only one of Secret, PrivateKeyPem and Signer may be set.";

        if (options.Secret is { IsBlank: true })
            yield return "Secret is blank.";
        else if (options.Secret is { IsPadded: true })
            yield return "Secret has a space or a line break at one of its ends.";

        if (options.PrivateKeyPem is { } pem && PemFault(pem) is { } fault)
            yield return fault;

        if (options.RecvWindow < MinRecvWindow || options.RecvWindow > MaxRecvWindow)
            yield return $"RecvWindow is {options.RecvWindow}, but must lie between {MinRecvWindow} and {MaxRecvWindow}.";
    }

    private static string? PemFault(Secret pem)
    {
        try
        {
            using var signer = new RsaSha256Signer(pem);
            return null;
        }
        catch (ArgumentException)
        {
            return "PrivateKeyPem cannot be read: it must be an unencrypted private RSA key in PEM form (BEGIN PRIVATE KEY).";
        }
    }
}
