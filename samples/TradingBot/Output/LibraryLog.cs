using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>Hands on what the library logs, as it happens.</summary>
/// <param name="least">Everything from this level on.</param>
/// <param name="hear">Hears it.</param>
/// <param name="details">Events that are handed on whatever their level.</param>
internal sealed class LibraryLog(LogLevel least, Action<EventId, string> hear, params IReadOnlyList<int> details) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && (logLevel >= least || details.Count > 0);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && (logLevel >= least || details.Contains(eventId.Id)))
        {
            hear(eventId, formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
