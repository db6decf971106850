using System.Diagnostics.Metrics;

namespace TradingBot;

/// <summary>Reads from the library's meter, as any program can, how long the address is held and what is left of the lease.</summary>
internal sealed class MemberGauges : IDisposable
{
    private const string Held = "exchange.lane.hold.remaining";
    private const string Lease = "exchange.fleet.lease.remaining";

    private readonly MeterListener _listener = new();
    private double _held;
    private double? _lease;

    public MemberGauges()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "ExchangeResilience", Name: Held or Lease })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (instrument.Name == Lease)
            {
                _lease = value;
            }
            else if (IsOfAddress(tags))
            {
                _held = Math.Max(_held, value);
            }
        });
        _listener.Start();
    }

    /// <summary>Not for several threads at once.</summary>
    public (double HeldSeconds, double? LeaseSeconds) Read()
    {
        (_held, _lease) = (0, null);
        _listener.RecordObservableInstruments();
        return (Math.Round(_held, 3), _lease is { } left ? Math.Round(left, 3) : null);
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsOfAddress(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag is { Key: "exchange.lane", Value: "Ip" })
            {
                return true;
            }
        }

        return false;
    }
}
