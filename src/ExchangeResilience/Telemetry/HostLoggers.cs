using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>The host's loggers as all code here uses them: even if one throws or hangs, orders go on.</summary>
internal sealed class HostLoggers(ILoggerFactory factory) : ILoggerFactory
{
    private readonly HostThread _thread = new();

    public ILogger CreateLogger(string categoryName) => new Logger(factory, categoryName, _thread);

    public void AddProvider(ILoggerProvider provider) => factory.AddProvider(provider);

    // The factory is the host's.
    public void Dispose()
    {
    }

    /// <summary>Makes a service whose logger is one of these.</summary>
    public static T Give<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(IServiceProvider services) =>
        ActivatorUtilities.CreateInstance<T>(services, For<T>(services));

    public static ILogger<T> For<T>(IServiceProvider services) => new Logger<T>(services.GetRequiredService<HostLoggers>());

    private sealed class Logger(ILoggerFactory factory, string category, HostThread thread) : ILogger
    {
        // Whatever a request, a reply or an operator put into a message of this library, it is one line; the host's own handlers log through these as well, unchanged.
        private readonly bool _isOurs = category.StartsWith(nameof(ExchangeResilience), StringComparison.Ordinal);
        private volatile ILogger? _logger;

        // One that could not be made may be the next time.
        private ILogger Host => _logger ??= factory.CreateLogger(category);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            try
            {
                return Host.BeginScope(state) is { } scope ? new Scope(scope) : null;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                return null;
            }
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return Host.IsEnabled(logLevel);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                return false;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Line<TState>.Write(this, thread, logLevel, eventId, state, exception, formatter);

        /// <summary>One line to be logged by the host; the object serves the next line of the same thread.</summary>
        private sealed class Line<TState> : HostThread.Errand
        {
            [ThreadStatic]
            private static Line<TState>? s_spare;

            private Logger? _logger;
            private LogLevel _level;
            private EventId _id;
            private TState _state = default!;
            private Exception? _exception;
            private Func<TState, Exception?, string>? _formatter;

            public static void Write(Logger logger, HostThread thread, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var line = s_spare ?? new Line<TState>();
                s_spare = null;
                (line._logger, line._level, line._id, line._state, line._exception, line._formatter) = (logger, level, id, state, exception, formatter);
                if (thread.Call(line))
                {
                    (line._state, line._exception) = (default!, null);
                    s_spare = line;
                }
            }

            protected override void Act()
            {
                var formatter = _formatter!;
                _logger!.Host.Log(
                    _level, _id, _state, _exception,
                    _logger._isOurs && _id.Id != SettingsLog.Matrix ? (state, exception) => OneLine.Of(formatter(state, exception)) : formatter);
            }
        }
    }

    private sealed class Scope(IDisposable scope) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                scope.Dispose();
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The host's scope stays open; the call goes on.
            }
        }
    }
}
