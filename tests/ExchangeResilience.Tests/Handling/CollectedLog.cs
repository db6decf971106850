using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Handling;

/// <summary>One line of a log, with everything that was handed to it.</summary>
internal sealed record LogLine(string Category, LogLevel Level, string? Event, string Text);

/// <summary>Keeps everything that is logged, whatever its level.</summary>
internal sealed class CollectedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    public IEnumerable<LogLine> Of(string name) => Lines.Where(line => line.Event == name);

    public void Register(ILoggingBuilder logging) => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this);

    public ILogger CreateLogger(string categoryName) => new Collector(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Collector(CollectedLog log, string category) : ILogger
    {
        // The scopes of the client factory hold the address.
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            log._lines.Enqueue(new LogLine(category, LogLevel.Trace, "scope", state.ToString() ?? ""));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._lines.Enqueue(new LogLine(category, logLevel, eventId.Name, $"{formatter(state, exception)} {exception}"));
    }
}
