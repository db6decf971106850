using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>Hedging that sends its copies to other hosts, by absolute addresses: to another road to the exchange an order leaves once in all, and to a host of nobody's no key goes.</summary>
public sealed class HedgedHostTests
{
    public static TheoryData<string, string> Hedges
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var second in new[] { "https://other.test", "https://foreign.test", "http://other.test" })
            {
                foreach (var fault in new[] { nameof(Fault.ExecuteThenDrop), nameof(Fault.Silence), nameof(Fault.SilenceBeforeExecute) })
                {
                    all.Add(second, fault);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Hedges))]
    public async Task An_order_is_bought_once_and_not_denied(string second, string fault)
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { Latency = TimeSpan.FromMilliseconds(20) }, time);
        exchange.Faults.Next("POST /fapi/v1/order", (Fault)typeof(Fault).GetProperty(fault)!.GetValue(null)!);
        var hosts = new List<string>();
        await using var services = Program(exchange, time, second, hosts);
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient("hedged");

        var told = await time.RunAsync(() => StackAnswer.OfAsync(http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a", content: null)), TimeSpan.FromHours(1));

        // The refusal of a copy may be what the hedging hands out. It denies nothing.
        var isRefused = second != "https://other.test";
        var bought = exchange.Orders.Count;
        bought.ShouldBe(fault == nameof(Fault.SilenceBeforeExecute) ? 0 : 1);
        var truth = bought == 1 ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;
        told.Execution.ShouldBe(told.Execution == ExecutionStatus.Unknown && isRefused ? ExecutionStatus.Unknown : truth);
        hosts.ShouldAllBe(host => host == "https://first.test" || host == "https://other.test");
    }

    private static ServiceProvider Program(SimulatedExchange exchange, ManualTimeProvider time, string second, List<string> hosts)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        var client = services.AddHttpClient("hedged", static http => http.BaseAddress = new Uri("https://first.test")).ConfigurePrimaryHttpMessageHandler(() => new Road(hosts) { InnerHandler = exchange.CreateHandler() });
        client.AddStandardHedgingHandler(routing => routing.ConfigureOrderedGroups(options =>
        {
            options.Groups.Add(new UriEndpointGroup { Endpoints = { new WeightedUriEndpoint { Uri = new Uri("https://first.test") } } });
            options.Groups.Add(new UriEndpointGroup { Endpoints = { new WeightedUriEndpoint { Uri = new Uri(second) } } });
        })).Configure(static options =>
        {
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(3);
            options.Endpoint.Timeout.Timeout = TimeSpan.FromSeconds(40);
            options.Endpoint.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
            options.Hedging.Delay = TimeSpan.FromMilliseconds(200);
            options.Hedging.ShouldHandle = static args => new(ExchangeOutcomes.MaySendAgain(args.Outcome.Result, args.Outcome.Exception));
        });
        client.AddExchangeErrorHandling(static options => options.TrustedInnerHandlers.Add(typeof(Road).FullName!)).AddExchangeSigning(static options =>
        {
            (options.ApiKey, options.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret);
            options.Hosts.Add("other.test");
        });
        return services.BuildServiceProvider();
    }

    /// <summary>Notes where requests go that bear the key.</summary>
    private sealed class Road(List<string> hosts) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Contains("X-MBX-APIKEY"))
            {
                lock (hosts)
                {
                    hosts.Add(request.RequestUri!.GetLeftPart(UriPartial.Authority));
                }
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
