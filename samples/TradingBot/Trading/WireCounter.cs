using System.Diagnostics.Tracing;

namespace TradingBot;

/// <summary>
/// Counts the requests this process writes to a connection, as .NET itself reports them. A counting handler would
/// miss those that <see cref="SocketsHttpHandler"/> sends once more by itself, and would be one more thing between middleware and wire.
/// </summary>
internal sealed class WireCounter : EventListener
{
    private long _requests;

    public long Requests => Interlocked.Read(ref _requests);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Net.Http")
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "RequestHeadersStart")
        {
            Interlocked.Increment(ref _requests);
        }
    }
}
