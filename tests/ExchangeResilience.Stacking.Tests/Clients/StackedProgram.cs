using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Stacking.Tests.Migration;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>A program of some kind, with something above the middleware: how it is registered, and how it buys and cancels.</summary>
internal sealed class StackedProgram(KindOfClient kind, Above above)
{
    private const string Client = "program";

    private bool SignsForItself => kind is KindOfClient.SelfSigningKeyHere or KindOfClient.SelfSigningNoKeyHere;

    public void AddTo(IServiceCollection services, Uri address, Func<HttpMessageHandler> exchange)
    {
        if (kind == KindOfClient.Refit)
        {
            // Refit has a primary handler of its own.
            ClientSnippets.AddRefit(services, address, BadDay.Configuration, client => AddAbove(client.ConfigurePrimaryHttpMessageHandler(exchange)));
            return;
        }

        var builder = services.AddHttpClient(Client, http => http.BaseAddress = address).ConfigurePrimaryHttpMessageHandler(exchange);
        AddAbove(builder);
        builder.AddExchangeErrorHandling();
        if (kind != KindOfClient.SelfSigningNoKeyHere)
        {
            builder.AddExchangeSigning(BadDay.Configuration.GetSection("ExchangeSigning"));
        }
    }

    /// <param name="services">Where it is registered.</param>
    /// <param name="quantity">How much.</param>
    /// <param name="id">The order's id; null for one without, where the kind of client lets it.</param>
    public Task<StackAnswer> BuyAsync(IServiceProvider services, decimal quantity, string? id) => kind == KindOfClient.Refit
        ? ReadAsync(async () => (await services.GetRequiredService<IFuturesApi>().BuyAsync("BTCUSDT", quantity, id!)).OrderId > 0)
        : StackAnswer.OfAsync(SendAsync(services, HttpMethod.Post, FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={quantity}{(id is null ? "" : $"&newClientOrderId={id}")}")));

    /// <summary>Cancels what is not there, so that it contradicts no order.</summary>
    public Task<StackAnswer> CancelAsync(IServiceProvider services) => kind == KindOfClient.Refit
        ? ReadAsync(async () => (await services.GetRequiredService<IFuturesApi>().CancelAsync("BTCUSDT", "none")).OrderId > 0)
        : StackAnswer.OfAsync(SendAsync(services, HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=none"));

    private void AddAbove(IHttpClientBuilder builder)
    {
        switch (above)
        {
            case Above.Standard:
                builder.AddStandardResilienceHandler(MigrationSnippets.Configure);
                break;
            case Above.Hedging:
                ClientSnippets.AddHedging(builder);
                break;
            case Above.Pipeline:
                ClientSnippets.AddPipeline(builder);
                break;
            default:
                break;
        }
    }

    private static async Task<StackAnswer> ReadAsync(Func<Task<bool>> call)
    {
        try
        {
            return new StackAnswer(await call() ? ExecutionStatus.Executed : ExecutionStatus.Unknown, "an order");
        }
        catch (Exception thrown)
        {
            var error = ExchangeErrorException.Find(thrown)?.Error;
            return new StackAnswer(error?.Execution ?? ExecutionStatus.Unknown, $"{thrown.GetType().Name} {thrown.InnerException?.GetType().Name} {error?.Name}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(IServiceProvider services, HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address);
        if (SignsForItself)
        {
            var path = address.Split('?');
            var query = string.Create(CultureInfo.InvariantCulture, $"{path[1]}&recvWindow=5000&timestamp={services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds()}");
            var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SimulatedExchangeOptions.DefaultApiSecret), Encoding.UTF8.GetBytes(query)));
            request.RequestUri = new Uri($"{path[0]}?{query}&signature={signature}", UriKind.Relative);
            request.Headers.Add("X-MBX-APIKEY", SimulatedExchangeOptions.DefaultApiKey);
        }

        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
        return await http.SendAsync(request);
    }
}
