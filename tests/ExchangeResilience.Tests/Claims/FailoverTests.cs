using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A handler above that sends a call again through another protected client: of one order there is one call, whose outcome is owed once.</summary>
public sealed class FailoverTests
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(61);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_order_whose_repeat_got_the_verdict_is_placed_anew_a_minute_later()
    {
        HttpClient? backup = null;
        using var world = new SimulatedFixture(
            Hurried,
            outer: builder => builder.AddHttpMessageHandler(() => new OtherRoad(() => backup!)),
            exchange: static options => options.QueryLag = TimeSpan.FromSeconds(8),
            time: _time);
        using var other = world.NewClient(Hurried, outer: builder => builder.Services.AddSingleton(world.Client.Get<ExchangeServices>()));
        backup = other.Http;
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        (await PlaceAsync(world.Http)).Execution.ShouldBe(ExecutionStatus.Unknown);
        await _time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(9), _time));
        (await PlaceAsync(other.Http)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
        await _time.RunAsync(() => Task.Delay(Remembered, _time));
        (await PlaceAsync(other.Http)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Orders.Count.ShouldBe(2, "the verdict of the first was delivered, so that its equal is a new order");
    }

    private Task<Told> PlaceAsync(HttpClient http) => _time.RunAsync(() => Told.HearAsync(http.PostAsync(SimulatedFixture.Market("a"), content: null)));

    private static void Hurried(ExchangeErrorHandlingOptions options)
    {
        options.TotalTimeout = TimeSpan.FromSeconds(2);
        options.AttemptTimeout = TimeSpan.FromSeconds(1);
        options.SendBefore = TimeSpan.FromSeconds(2);
    }

    /// <summary>Sends what failed again through another client.</summary>
    private sealed class OtherRoad(Func<HttpClient> backup) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                return await backup().SendAsync(OuterClone.Of(request), cancellationToken);
            }
        }
    }
}
