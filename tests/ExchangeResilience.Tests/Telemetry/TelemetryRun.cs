using System.Diagnostics;
using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>One line of what the SDK exports: an instrument under one set of tags.</summary>
internal sealed record Series(string Instrument, string Tags, double Value);

/// <summary>An instrument as the SDK exports it.</summary>
internal sealed record ExportedInstrument(string Name, string Kind, string Unit, string Description, IReadOnlyList<string> Tags, IReadOnlyList<Series> Series);

/// <summary>A program on manual time, with the OpenTelemetry SDK listening to its meter and its activity source as a program would set it up.</summary>
internal sealed class TelemetryRun : IDisposable
{
    private readonly List<Metric> _metrics = [];
    private readonly List<Activity> _spans = [];
    private readonly MeterProvider _meters;
    private readonly TracerProvider _tracers;

    public TelemetryRun(Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        _meters = Sdk.CreateMeterProviderBuilder().AddMeter("ExchangeResilience").AddInMemoryExporter(_metrics).Build();
        _tracers = Sdk.CreateTracerProviderBuilder().AddSource("ExchangeResilience").AddInMemoryExporter(_spans).Build();
        Exchange = new SimulatedExchange(new SimulatedExchangeOptions(), Time);
        Journal = new InMemoryOrderJournal(Time);
        Client = new ProtectedClient(
            Exchange.CreateHandler(), configure, Time, key: SimulatedExchangeOptions.DefaultApiKey, secret: SimulatedExchangeOptions.DefaultApiSecret,
            outer: client => client.Services.AddSingleton<IOrderJournal>(Journal));
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public InMemoryOrderJournal Journal { get; }

    public ProtectedClient Client { get; }

    /// <summary>The spans that have ended, oldest first.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans];

    /// <summary>Everything the library tells of, by measurement or by span.</summary>
    public Task GoThroughEverythingAsync(string prefix) => Time.RunAsync(
        async () =>
        {
            var faults = Exchange.Faults;
            await PlaceAsync($"{prefix}-plain");
            Exchange.Clock.Step(TimeSpan.FromSeconds(7));
            await PlaceAsync($"{prefix}-clock");
            faults.Next(ExchangeLooks.Place, Fault.Throttled);
            await PlaceAsync($"{prefix}-throttled");
            faults.Next(AskBalance, Fault.HtmlReply(502));
            await HearAsync(Client.Http.GetAsync(Balance));
            faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
            await PlaceAsync($"{prefix}-lost");
            faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -9876, "Nobody has heard of this."));
            await PlaceAsync($"{prefix}-refused");
            Journal.FailNext(1);
            await PlaceAsync($"{prefix}-unwritten");

            // Shown so late that its absence was believed.
            Exchange.Options.QueryLag = TimeSpan.FromSeconds(40);
            faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
            await PlaceAsync($"{prefix}-late");
            Exchange.Options.QueryLag = TimeSpan.Zero;
            await Task.Delay(TimeSpan.FromMinutes(2), Time);
        },
        TimeSpan.FromDays(1));

    public Task PlaceAsync(string id) => HearAsync(Client.Http.PostAsync(SimulatedFixture.Market(id), content: null));

    public static async Task HearAsync(Task<HttpResponseMessage> call) => await Told.HearAsync(call);

    /// <summary>Collects anew.</summary>
    public IReadOnlyList<ExportedInstrument> Export()
    {
        _metrics.Clear();
        _meters.ForceFlush();
        return [.. _metrics.Select(Read).OrderBy(instrument => instrument.Name, StringComparer.Ordinal)];
    }

    /// <summary>The one value of an instrument whose tags hold all that is given.</summary>
    public double this[string instrument, params string[] tags] =>
        Export().Single(exported => exported.Name == instrument).Series.Single(series => Array.TrueForAll(tags, tag => series.Tags.Split(' ').Contains(tag, StringComparer.Ordinal))).Value;

    public void Dispose()
    {
        Client.Dispose();
        _meters.Dispose();
        _tracers.Dispose();
    }

    private static ExportedInstrument Read(Metric metric)
    {
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        var series = new List<Series>();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var values = new List<string>();
            foreach (var tag in point.Tags)
            {
                tags.Add(tag.Key);
                values.Add(string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}"));
            }

            series.Add(new Series(metric.Name, string.Join(' ', values.Order(StringComparer.Ordinal)), ValueOf(metric.MetricType, point)));
        }

        return new ExportedInstrument(metric.Name, KindOf(metric.MetricType), metric.Unit, metric.Description, [.. tags], series);
    }

    private static string KindOf(MetricType type) => type switch
    {
        MetricType.LongSum => "Counter",
        MetricType.LongSumNonMonotonic => "UpDownCounter",
        MetricType.LongGauge or MetricType.DoubleGauge => "Gauge",
        MetricType.Histogram => "Histogram",
        _ => type.ToString(),
    };

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        _ => point.GetHistogramSum(),
    };
}
