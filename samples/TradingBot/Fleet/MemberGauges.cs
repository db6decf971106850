using System.Diagnostics.Metrics;

namespace TradingBot;

/// <summary>Reads from the library's meter, as any program can, how long the address is held.</summary>
internal sealed class MemberGauges : IDisposable
{
    private const string Held = "exchange.lane.hold.remaining";

    private readonly MeterListener _listener = new();
    private double _held;

    public MemberGauges()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "ExchangeResilience", Name: Held })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (IsOfAddress(tags))
            {
                _held = Math.Max(_held, value);
            }
        });
        _listener.Start();
    }

    /// <summary>Not for several threads at once.</summary>
    public double ReadHeldSeconds()
    {
        _held = 0;
        _listener.RecordObservableInstruments();
        return Math.Round(_held, 3);
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
