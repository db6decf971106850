using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Who stopped new orders, when and why.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">When, by the local wall clock.</param>
public sealed record TradingHaltNotice(string By, string Reason, DateTimeOffset Since);

/// <summary>
/// Stops new orders of every client of the service provider. Cancels, queries, settings and orders that can only shrink a position pass; every other order and amendment
/// fails before it leaves, with the local error <c>ORDERS_STOPPED</c> and <see cref="ExecutionStatus.NotExecuted"/>, and so does a signed request other than GET and DELETE on a path
/// that the endpoint table does not know, since it may be an order. What has left already is reconciled as ever.
/// </summary>
/// <remarks>Kept in memory: a restart trades again. Clients in <see cref="HandlingMode.Observe"/> are not stopped.</remarks>
public interface ITradingHalt
{
    /// <summary>The halt in force; null where orders may leave.</summary>
    TradingHaltNotice? Current { get; }

    /// <summary>Stops new orders. A halt already in force is replaced by this one.</summary>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <exception cref="ArgumentException">A text is blank.</exception>
    void StopOrders(string by, string reason);

    /// <summary>Lets new orders leave again.</summary>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <returns>False where none were stopped.</returns>
    /// <exception cref="ArgumentException">A text is blank.</exception>
    bool AllowOrders(string by, string reason);
}

/// <inheritdoc cref="ITradingHalt"/>
internal sealed class TradingHalt(TimeProvider time, ILogger logger) : ITradingHalt
{
    private TradingHaltNotice? _current;

    public TradingHaltNotice? Current => Volatile.Read(ref _current);

    public void StopOrders(string by, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Volatile.Write(ref _current, new TradingHaltNotice(by, reason, time.GetUtcNow()));
        TradingHaltLog.OrdersStopped(logger, by, reason);
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

    /// <summary>Whether a call must not leave. What only observes changes nothing, and does not read a body to learn what it asks for.</summary>
    public bool Stops(Call call) =>
        Current is not null && call.Options.Mode == HandlingMode.Enforce
        && (call.TrafficClass == TrafficClass.Order || (call.Operation.MayBeOrder && call.Request.Method != HttpMethod.Delete));
}

internal static partial class TradingHaltLog
{
    [LoggerMessage(1160, LogLevel.Warning, "New orders are stopped by {By}: {Reason}. Cancels and closing orders pass", EventName = "OrdersStopped")]
    public static partial void OrdersStopped(ILogger logger, string by, string reason);

    [LoggerMessage(1161, LogLevel.Warning, "New orders are allowed again by {By}: {Reason}", EventName = "OrdersAllowed")]
    public static partial void OrdersAllowed(ILogger logger, string by, string reason);
}
