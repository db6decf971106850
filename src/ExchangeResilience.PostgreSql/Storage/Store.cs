using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>The database: gives connections, and sees to it that the tables are there. Failures are the driver's own.</summary>
internal sealed class Store(PostgreSqlExchangeStateOptions options, NpgsqlDataSource? given, Schema? schema = null) : IAsyncDisposable
{
    // As many as the process keeps.
    private const int MostConnections = 4;

    private readonly Schema _schema = schema ?? Schema.Current;
    private readonly NpgsqlDataSource _source = given ?? Build(options);
    private volatile bool _isUpToDate;

    public PostgreSqlExchangeStateOptions Options => options;

    public int TimeoutSeconds { get; } = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);

    /// <summary>
    /// Does something on a connection; once more where an idle one turns out to have been cut, which is no reason to refuse an order. What is done must be the same done twice:
    /// a commit whose answer was lost may have reached the disk.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var left = MostConnections; ; left--)
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                try
                {
                    return await work(connection).ConfigureAwait(false);
                }
                catch (NpgsqlException lost) when (left > 0 && StoreFailures.IsCut(lost) && !cancellationToken.IsCancellationRequested)
                {
                    // The next may have been cut as well.
                }
            }
        }
    }

    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        // The driver's own patience with a server that does not answer is longer than an order can wait.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.CommandTimeout);
        try
        {
            var connection = await _source.OpenConnectionAsync(patience.Token).ConfigureAwait(false);
            try
            {
                if (!_isUpToDate)
                {
                    await _schema.BringUpToDateAsync(connection, options.Schema, TimeoutSeconds, cancellationToken).ConfigureAwait(false);
                    _isUpToDate = true;
                }

                return connection;
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (given is null)
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static NpgsqlDataSource Build(PostgreSqlExchangeStateOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        connection.ApplicationName ??= "ExchangeResilience";
        return new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
    }
}
