using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>Reads signing settings from configuration. No fault shows a value: it may be a secret in the wrong place.</summary>
internal static class SigningSectionReader
{
    public static void Read(IConfigurationSection section, ExchangeSigningOptions target, ICollection<string> faults)
    {
        if (!section.Exists())
        {
            faults.Add($"{section.Path}: the section is empty or missing; write ApiKey with Secret or PrivateKeyPem there");
            return;
        }

        var reader = new SectionReader(section, faults, showsValues: false);
        target.ApiKey = reader.Text(nameof(target.ApiKey)) ?? target.ApiKey;
        target.Secret = reader.Text(nameof(target.Secret)) is { } secret ? secret : target.Secret;
        target.PrivateKeyPem = reader.Text(nameof(target.PrivateKeyPem)) is { } pem ? pem : target.PrivateKeyPem;
        target.PrivateKeyPath = reader.Text(nameof(target.PrivateKeyPath)) ?? target.PrivateKeyPath;
        target.PrivateKeyPassphrase = reader.Text(nameof(target.PrivateKeyPassphrase)) is { } passphrase ? passphrase : target.PrivateKeyPassphrase;
        target.RecvWindow = reader.Duration(nameof(target.RecvWindow)) ?? target.RecvWindow;
        SectionReader.Replace(target.Hosts, reader.Texts(nameof(target.Hosts)));

        reader.RefuseUnknownKeys(SettingPaths.Signing);
    }
}
