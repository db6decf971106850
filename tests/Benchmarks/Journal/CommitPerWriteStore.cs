using ExchangeResilience;
using Microsoft.Data.Sqlite;

namespace Benchmarks.Journal;

/// <summary>SQLite as it is used first: the same settings and prepared statements, one connection, and every write a transaction of its own.</summary>
internal sealed class CommitPerWriteStore : IIntentStore
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private int _unwritten;

    public CommitPerWriteStore(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        _connection.Open();
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        Run("CREATE TABLE orders (id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, document BLOB NOT NULL) STRICT");
        Run("CREATE INDEX orders_by_name ON orders (name)");
        _insert = Prepare("INSERT INTO orders (id, name, state, document) VALUES ($id, $name, $state, $document)", "$id", "$name", "$state", "$document");
        _update = Prepare("UPDATE orders SET state = $state, document = $document WHERE id = $id", "$state", "$document", "$id");
    }

    public Task RecordAsync(JournalEntry order) => WriteAsync(_insert, order.Id, order.Key.Id, order.State.ToString(), order.ToJson());

    public void Settle(JournalEntry order)
    {
        Interlocked.Increment(ref _unwritten);
        _ = SettleAsync(order);
    }

    public async Task DrainAsync()
    {
        while (Volatile.Read(ref _unwritten) > 0)
        {
            await _one.WaitAsync();
            _one.Release();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync()
    {
        _insert.Dispose();
        _update.Dispose();
        _connection.Dispose();
        _one.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SettleAsync(JournalEntry order)
    {
        await WriteAsync(_update, order.State.ToString(), order.ToJson(), order.Id);
        Interlocked.Decrement(ref _unwritten);
    }

    private async Task WriteAsync(SqliteCommand command, params object[] values)
    {
        await _one.WaitAsync();
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters[i].Value = values[i];
            }

            command.ExecuteNonQuery();
        }
        finally
        {
            _one.Release();
        }
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private void Run(string sql)
    {
        using var command = Prepare(sql);
        command.ExecuteNonQuery();
    }
}
