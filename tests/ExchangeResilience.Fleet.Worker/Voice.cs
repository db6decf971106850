using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Fleet.Worker;

/// <summary>What the program says of itself, a line at a time.</summary>
internal static class Voice
{
    public static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}

/// <summary>Says when another member's hold has reached this one.</summary>
internal sealed class HoldListener : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == "HoldTold")
        {
            Voice.Say("told");
            Voice.Say(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
