using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>The database: gives connections, and sees to it that the tables are there. Failures are the driver's own.</summary>
internal sealed class Store(PostgreSqlExchangeStateOptions options, NpgsqlDataSource? given, Schema? schema = null) : IAsyncDisposable
{
    private readonly Schema _schema = schema ?? Schema.Current;
    private readonly NpgsqlDataSource _source = given ?? Build(options);
    private volatile bool _isUpToDate;

    public PostgreSqlExchangeStateOptions Options => options;

    public int TimeoutSeconds { get; } = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);

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
