using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>
/// Overhears everything that a program, the client factory and the runtime below them tell anybody: log lines with their values, scopes and exceptions, activities with their
/// tags and events, measurements with their tags. It listens to the whole process.
/// </summary>
internal sealed class Bystander : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Source, string Text)> _heard = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _measurements = new();

    public Bystander()
    {
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Note,
        };
        ActivitySource.AddActivityListener(_activities);
        _measurements.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _measurements.SetMeasurementEventCallback<long>(Note);
        _measurements.SetMeasurementEventCallback<int>(Note);
        _measurements.SetMeasurementEventCallback<double>(Note);
        _measurements.Start();
    }

    /// <summary>Where it was heard, and what.</summary>
    public IReadOnlyList<(string Source, string Text)> Heard => [.. _heard];

    /// <summary>Has told what is told only to those who ask.</summary>
    public void ReadGauges() => _measurements.RecordObservableInstruments();

    public void Note(string source, object? what) => _heard.Enqueue((source, what?.ToString() ?? ""));

    public ILogger CreateLogger(string categoryName) => new Listener(this, categoryName);

    public void Dispose()
    {
        _activities.Dispose();
        _measurements.Dispose();
    }

    private static string Join(IEnumerable<KeyValuePair<string, object?>> pairs) => string.Join(' ', pairs.Select(static pair => $"{pair.Key}={pair.Value}"));

    private void Note(Activity activity)
    {
        var events = activity.Events.Select(static one => $"{one.Name} {Join(one.Tags)}");
        Note($"activity {activity.Source.Name}", $"{activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {Join(activity.TagObjects)} {string.Join(' ', events)} {string.Join(' ', activity.Baggage)}");
    }

    private void Note<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : struct, IFormattable =>
        Note($"measurement {instrument.Name}", $"{measurement.ToString(format: null, CultureInfo.InvariantCulture)} {Join(tags.ToArray())} {string.Join(' ', instrument.Tags ?? [])}");

    private sealed class Listener(Bystander bystander, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Note("scope", state, $"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Note(eventId.Name ?? "", state, $"{formatter(state, exception)} {exception}");

        private void Note<TState>(string name, TState state, string text) =>
            bystander.Note($"log {category} {name}", $"{text} {(state is IEnumerable<KeyValuePair<string, object?>> values ? Join(values) : "")}");
    }
}
