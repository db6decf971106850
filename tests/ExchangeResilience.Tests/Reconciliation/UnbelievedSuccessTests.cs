using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>A reply with the status of a success that nobody believes: what did not take effect is never told under that status.</summary>
public sealed class UnbelievedSuccessTests
{
    private const string Absent = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";

    public static TheoryData<int, string> Replies => new()
    {
        { 200, "{}" },
        { 200, "" },
        { 200, "<html>Welcome to our network</html>" },
        { 201, "{\"orderId\":null}" },
        { 204, "" },
        { 200, "[]" },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Proven_absent_it_is_thrown(int status, string body)
    {
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(Exchange(time, ExchangeLooks.Place, status, body), time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>().Error.Advice.ShouldContain("answers of absence");
        told.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Who_joins_it_is_told_the_same(int status, string body)
    {
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(Exchange(time, ExchangeLooks.Place, status, body), time: time);

        var told = await time.RunAsync(() => Task.WhenAll(
            Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)),
            Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null))));

        told.ShouldAllBe(static one => one.Execution == ExecutionStatus.NotExecuted && one.Thrown is ExchangeErrorException);
    }

    [Fact]
    public async Task Who_asks_again_while_it_is_in_doubt_is_told_the_same()
    {
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(
            Exchange(time, ExchangeLooks.Place, 200, "{}"), static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(2), time: time);

        var (first, second) = await time.RunAsync(async () =>
        {
            var first = await Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromSeconds(12), time);
            return (first, await Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));
        });

        first.Execution.ShouldBe(ExecutionStatus.Unknown);
        second.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        second.Thrown.ShouldBeOfType<ExchangeErrorException>();
    }

    [Fact]
    public async Task A_refusal_is_handed_out_as_the_reply_it_was()
    {
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(Exchange(time, ExchangeLooks.Place, 408, "{\"code\":-1007,\"msg\":\"Timeout\"}"), time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        (told.Status, told.Execution).ShouldBe(((int)HttpStatusCode.RequestTimeout, ExecutionStatus.NotExecuted));
    }

    [Fact]
    public async Task The_items_of_a_batch_that_was_not_believed_are_errors_each()
    {
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(Exchange(time, Batch.Place, 200, "{}"), time: time);

        var told = await time.RunAsync(() => ToldBatch.HearAsync(client.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b")), content: null)));

        told.Outcomes.ShouldBe("NotExecuted NotExecuted", told.ToString());
        told.Array.ShouldBe("-1001 -1001");
    }

    private static ScriptedExchange Exchange(ManualTimeProvider time, string route, int status, string body) => new ScriptedExchange()
        .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
        .On(route, status, body)
        .On(ExchangeLooks.Look, 400, Absent);
}
