using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The section that holds the keys. No fault may repeat a value.</summary>
internal sealed class SigningTarget : FuzzTarget<SigningTarget.Outcome>
{
    private const string Root = "ExchangeSigning";

    private static readonly string[] Secrets = ["top-secret-key", "top-secret-secret", "top-secret-pem", "top-secret-inner"];

    public override string Name => "signing";

    public override int Inputs => 8_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("signing.txt"));

    public override IReadOnlyList<string> Words => ["\"Secret\":", "\"ApiKey\":", "top-secret", "99h", "\"Secret\":{\"top-secret\":\"top-secret-inner\"},"];

    public override IReadOnlyList<string> Milestones => ["no file", "faults", "settings"];

    public override (long Base, long PerByte) Allocation => (256 * 1024, 4 * 1024);

    protected override Outcome Act(byte[] input)
    {
        IConfigurationRoot file;
        try
        {
            file = new ConfigurationBuilder().AddJsonStream(new MemoryStream(input)).Build();
        }
        catch (Exception refused) when (refused is FormatException or InvalidDataException or InvalidOperationException or System.Text.Json.JsonException)
        {
            return new(null, []);
        }

        var options = new ExchangeSigningOptions();
        var faults = new List<string>();
        SigningSectionReader.Read(file.GetSection(Root), options, faults);
        if (new ExchangeSigningOptionsValidator("futures", Root).Validate("futures", options) is { Failed: true, Failures: { } failures })
        {
            faults.AddRange(failures);
        }

        // A fault names its key, whatever that is.
        return new(options, faults.FindAll(fault => !file.AsEnumerable().Any(pair => Secrets.Any(pair.Key.Contains) && fault.StartsWith(pair.Key, StringComparison.OrdinalIgnoreCase))));
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.Options is null ? "no file" : outcome.Faults.Count > 0 ? "faults" : "settings");
        return outcome.Faults.Any(fault => Secrets.Any(secret => fault.Contains(secret, StringComparison.Ordinal))) ? "a fault that shows a secret" : null;
    }

    internal sealed record Outcome(ExchangeSigningOptions? Options, IReadOnlyList<string> Faults)
    {
        public override string ToString() => string.Join('\n', Faults);
    }
}
