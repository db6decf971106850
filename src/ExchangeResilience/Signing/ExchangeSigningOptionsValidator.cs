using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Refuses the credentials of one named client that cannot work, and reports every fault at once: key path, remedy, and never a key's or a secret's value.</summary>
internal sealed class ExchangeSigningOptionsValidator : IValidateOptions<ExchangeSigningOptions>
{
    private static readonly TimeSpan MinRecvWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRecvWindow = TimeSpan.FromMilliseconds(ReceiveWindow.MaxMs);

    private readonly string _name;
    private readonly string _pathPrefix;

    /// <param name="name">The client's name; options of other names are not looked at.</param>
    /// <param name="sectionPath">Where the keys stand in configuration; null for keys set in code, whose paths are property names alone.</param>
    public ExchangeSigningOptionsValidator(string name, string? sectionPath)
    {
        _name = name;
        _pathPrefix = sectionPath is null ? "" : sectionPath + ":";
    }

    public ValidateOptionsResult Validate(string? name, ExchangeSigningOptions options)
    {
        if (!string.Equals(name, _name, StringComparison.Ordinal))
            return ValidateOptionsResult.Skip;

        var faults = Faults(options).Select(fault => _pathPrefix + fault).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(ExchangeSigningOptions options)
    {
        (string Key, object? Value)[] choices = [(nameof(options.Secret), options.Secret), (nameof(options.PrivateKeyPem), options.PrivateKeyPem), (nameof(options.Signer), options.Signer)];
        var signers = choices.Where(static choice => choice.Value is not null).Select(static choice => choice.Key).ToArray();

        if (options.ApiKey is null && signers.Length > 0)
            yield return OptionFault.Of(nameof(options.ApiKey), "is missing where a secret, private key or signer is set", "write the API key that it belongs to");

        if (options.ApiKey is { } key)
        {
            if (string.IsNullOrWhiteSpace(key))
                yield return OptionFault.Of(nameof(options.ApiKey), "is blank", "write the API key, or leave it out with all else where requests are not to be signed");
            else if (!key.All(static c => c is > ' ' and <= '~'))
                yield return OptionFault.Of(nameof(options.ApiKey), "holds a character that no key has", "look for a space or a line break at its ends");

            if (signers.Length == 0)
                yield return OptionFault.Of(nameof(options.ApiKey), "has nothing to sign with", "add Secret or PrivateKeyPem, or set Signer in code");
        }

        if (signers.Length > 1)
            yield return OptionFault.Of(signers[^1], $"is set beside {string.Join(" and ", signers[..^1])}", "keep the one of Secret, PrivateKeyPem and Signer that belongs to the API key");

        if (options.Secret is { IsBlank: true })
            yield return OptionFault.Of(nameof(options.Secret), "is blank", "write the secret of the key, or leave it out where another key signs");
        else if (options.Secret is { IsPadded: true })
            yield return OptionFault.Of(nameof(options.Secret), "has a space or a line break at one of its ends", "remove it");

        if (options.PrivateKeyPem is { } pem && !IsUsable(pem))
            yield return OptionFault.Of(nameof(options.PrivateKeyPem), "cannot be read", "write an unencrypted private RSA key in PEM form (BEGIN PRIVATE KEY)");

        if (options.RecvWindow < MinRecvWindow || options.RecvWindow > MaxRecvWindow)
            yield return OptionFault.OutOfRange(nameof(options.RecvWindow), options.RecvWindow, MinRecvWindow, MaxRecvWindow);
    }

    private static bool IsUsable(Secret pem)
    {
        try
        {
            using var signer = new RsaSha256Signer(pem);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
