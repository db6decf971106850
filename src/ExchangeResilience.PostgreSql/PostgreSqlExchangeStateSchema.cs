namespace ExchangeResilience.PostgreSql;

/// <summary>The tables of the shared state, for an administrator who makes them where the program's own role may not.</summary>
public static class PostgreSqlExchangeStateSchema
{
    /// <summary>The statements that make a new schema, in one transaction.</summary>
    /// <param name="schema">As in <see cref="PostgreSqlExchangeStateOptions.Schema"/>.</param>
    /// <exception cref="ArgumentException">That is no name for a schema.</exception>
    public static string Script(string schema = "exchange_resilience")
    {
        ArgumentNullException.ThrowIfNull(schema);
        return PostgreSqlExchangeStateSettings.IsSchemaName(schema) ? Schema.Current.Script(schema) : throw new ArgumentException("That is no name for a schema: use small letters, digits and underscores.", nameof(schema));
    }
}
