namespace ExchangeResilience.Ccxt.Tests;

/// <summary>A library that many programs trade through, and that knows nothing of this one, takes the simulated exchange for the exchange.</summary>
public sealed class EverydayTests(EverydayCalls run) : IClassFixture<EverydayCalls>
{
    [Fact]
    public void Every_everyday_call_gives_what_it_should_and_every_refusal_bears_its_code()
    {
        run.Calls.Where(static call => call.Error is not null).ShouldBeEmpty();
        run.Calls.Count.ShouldBe(70);
    }

    [Fact]
    public void No_call_asks_for_an_endpoint_that_is_not_there() =>
        run.Requests.Where(static request => request.Code == -5000).Select(static request => $"{request.Method} {request.Path}").ShouldBeEmpty();
}
