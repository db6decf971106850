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

    private IEnumerable<string> Faults(PostgreSqlExchangeStateOptions options)
    {
        if (given is null && ConnectionFault(options.ConnectionString) is { } problem)
        {
            yield return OptionFault.Of(nameof(options.ConnectionString), problem, ConnectionRemedy);
        }

        foreach (var (fault, remedy) in UseFaults(given?.Value.ConnectionString ?? options.ConnectionString))
        {
            yield return OptionFault.Of(nameof(options.ConnectionString), fault, remedy);
        }

        foreach (var fault in PostgreSqlExchangeStateSettings.All.SelectMany(setting => setting.Faults(options)))
        {
            yield return fault;
        }
    }

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

    /// <summary>What a database is set to that can be read, and cannot work.</summary>
    private static IEnumerable<(string Fault, string Remedy)> UseFaults(string? connectionString)
    {
        if (connectionString is null || ConnectionFault(connectionString) is not null)
        {
            yield break;
        }

        var parsed = new NpgsqlConnectionStringBuilder(connectionString);
        if (parsed.Multiplexing)
        {
            yield return ("asks for Multiplexing, under which no session is one process's own, nor can it listen", "leave Multiplexing out");
        }

        if (parsed is { Pooling: true, MaxPoolSize: < Connections })
        {
            yield return (FormattableString.Invariant($"allows {parsed.MaxPoolSize} connections of the {Connections} that are needed"), FormattableString.Invariant($"write Maximum Pool Size={Connections} or more, or leave it out"));
        }

        if (parsed is { Pooling: true, NoResetOnClose: true })
        {
            yield return ("asks for No Reset On Close, which would leave settings behind in the pool", "leave No Reset On Close out");
        }

        if (!(parsed.Encoding is Utf8 || IsUtf8(parsed.Encoding, "utf-8")) || (parsed.ClientEncoding is { } server && !IsUtf8(server, Utf8) && !IsUtf8(server, "utf-8")))
        {
            yield return ("names an encoding that is not UTF8, in which not every order can be read", "leave Encoding and Client Encoding out");
        }
    }

    private static bool IsUtf8(string encoding, string name) => encoding.Equals(name, StringComparison.OrdinalIgnoreCase);
}
