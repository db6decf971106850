using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The section of appsettings. What the framework itself refuses as a file never reaches us.</summary>
internal sealed class SettingsTarget : FuzzTarget<SettingsTarget.Outcome>
{
    private const string Root = "ExchangeErrorHandling";

    public override string Name => "settings";

    public override int Inputs => 8_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("settings.txt"));

    public override IReadOnlyList<string> Words => ["-1003", "-1000..-2000", "Http999", "Http503", "\"Action\":\"TreatAsSuccess\",", "\"Lane\":\"None\",", "1.5h", "999999999999h", "-5s", "00:00:60", "25:00:00"];

    public override IReadOnlyList<string> Milestones => ["no file", "faults", "settings"];

    // A matrix is compiled of every code; each unknown key is compared with every known one.
    public override (long Base, long PerByte) Allocation => (8 * 1024 * 1024, 8 * 1024);

    protected override Outcome Act(byte[] input)
    {
        IConfigurationRoot file;
        try
        {
            file = new ConfigurationBuilder().AddJsonStream(new MemoryStream(input)).Build();
        }
        catch (Exception refused) when (refused is FormatException or InvalidDataException or InvalidOperationException or System.Text.Json.JsonException)
        {
            return new(null, [], null);
        }

        var options = new ExchangeErrorHandlingOptions();
        var faults = new List<string>();
        ErrorHandlingSectionReader.Read(file.GetSection(Root), options, faults);
        if (new ErrorHandlingOptionsValidator("futures").Validate("futures", options) is { Failed: true, Failures: { } failures })
        {
            faults.AddRange(failures);
        }

        var matrix = PolicyMatrix.Compile(options.Policies, options.Venue.Errors, options.Venue.Policies, []);
        return new(options, faults, faults.Count == 0 ? matrix : null);
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        if (outcome.Options is null)
        {
            Reach("no file");
            return null;
        }

        if (outcome.Faults.Any(fault => !fault.StartsWith($"{Root}:", StringComparison.OrdinalIgnoreCase) || !fault[Root.Length..].Contains(": ", StringComparison.Ordinal)))
        {
            return "a fault that names no key";
        }

        if (outcome.Matrix is not { } matrix)
        {
            Reach("faults");
            return null;
        }

        Reach("settings");
        foreach (var error in ExchangeVenue.BinanceUsdFutures.Errors.All)
        {
            var row = matrix.Find(error, 503);
            if (row.Execution is { } execution && execution != ExecutionStatus.Unknown)
            {
                return "a setting that makes an outcome more certain";
            }

            if ((row.Action == RecoveryAction.TreatAsSuccess && error.Category != ErrorCategory.NoChangeNeeded)
                || (row.Action == RecoveryAction.ResyncClock && error.Category != ErrorCategory.ClockSkew))
            {
                return "an action for errors that it does not suit";
            }

            if (row.MaxAttempts is < 1 or > 20 || row.BaseDelay <= TimeSpan.Zero || row.MaxDelay < row.BaseDelay || row.MaxDelay > TimeSpan.FromDays(1))
            {
                return "a row out of bounds";
            }
        }

        return matrix.ToMarkdown().Length == 0 ? "a matrix that cannot be shown" : null;
    }

    internal sealed record Outcome(ExchangeErrorHandlingOptions? Options, IReadOnlyList<string> Faults, PolicyMatrix? Matrix)
    {
        public override string ToString() => string.Join('\n', Faults);
    }
}
