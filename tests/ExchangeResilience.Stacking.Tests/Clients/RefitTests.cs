using System.Net;
using System.Net.Http.Json;
using ExchangeResilience.Stacking.Tests.Migration;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>What a program sees that never looks at a response: methods that return a model, and helpers that throw.</summary>
public sealed class RefitTests
{
    [Fact]
    public async Task A_model_comes_back_also_where_only_a_look_up_found_the_order()
    {
        using var world = new World(KindOfClient.Refit, Above.Nothing, FaultPlan.None);
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);

        var order = await world.Time.RunAsync(() => world.Get<IFuturesApi>().BuyAsync("BTCUSDT", 0.001m, "a"));

        order.ClientOrderId.ShouldBe("a");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_error_is_found_inside_what_refit_throws()
    {
        using var world = new World(KindOfClient.Refit, Above.Nothing, FaultPlan.None);
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        var thrown = await Should.ThrowAsync<Exception>(() => world.Time.RunAsync(() => world.Get<IFuturesApi>().BuyAsync("BTCUSDT", 0.001m, "a")));

        ExchangeErrorException.Find(thrown).ShouldNotBeNull().Error.Code.ShouldBe(-2019);
    }

    [Fact]
    public async Task The_page_shows_how_an_outcome_is_read()
    {
        using var world = new World(KindOfClient.Refit, Above.Nothing, FaultPlan.None);
        (await world.Time.RunAsync(() => ClientSnippets.BuyAsync(world.Get<IFuturesApi>(), "a"))).ShouldBe(ExecutionStatus.Executed);
        world.Halt.StopOrders("ann", "drill");

        (await world.Time.RunAsync(() => ClientSnippets.BuyAsync(world.Get<IFuturesApi>(), "b"))).ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Helpers_that_throw_say_more_under_ThrowOnError(bool throws)
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions(), time);
        exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.RefuseWithCode(400, -1121, "Invalid symbol."));
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddHttpClient("helpers", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(options => options.ThrowOnError = throws)
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("helpers");

        var thrown = await Should.ThrowAsync<HttpRequestException>(() => time.RunAsync(() => http.GetFromJsonAsync<PlacedOrder>("/fapi/v1/ticker/price?symbol=NONE")));

        thrown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (ExchangeErrorException.Find(thrown)?.Error.Code).ShouldBe(throws ? -1121 : null);
    }

    /// <summary>A method that returns a response of Refit's throws nothing: the error is in it.</summary>
    [Fact]
    public async Task An_error_is_found_inside_the_response_of_a_method_that_never_throws()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions(), time);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddRefitGeneratedClient<IResponseApi>()
            .ConfigureHttpClient(static http => http.BaseAddress = SimulatedExchange.Address)
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler())
            .AddExchangeErrorHandling(static options => options.ThrowOnError = true)
            .AddExchangeSigning(BadDay.Configuration.GetSection("ExchangeSigning"));
        await using var provider = services.BuildServiceProvider();
        var api = provider.GetRequiredService<IResponseApi>();

        foreach (var (fault, execution) in new[] { (Fault.RefuseWithCode(400, -2019, "Margin is insufficient."), ExecutionStatus.NotExecuted), (Fault.DropBeforeExecute, ExecutionStatus.NotExecuted) })
        {
            exchange.Faults.Next("POST /fapi/v1/order", fault);
            using var response = await time.RunAsync(() => api.BuyAsync(fault.Name));

            response.IsSuccessStatusCode.ShouldBeFalse();
            ExchangeErrorException.Find(response.Error).ShouldNotBeNull().Error.Execution.ShouldBe(execution);
        }

        exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
        using var found = await time.RunAsync(() => api.BuyAsync("found"));
        found.Content.ShouldNotBeNull().ClientOrderId.ShouldBe("found");
    }

    /// <summary>A library's own registration, as AddBinance makes it: its timeout is set on the finished client, where it cannot be seen.</summary>
    [Fact]
    public async Task A_library_is_protected_under_the_name_of_its_interface()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions(), time);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddHttpClient<IBinanceRestClient, LibraryClient>(static (http, _) =>
        {
            http.Timeout = TimeSpan.FromSeconds(20);
            return new LibraryClient(http);
        }).ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        ClientSnippets.AddLibrary(services);
        await using var provider = services.BuildServiceProvider();

        await time.RunAsync(() => provider.GetRequiredService<IBinanceRestClient>().AskAsync());

        provider.GetRequiredService<IExchangePolicies>().ShouldNotBeNull();
        LibraryClient.Last.ShouldNotBeNull().GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1121);
    }

    internal interface IResponseApi
    {
        [Post("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")]
        Task<ApiResponse<PlacedOrder>> BuyAsync([Query][AliasAs("newClientOrderId")] string orderId);
    }

    private interface IBinanceRestClient
    {
        Task AskAsync();
    }

    private sealed class LibraryClient(HttpClient http) : IBinanceRestClient
    {
        public static HttpResponseMessage? Last { get; private set; }

        public async Task AskAsync() => Last = await http.GetAsync(new Uri(SimulatedExchange.Address, "/fapi/v1/ticker/price?symbol=NONE"));
    }
}
