using System.Text.RegularExpressions;
using static ExchangeResilience.SettingRow<ExchangeResilience.PostgreSql.PostgreSqlExchangeStateOptions>;

namespace ExchangeResilience.PostgreSql;

/// <summary>Every setting of the shared state, one row each. What a connection string may be is in <see cref="PostgreSqlExchangeStateOptionsValidator"/>.</summary>
internal static partial class PostgreSqlExchangeStateSettings
{
    private const int MostNameLetters = 100;

    public static IReadOnlyList<SettingRow<PostgreSqlExchangeStateOptions>> All { get; } =
    [
        Text("ConnectionString", static o => o.ConnectionString, static (o, value) => o.ConnectionString = value, static (_, _) => null),
        Text("Schema", static o => o.Schema, static (o, value) => o.Schema = value, FaultOfSchema),
        Duration("Lease", static o => o.Lease, static (o, value) => o.Lease = value, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5)),
        Text("MemberName", static o => o.MemberName, static (o, value) => o.MemberName = value, FaultOfName),
        Duration("Retention", static o => o.Retention, static (o, value) => o.Retention = value, TimeSpan.FromDays(1), TimeSpan.FromDays(365)),
        Duration("CommandTimeout", static o => o.CommandTimeout, static (o, value) => o.CommandTimeout = value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
    ];

    /// <summary>A name that needs no quotes and hides nothing.</summary>
    public static bool IsSchemaName(string? name) => name is not null && PlainName().IsMatch(name) && !name.StartsWith("pg_", StringComparison.Ordinal);

    private static string? FaultOfSchema(string key, string? name) =>
        IsSchemaName(name) ? null : OptionFault.Of(key, "is no name for a schema", "use small letters, digits and underscores, at most 63, the first no digit and no pg_");

    private static string? FaultOfName(string key, string? name) =>
        name is null ? null
        : OptionFault.MayHoldSecret(name) ? OptionFault.Of(key, "may be a key, a secret or a connection string, and would be shown in logs and on the page", "write a short name, or leave it out")
        : string.IsNullOrWhiteSpace(name) || name.Length > MostNameLetters || name.Any(char.IsControl) ? OptionFault.Of(key, "is blank, too long or holds control characters", "leave it out, or write up to 100 letters")
        : null;

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex PlainName();
}
