using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Refuses the credentials of one named client that cannot work, and reports every fault at once: key path, remedy, and never a key's or a secret's value.</summary>
internal sealed class ExchangeSigningOptionsValidator(string client, string? sectionPath, IReadOnlyList<IPrivateKeyKind>? kinds = null) : IValidateOptions<ExchangeSigningOptions>
{
    private static readonly TimeSpan MinRecvWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRecvWindow = TimeSpan.FromMilliseconds(ReceiveWindow.MaxMs);

    public ValidateOptionsResult Validate(string? name, ExchangeSigningOptions options)
    {
        if (!string.Equals(name, client, StringComparison.Ordinal))
        {
            return ValidateOptionsResult.Skip;
        }

        var faults = Faults(options).Select(fault => OptionFault.Below(client, sectionPath is null ? [] : [sectionPath], fault)).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(ExchangeSigningOptions options) =>
        [.. FaultsOfKey(options), .. FaultsOfSecrets(options), .. FaultsOfHosts(options), .. FaultsOfWindow(options)];

    private static IEnumerable<string> FaultsOfKey(ExchangeSigningOptions options)
    {
        (string Key, object? Value)[] choices =
        [
            (nameof(options.Secret), options.Secret), (nameof(options.PrivateKeyPem), options.PrivateKeyPem), (nameof(options.PrivateKeyPath), options.PrivateKeyPath), (nameof(options.Signer), options.Signer),
        ];
        var signers = choices.Where(static choice => choice.Value is not null).Select(static choice => choice.Key).ToArray();

        if (options.ApiKey is null && signers.Length > 0)
        {
            yield return OptionFault.Of(nameof(options.ApiKey), "is missing where a secret, private key or signer is set", "write the API key that it belongs to");
        }

        if (options.ApiKey is { } key)
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                yield return OptionFault.Of(nameof(options.ApiKey), "is blank", "write the API key, or leave it out with all else where requests are not to be signed");
            }
            else if (IsQuoted(key))
            {
                yield return OptionFault.Of(nameof(options.ApiKey), "stands in quotation marks", "remove them");
            }
            else if (!key.All(static c => c is > ' ' and <= '~'))
            {
                yield return OptionFault.Of(nameof(options.ApiKey), "holds a character that no key has", "look for a space or a line break at its ends");
            }

            if (signers.Length == 0)
            {
                yield return OptionFault.Of(nameof(options.ApiKey), "has nothing to sign with", "add Secret or PrivateKeyPem, or set Signer in code");
            }
        }

        if (signers.Length > 1)
        {
            yield return OptionFault.Of(signers[^1], $"is set beside {string.Join(" and ", signers[..^1])}", "keep the one of Secret, PrivateKeyPem and Signer that belongs to the API key");
        }
    }

    private IEnumerable<string> FaultsOfSecrets(ExchangeSigningOptions options)
    {
        if (options.Secret is { } secret && FaultOfSecret(secret, options.ApiKey) is { } misplaced)
        {
            yield return OptionFault.Of(nameof(options.Secret), misplaced.Problem, misplaced.Remedy);
        }

        if (KeyFault(options) is { } fault)
        {
            yield return fault;
        }

        if (options is { PrivateKeyPassphrase: not null, PrivateKeyPem: null, PrivateKeyPath: null })
        {
            yield return OptionFault.Of(nameof(options.PrivateKeyPassphrase), "is set without a private key", "set PrivateKeyPem or PrivateKeyPath, or remove it");
        }
    }

    private static IEnumerable<string> FaultsOfHosts(ExchangeSigningOptions options)
    {
        for (var i = 0; i < options.Hosts.Count; i++)
        {
            var path = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{nameof(options.Hosts)}:{i}");
            if (string.IsNullOrWhiteSpace(options.Hosts[i]))
            {
                yield return OptionFault.Of(path, "is blank", "write a host, such as proxy.example:8443, or remove it");
            }
            else if (TradedHosts.Read(options.Hosts[i]) is not { } host)
            {
                yield return OptionFault.Of(path, "is no host", "write it with its port where that is not 443, such as proxy.example:8443, without user, path and query");
            }
            else if (!TradedHosts.IsSafe(host))
            {
                yield return OptionFault.Of(path, "is reached over plain http, where the key can be read on the way", "write it with https; http is for this machine alone, such as http://localhost:8080");
            }
        }
    }

    private static IEnumerable<string> FaultsOfWindow(ExchangeSigningOptions options)
    {
        if (options.RecvWindow < MinRecvWindow || options.RecvWindow > MaxRecvWindow)
        {
            yield return OptionFault.OutOfRange(nameof(options.RecvWindow), options.RecvWindow, MinRecvWindow, MaxRecvWindow);
        }
    }

    private string? KeyFault(ExchangeSigningOptions options)
    {
        if (options is { PrivateKeyPem: null, PrivateKeyPath: null })
        {
            return null;
        }

        var setting = options.PrivateKeyPem is null ? nameof(options.PrivateKeyPath) : nameof(options.PrivateKeyPem);
        try
        {
            if ((options.PrivateKeyPem is { } given ? FaultOfText(given.Reveal()) : FaultOfPath(options.PrivateKeyPath!)) is { } misplaced)
            {
                return OptionFault.Of(setting, misplaced.Problem, misplaced.Remedy);
            }

            var reading = PrivateKeyReader.Read(SigningCredentials.PrivateKeyOf(options)!, options.PrivateKeyPassphrase?.Reveal(), kinds);
            (reading.Signer as IDisposable)?.Dispose();
            return reading.Signer is null ? OptionFault.Of(setting, reading.Problem, reading.Remedy) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return failure is FileNotFoundException or DirectoryNotFoundException
                ? OptionFault.Of(setting, NotThere.Problem, NotThere.Remedy)
                : OptionFault.Of(setting, "names a file that this program cannot read", "give the program the right to read it, or write the path of one that it may read");
        }
    }

    private static (string Problem, string Remedy) NotThere => ("names a file that is not there", $"write the whole path of the PEM file, or its path from '{Environment.CurrentDirectory}'");

    private static (string Problem, string Remedy)? FaultOfSecret(ExchangeSecret secret, string? apiKey) =>
        secret.IsBlank ? ("is blank", "write the secret of the key, or leave it out where another key signs")
        : PrivateKeyReader.IsPem(secret.Reveal()) ? ("holds a key in PEM form", "move it to PrivateKeyPem; Secret is for the text that the exchange shows beside an HMAC key")
        : PrivateKeyReader.IsBare(secret.Reveal()) ? ("holds a key without its BEGIN and END lines", "move it to PrivateKeyPem, with them; Secret is for the text that the exchange shows beside an HMAC key")
        : IsQuoted(secret.Reveal()) ? ("stands in quotation marks", "remove them")
        : secret.IsPadded ? ("has a space or a line break at one of its ends", "remove it")
        : string.Equals(secret.Reveal(), apiKey, StringComparison.Ordinal) ? ("is the API key itself", "write the secret that the exchange showed beside it")
        : IsPath(secret.Reveal()) ? ("is the path of a file", "write the secret itself; PrivateKeyPath is for the file of a private key")
        : null;

    // A name alone may be a secret too.
    private static bool IsPath(string text) => Path.GetDirectoryName(text) is { Length: > 0 } && File.Exists(text);

    private static bool IsQuoted(string text) => text is ['"', .., '"'] or ['\'', .., '\''];

    private static (string Problem, string Remedy)? FaultOfText(string text) =>
        string.IsNullOrWhiteSpace(text) ? ("is blank", "write the private key, or leave it out where another signs")
        : !PrivateKeyReader.IsPem(text) && File.Exists(text.Trim()) ? ("is the path of a file", "move it to PrivateKeyPath; PrivateKeyPem is for the key itself")
        : null;

    // The value is not repeated: it may be a secret in the wrong place.
    private static (string Problem, string Remedy)? FaultOfPath(string path) =>
        string.IsNullOrWhiteSpace(path) ? ("is blank", "write the path of the PEM file, or leave it out where another signs")
        : PrivateKeyReader.IsPem(path) ? ("holds a key in PEM form", "move it to PrivateKeyPem; PrivateKeyPath is for the path of its file")
        : Directory.Exists(path) ? ("names a folder", "write the path of the PEM file in it")
        : !File.Exists(path) ? NotThere
        : PrivateKeyFile.FaultOf(path);
}
