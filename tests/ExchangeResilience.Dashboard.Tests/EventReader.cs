using System.Diagnostics;
using System.Text.Json;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>Reads server-sent events as a browser does.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reader = new StreamReader(stream);
    }

    /// <summary>Everything received so far.</summary>
    public List<(string Name, JsonElement Data)> Received { get; } = [];

    public static async Task<EventReader> OpenAsync(HttpClient client, string after = "")
    {
        var response = await client.GetAsync($"/exchange/events{after}", HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event of that name which is as wanted, and how long it took to come.</summary>
    public async Task<(JsonElement Data, TimeSpan After)> NextAsync(string name, Func<JsonElement, bool>? isWanted = null)
    {
        var watch = Stopwatch.StartNew();
        while (await ReadAsync().WaitAsync(Patience) is { } received)
        {
            if (received.Name == name && (isWanted?.Invoke(received.Data) ?? true))
            {
                return (received.Data, watch.Elapsed);
            }
        }

        throw new InvalidOperationException($"The stream ended without the awaited '{name}'.");
    }

    /// <summary>Reads to the end of the stream.</summary>
    public async Task EndAsync()
    {
        while (await ReadAsync().WaitAsync(Patience) is not null)
        {
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }

    private async Task<(string Name, JsonElement Data)?> ReadAsync()
    {
        var name = "";
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var received = (name, JsonSerializer.Deserialize<JsonElement>(line[6..]));
                Received.Add(received);
                return received;
            }
        }

        return null;
    }
}
