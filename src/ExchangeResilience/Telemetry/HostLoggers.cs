using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>The host's loggers as everything here has them: whatever they do, throw or hang, an order goes its way.</summary>
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
            thread.Call(new Line<TState>(this, logLevel, eventId, state, exception, formatter));

        private sealed class Line<TState>(Logger logger, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) : HostThread.Errand
        {
            protected override void Act() => logger.Host.Log(level, id, state, exception, formatter);
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
