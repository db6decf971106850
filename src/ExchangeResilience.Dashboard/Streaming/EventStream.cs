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

    // Whether its user may still read is asked by a request only, so a page renews its stream by one.
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(1);

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
            await new Page(status, reader, history, AccessRule.MayAct(context.GetEndpoint()), context.Response.BodyWriter)
            {
                Decision = NumberIn(context.Request, "decision"),
                Sample = NumberIn(context.Request, "sample"),
            }.FollowAsync(stop.Token).ConfigureAwait(false);
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

    private static long NumberIn(HttpRequest request, string name) => long.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private sealed class Page(ExchangeStatus status, StateReader reader, StateHistory history, bool mayAct, PipeWriter writer)
    {
        private byte[] _live = [];
        private (int Version, SettingsReload? Reload)[] _settings = [];
        private long _spokeAt;

        /// <summary>The last that the page has.</summary>
        public long Decision { get; set; }

        /// <summary>The last that the page has.</summary>
        public long Sample { get; set; }

        public async Task FollowAsync(CancellationToken stop)
        {
            var began = status.Time.GetTimestamp();
            using var timer = new PeriodicTimer(Interval, status.Time);
            do
            {
                Tell();
                await writer.FlushAsync(stop).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false) && status.Time.GetElapsedTime(began) < LongestLife);

            Write("renew", "{}"u8);
            await writer.FlushAsync(stop).ConfigureAwait(false);
        }

        private void Tell()
        {
            (int, SettingsReload?)[] settings = [.. status.Clients().Select(static client => (client.Version, client.LastReload))];
            if (!settings.AsSpan().SequenceEqual(_settings))
            {
                _settings = settings;
                Write("policies", reader.ReadPolicies(), DashboardJson.Default.PolicyState);
            }

            if (history.After(Sample) is { Count: > 0 } samples)
            {
                Sample = samples[^1].Number;
                Write("samples", samples, DashboardJson.Default.IReadOnlyListSampleView);
            }

            if (status.Decisions.Latest > Decision && reader.ReadDecisions(Decision) is { Count: > 0 } decisions)
            {
                Decision = decisions[^1].Number;
                Write("decisions", decisions, DashboardJson.Default.IReadOnlyListDecisionView);
            }

            var live = JsonSerializer.SerializeToUtf8Bytes(reader.ReadLive(), DashboardJson.Default.LiveState);
            var now = status.Time.GetTimestamp();
            if (!live.AsSpan().SequenceEqual(_live) || status.Time.GetElapsedTime(_spokeAt, now) >= LongestSilence)
            {
                _live = live;
                _spokeAt = now;
                var wall = status.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
                Write("live", [.. Encoding.ASCII.GetBytes($$"""{"now":{{wall}},"mayAct":{{(mayAct ? "true" : "false")}},"live":"""), .. live, (byte)'}']);
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
