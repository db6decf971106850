using System.Diagnostics.Metrics;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>What an observable instrument of one program says at this moment, whatever other programs of the test run measure under its name.</summary>
internal static class Gauge
{
    /// <returns>A line for each set of tags: <c>name=value: measured</c>.</returns>
    public static string Read(IMeterFactory meters, string name)
    {
        var lines = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => lines.Add($"{string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}: {value}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return string.Join('\n', lines);
    }
}
