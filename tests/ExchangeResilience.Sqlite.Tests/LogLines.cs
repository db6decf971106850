using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite.Tests;

/// <summary>What was logged.</summary>
internal sealed class LogLines : ILogger<SqliteOrderJournal>
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get { lock (_lock) { return [.. _lines]; } }
    }

    /// <summary>All of them but that the file is new.</summary>
    public IReadOnlyList<string> Troubles => [.. Lines.Where(static line => !line.StartsWith("Warning 1404 ", StringComparison.Ordinal))];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
        {
            _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
        }
    }
}
