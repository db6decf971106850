using Microsoft.Extensions.Options;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>Refuses settings that cannot work, naming every fault. A connection string is never repeated: it may hold a password.</summary>
internal sealed class PostgreSqlExchangeStateOptionsValidator(GivenDataSource? given = null) : IValidateOptions<PostgreSqlExchangeStateOptions>
{
    private const string ConnectionRemedy = "write it as Npgsql reads it, such as Host=db.example;Database=trading;Username=bot";
    private const string Utf8 = "UTF8";

    // Four that are kept, and one while a pooler is looked at.
    private const int Connections = 5;

    public ValidateOptionsResult Validate(string? name, PostgreSqlExchangeStateOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(PostgreSqlExchangeStateOptions options) =>
    [
        .. given is null && ConnectionFault(options.ConnectionString) is { } problem ? [OptionFault.Of(nameof(options.ConnectionString), problem, ConnectionRemedy)] : Array.Empty<string>(),
        .. UseFaults(given?.Value.ConnectionString ?? options.ConnectionString).OfType<(string Fault, string Remedy)>().Select(use => OptionFault.Of(nameof(options.ConnectionString), use.Fault, use.Remedy)),
        .. PostgreSqlExchangeStateSettings.All.SelectMany(setting => setting.Faults(options)),
    ];

    private static string? ConnectionFault(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return connectionString is null ? "is missing" : "is blank";
        }

        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(connectionString);
            if (string.IsNullOrWhiteSpace(parsed.Host))
            {
                return "names no Host";
            }

            // Ports beside hosts are read only here.
            NpgsqlDataSource.Create(parsed).Dispose();
            return null;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or NotSupportedException or InvalidCastException or InvalidOperationException or OverflowException or KeyNotFoundException)
        {
            // Its message may repeat what was written.
            return "cannot be read";
        }
    }

    /// <summary>What a database is set to that can be read, and cannot work; null for each rule that is kept.</summary>
    private static IEnumerable<(string Fault, string Remedy)?> UseFaults(string? connectionString)
    {
        if (connectionString is null || ConnectionFault(connectionString) is not null)
        {
            return [];
        }

        var parsed = new NpgsqlConnectionStringBuilder(connectionString);
        return
        [
            parsed.Multiplexing ? ("asks for Multiplexing, under which no session is one process's own, nor can it listen", "leave Multiplexing out") : null,
            parsed is { Pooling: true, MaxPoolSize: < Connections }
                ? (FormattableString.Invariant($"allows {parsed.MaxPoolSize} connections of the {Connections} that are needed"), FormattableString.Invariant($"write Maximum Pool Size={Connections} or more, or leave it out"))
                : null,
            parsed is { Pooling: true, NoResetOnClose: true } ? ("asks for No Reset On Close, which would leave settings behind in the pool", "leave No Reset On Close out") : null,
            (parsed.Encoding is Utf8 || IsUtf8(parsed.Encoding, "utf-8")) && (parsed.ClientEncoding is not { } server || IsUtf8(server, Utf8) || IsUtf8(server, "utf-8"))
                ? null
                : ("names an encoding that is not UTF8, in which not every order can be read", "leave Encoding and Client Encoding out"),
        ];
    }

    private static bool IsUtf8(string encoding, string name) => encoding.Equals(name, StringComparison.OrdinalIgnoreCase);
}
