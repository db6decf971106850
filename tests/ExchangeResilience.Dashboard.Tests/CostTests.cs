using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What a call pays for the dashboard. On a thread of its own, and of several rounds the least counts, when code is compiled and pools are filled.</summary>
[Collection(nameof(Alone))]
public sealed class CostTests
{
    private const int Calls = 20_000;
    // Code is compiled anew while it runs, and on a busy machine late: it counts once no round has got cheaper for so many.
    private const int RoundsWithoutGain = 15;

    [Fact]
    public async Task A_call_that_succeeds_allocates_nothing_for_a_dashboard_nobody_looks_at()
    {
        using var without = new PromptExchange();
        using var with = new PromptExchange();
        await using var plain = Build(without);
        await using var shown = Build(with);
        shown.MapExchangeResilience();

        var bytes = Least(shown) - Least(plain);

        bytes.ShouldBe(0, 0.5, "bytes per call");
    }

    private static WebApplication Build(HttpMessageHandler exchange)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpClient("futures", client => client.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling(options => options.Limits.WeightPerMinute = 10_000_000)
            .ConfigurePrimaryHttpMessageHandler(() => exchange);
        return builder.Build();
    }

    private static double Least(WebApplication app)
    {
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        var least = long.MaxValue;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (var since = 0; since < RoundsWithoutGain; since++)
                {
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    for (var i = 0; i < Calls; i++)
                    {
                        var reply = http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&orderId=1");
                        reply.IsCompleted.ShouldBeTrue();
                        reply.GetAwaiter().GetResult().Dispose();
                    }

                    var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                    since = bytes < least ? 0 : since;
                    least = Math.Min(least, bytes);
                }
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        failure.ShouldBeNull();
        return (double)least / Calls;
    }

    private sealed class PromptExchange : HttpMessageHandler
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");

        private readonly byte[] _body = Encoding.UTF8.GetBytes("""{"orderId":1,"symbol":"BTCUSDT","status":"FILLED"}""");
        private readonly string _date = TimeProvider.System.GetUtcNow().ToString("r");

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(_body), RequestMessage = request };
            response.Content.Headers.ContentType = Json;
            response.Headers.TryAddWithoutValidation("Date", _date);
            response.Headers.TryAddWithoutValidation("X-MBX-USED-WEIGHT-1M", "1");
            return Task.FromResult(response);
        }
    }
}

/// <summary>Tests that count what the whole process does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
