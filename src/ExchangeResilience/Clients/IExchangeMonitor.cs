namespace ExchangeResilience;

/// <summary>The state of the middleware, to be read by a program's own pages, alarms and health checks. It is registered with <c>AddExchangeErrorHandling</c>.</summary>
public interface IExchangeMonitor
{
    /// <summary>Reads the current state. Costs about as much as a metric collection, and touches no request.</summary>
    ExchangeSnapshot Read();
}
