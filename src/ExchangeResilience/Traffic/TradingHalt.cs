using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <inheritdoc cref="ITradingHalt"/>
internal sealed class TradingHalt(TimeProvider time, ILogger logger) : ITradingHalt
{
    private TradingHaltNotice? _current;

    public TradingHaltNotice? Current => Volatile.Read(ref _current);

    public void StopOrders(string by, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        TradingHaltNotice? before;
        TradingHaltNotice stop;
        do
        {
            before = Current;
            stop = new(by, reason, time.GetUtcNow()) { Replacing = before is null ? "" : $", which replaces the stop of {before.By} ({before.Reason})" };
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _current, stop, before), before));

        TradingHaltLog.OrdersStopped(logger, by, reason, stop.Replacing);
    }

    public bool AllowOrders(string by, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (Interlocked.Exchange(ref _current, null) is null)
        {
            return false;
        }

        TradingHaltLog.OrdersAllowed(logger, by, reason);
        return true;
    }

    /// <summary>Says why orders were stopped, after the fact: who did it and since when stays. False where none are stopped.</summary>
    public bool Explain(string by, string reason)
    {
        while (Current is { } stopped)
        {
            if (ReferenceEquals(Interlocked.CompareExchange(ref _current, stopped with { Reason = reason }, stopped), stopped))
            {
                TradingHaltLog.StopExplained(logger, by, reason);
                return true;
            }
        }

        return false;
    }

    /// <summary>The program ends, and with it what it keeps in memory.</summary>
    public void NoteEnd()
    {
        if (Current is { } stopped)
        {
            TradingHaltLog.StopEnds(logger, stopped.By, stopped.Reason);
        }
    }

    /// <summary>Whether a call must not leave. What only observes changes nothing, and does not read a body to learn what it asks for.</summary>
    public bool Stops(HandlingMode mode, TrafficClass trafficClass, bool mayBeOrder) =>
        Current is not null && mode == HandlingMode.Enforce && (trafficClass == TrafficClass.Order || mayBeOrder);
}

internal static partial class TradingHaltLog
{
    [LoggerMessage(1160, LogLevel.Warning, "New orders are stopped by {By}: {Reason}{Replacing}. Cancels and closing orders pass", EventName = "OrdersStopped")]
    public static partial void OrdersStopped(ILogger logger, string by, string reason, string replacing);

    [LoggerMessage(1161, LogLevel.Warning, "New orders are allowed again by {By}: {Reason}", EventName = "OrdersAllowed")]
    public static partial void OrdersAllowed(ILogger logger, string by, string reason);

    [LoggerMessage(1162, LogLevel.Warning, "New orders were stopped, {By} explains: {Reason}", EventName = "StopExplained")]
    public static partial void StopExplained(ILogger logger, string by, string reason);

    [LoggerMessage(1163, LogLevel.Warning, "The stop of new orders by {By} ({Reason}) ends with this program: the next start trades, unless it calls ITradingHalt.StopOrders itself", EventName = "StopEnds")]
    public static partial void StopEnds(ILogger logger, string by, string reason);
}
