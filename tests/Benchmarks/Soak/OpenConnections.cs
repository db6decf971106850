using System.Diagnostics.Metrics;

namespace Benchmarks.Soak;

/// <summary>How many connections <c>HttpClient</c> has open, as the platform counts them.</summary>
internal sealed class OpenConnections : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _open;

    public OpenConnections()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Name: "http.client.open_connections", Meter.Name: "System.Net.Http" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _open, change));
        _listener.Start();
    }

    public long Now => Interlocked.Read(ref _open);

    public void Dispose() => _listener.Dispose();
}
