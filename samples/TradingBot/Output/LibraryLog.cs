using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>Hands on what the library logs, as it happens.</summary>
internal sealed class LibraryLog(LogLevel least, Action<EventId, string> hear) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            hear(eventId, formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
