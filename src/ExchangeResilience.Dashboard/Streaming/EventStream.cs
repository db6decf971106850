using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>
/// Tells open pages what has changed, as server-sent events: <c>live</c>, <c>policies</c>, <c>decisions</c> and <c>samples</c>. The state is looked at four times a
/// second for each open page and sent only where it differs; without a page nothing is looked at.
/// </summary>
internal sealed class EventStream(ExchangeStatus status, StateReader reader, StateHistory history, CancellationToken stopping)
{
    public const int MostPages = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // So that a page knows that the line is alive, and how late it is.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    private int _pages;

    public async Task ServeAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _pages) > MostPages)
        {
            Interlocked.Decrement(ref _pages);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{MostPages} pages are open already.", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await new Page(status, reader, history, context.Response.BodyWriter).FollowAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the program ends.
        }
        finally
        {
            Interlocked.Decrement(ref _pages);
        }
    }

    private sealed class Page(ExchangeStatus status, StateReader reader, StateHistory history, PipeWriter writer)
    {
        private byte[] _live = [];
        private (int Version, SettingsReload? Reload)[] _settings = [];
        private long _decision;
        private long _sample;
        private long _spokeAt;

        public async Task FollowAsync(CancellationToken stop)
        {
            using var timer = new PeriodicTimer(Interval, status.Time);
            do
            {
                Tell();
                await writer.FlushAsync(stop).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }

        private void Tell()
        {
            (int, SettingsReload?)[] settings = [.. status.Clients().Select(static client => (client.Version, client.LastReload))];
            if (!settings.AsSpan().SequenceEqual(_settings))
            {
                _settings = settings;
                Write("policies", reader.ReadPolicies(), DashboardJson.Default.PolicyState);
            }

            if (history.After(_sample) is { Count: > 0 } samples)
            {
                _sample = samples[^1].Number;
                Write("samples", samples, DashboardJson.Default.IReadOnlyListSampleView);
            }

            if (status.Decisions.Latest > _decision && reader.ReadDecisions(_decision) is { Count: > 0 } decisions)
            {
                _decision = decisions[^1].Number;
                Write("decisions", decisions, DashboardJson.Default.IReadOnlyListDecisionView);
            }

            var live = JsonSerializer.SerializeToUtf8Bytes(reader.ReadLive(), DashboardJson.Default.LiveState);
            var now = status.Time.GetTimestamp();
            if (!live.AsSpan().SequenceEqual(_live) || status.Time.GetElapsedTime(_spokeAt, now) >= LongestSilence)
            {
                _live = live;
                _spokeAt = now;
                var wall = status.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
                Write("live", [.. Encoding.ASCII.GetBytes($$"""{"now":{{wall}},"live":"""), .. live, (byte)'}']);
            }
        }

        private void Write<T>(string name, T value, JsonTypeInfo<T> type) => Write(name, JsonSerializer.SerializeToUtf8Bytes(value, type));

        // JSON on one line, as the format of the stream wants it.
        private void Write(string name, ReadOnlySpan<byte> data)
        {
            writer.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
            writer.Write(data);
            writer.Write("\n\n"u8);
        }
    }
}
