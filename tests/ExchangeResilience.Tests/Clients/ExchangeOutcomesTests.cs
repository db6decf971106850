using System.Net;
using ExchangeResilience.Tests.Handling;
using Polly.Timeout;

namespace ExchangeResilience.Tests.Clients;

/// <summary>What a pipeline above makes of an outcome: our own refusals are neither failures of the exchange nor to be sent again.</summary>
public sealed class ExchangeOutcomesTests
{
    [Fact]
    public void A_success_is_neither()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK);

        Judge(response, null).ShouldBe((false, false));
        Judge(null, null).ShouldBe((false, false));
    }

    [Theory]
    [InlineData(nameof(TransportErrors.ConnectionRefused), null, true, true)]
    [InlineData(nameof(TransportErrors.ConnectionLost), ExecutionStatus.NotExecuted, true, true)]
    [InlineData(nameof(TransportErrors.ConnectionLost), null, false, false)]
    [InlineData(nameof(TransportErrors.AttemptTimedOut), null, false, false)]
    public void Trouble_on_the_way_counts_and_is_sent_again_where_it_did_nothing(string name, ExecutionStatus? execution, bool again, bool outage)
    {
        var definition = (ErrorDefinition)typeof(TransportErrors).GetProperty(name)!.GetValue(null)!;
        var error = LocalErrors.ToError(definition);

        Judge(error with { Execution = execution ?? error.Execution }).ShouldBe((again, outage));
    }

    public static TheoryData<string> Refusals => [.. typeof(LocalErrors).GetProperties().Where(static property => property.PropertyType == typeof(ErrorDefinition)).Select(static property => property.Name)];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_was_refused_here_is_neither(string name) =>
        Judge(LocalErrors.ToError((ErrorDefinition)typeof(LocalErrors).GetProperty(name)!.GetValue(null)!)).ShouldBe((false, false));

    [Theory]
    [InlineData(-1003, true, false)]
    [InlineData(-1015, true, false)]
    [InlineData(-1008, true, false)]
    [InlineData(-1001, true, false)]
    [InlineData(-1021, false, false)]
    [InlineData(-2019, false, false)]
    [InlineData(-2011, false, false)]
    [InlineData(-1007, false, false)]
    public void What_the_exchange_has_said_is_no_outage(int code, bool again, bool outage)
    {
        var definition = ExchangeVenue.BinanceUsdFutures.Errors.Find(code)!;

        Judge(LocalErrors.ToError(definition) with { StatusCode = HttpStatusCode.ServiceUnavailable }).ShouldBe((again, outage));
    }

    [Theory]
    [InlineData(ExecutionStatus.NotExecuted, true, true)]
    [InlineData(ExecutionStatus.Unknown, false, false)]
    public void A_gateway_that_lost_the_exchange_is_an_outage_to_a_query(ExecutionStatus execution, bool again, bool outage) =>
        Judge(LocalErrors.ToError(ReplyErrors.OfStatus(502)) with { StatusCode = HttpStatusCode.BadGateway, Execution = execution }).ShouldBe((again, outage));

    [Fact]
    public void Ours_is_found_inside_whatever_is_wrapped_around_it()
    {
        var thrown = Thrown(LocalErrors.ToError(TransportErrors.ConnectionRefused));

        foreach (var wrapper in new Exception[] { thrown, new InvalidOperationException("", thrown), new AggregateException(new IOException(), new InvalidOperationException("", thrown)), new HttpRequestException("", new TaskCanceledException("", thrown)) })
        {
            ExchangeErrorException.Find(wrapper).ShouldBeSameAs(thrown);
            Judge(null, wrapper).ShouldBe((true, true));
        }

        ExchangeErrorException.Find(null).ShouldBeNull();
        ExchangeErrorException.Find(new InvalidOperationException("", new IOException())).ShouldBeNull();
    }

    [Fact]
    public void A_timeout_above_says_nothing_of_the_exchange()
    {
        Judge(null, new TimeoutRejectedException()).ShouldBe((false, false));
        Judge(null, new TimeoutRejectedException("", Cancelled(ExecutionStatus.Unknown))).ShouldBe((false, false));
        Judge(null, new TimeoutRejectedException("", Cancelled(ExecutionStatus.NotExecuted))).ShouldBe((true, false));
        Judge(null, new TaskCanceledException()).ShouldBe((false, false));
    }

    [Fact]
    public void A_failure_that_is_not_ours_is_an_outage_and_of_unknown_outcome() => Judge(null, new HttpRequestException()).ShouldBe((false, true));

    [Fact]
    public async Task A_reply_is_judged_by_what_hangs_on_it()
    {
        using var exchange = new ScriptedExchange().On("GET /fapi/v1/ticker/price", 400, """{"code":-1121,"msg":"Invalid symbol."}""").On("GET /fapi/v1/depth", 502, "");
        using var client = new ProtectedClient(exchange, static options => options.Policies["Default"] = new ErrorPolicy { Action = RecoveryAction.FailFast });

        using var refused = await client.Http.GetAsync("/fapi/v1/ticker/price", TestContext.Current.CancellationToken);
        using var lost = await client.Http.GetAsync("/fapi/v1/depth", TestContext.Current.CancellationToken);

        Judge(refused, null).ShouldBe((false, false));
        Judge(lost, null).ShouldBe((true, true));
    }

    private static (bool Again, bool Outage) Judge(ExchangeError error) => Judge(null, Thrown(error));

    private static (bool Again, bool Outage) Judge(HttpResponseMessage? response, Exception? exception) =>
        (ExchangeOutcomes.MaySendAgain(response, exception), ExchangeOutcomes.IsOutage(response, exception));

    private static ExchangeErrorException Thrown(ExchangeError error) => new(error);

    private static ExchangeOperationCanceledException Cancelled(ExecutionStatus execution) => new("", null, execution, null, CancellationToken.None);
}
