using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>The database: makes connections, and sees to it that the tables are there. Failures are the driver's own.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly Schema _schema;
    private readonly NpgsqlDataSource _source;
    private readonly bool _isGiven;
    private volatile bool _isUpToDate;

    public Store(PostgreSqlExchangeStateOptions options, NpgsqlDataSource? given, Schema? schema = null)
    {
        (Options, _schema, _isGiven) = (options, schema ?? Schema.Current, given is not null);
        _source = given ?? Build(options);
        Pooler = new(this);
    }

    public PostgreSqlExchangeStateOptions Options { get; }

    /// <summary>What is between this process and the server.</summary>
    public Pooler Pooler { get; }

    public bool IsUpToDate => _isUpToDate;

    public NpgsqlConnection NewConnection() => _source.CreateConnection();

    /// <summary>Whether the tables are as this library makes them. Nearly always they are, and a role that may only use them must get by.</summary>
    /// <exception cref="JournalException">The database cannot hold the text of every order, or the store is a newer library's.</exception>
    public async Task<bool> CheckVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.PostgresParameters.TryGetValue("server_encoding", out var encoding) && encoding != "UTF8")
        {
            throw StoreFailures.Encoding(encoding);
        }

        return _isUpToDate = await _schema.IsUpToDateAsync(connection, Options.Schema, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _schema.BringUpToDateAsync(connection, Options.Schema, cancellationToken).ConfigureAwait(false);
        return _isUpToDate = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isGiven)
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Each connection is kept for as long as it works, so that there is nothing to pool; the next host is looked for at once. Only PostgreSQL's own types are used: loading those of the database,
    // which takes the longer the more tables it has, would end by the role's statement_timeout, before that is set.
    private static NpgsqlDataSource Build(PostgreSqlExchangeStateOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false, Enlist = false };
        connection.ApplicationName ??= "ExchangeResilience";
        if (connection.Host!.Split(',') is { Length: > 1 } hosts)
        {
            // One that does not answer must leave time for the others.
            connection.Timeout = Math.Max(1, (int)(options.CommandTimeout / hosts.Length).TotalSeconds);
            connection.HostRecheckSeconds = 1;
            connection.TargetSessionAttributes ??= "primary";
        }

        return new NpgsqlDataSourceBuilder(connection.ConnectionString).ConfigureTypeLoading(static types => types.EnableTypeLoading(false)).Build();
    }
}
