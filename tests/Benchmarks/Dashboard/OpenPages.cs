using System.Net.Http.Headers;

namespace Benchmarks.Dashboard;

/// <summary>Pages that are open on a dashboard, and read what they are told.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _close = new();
    private readonly List<Task> _reading = [];

    private OpenPages()
    {
    }

    /// <summary>Opens so many pages, and waits until each has been told something.</summary>
    public static async Task<OpenPages> OpenAsync(Uri dashboard, int count)
    {
        var pages = new OpenPages();
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(dashboard, "/exchange/events"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            var response = await pages._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            var buffer = new byte[1 << 14];
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 1));
            pages._reading.Add(pages.ReadAsync(response, stream, buffer));
        }

        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        await _close.CancelAsync();
        await Task.WhenAll(_reading);
        _http.Dispose();
        _close.Dispose();
    }

    private async Task ReadAsync(HttpResponseMessage response, Stream stream, byte[] buffer)
    {
        using (response)
        {
            try
            {
                while (await stream.ReadAsync(buffer, _close.Token) > 0)
                {
                }
            }
            catch (OperationCanceledException)
            {
                // The page is closed.
            }
        }
    }
}
