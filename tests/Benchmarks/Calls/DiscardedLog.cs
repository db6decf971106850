using Microsoft.Extensions.Logging;

namespace Benchmarks.Calls;

/// <summary>Logging that is on and keeps nothing: every entry is made and handed over; turning it into text would be the price of whatever provider an application has chosen.</summary>
internal sealed class DiscardedLog : ILoggerProvider, ILogger
{
    private int _entries;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Interlocked.Increment(ref _entries);

    public void Dispose()
    {
    }
}
