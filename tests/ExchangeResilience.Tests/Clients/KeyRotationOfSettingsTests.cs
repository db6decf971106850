using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A setting whose reply is lost while the key changes: it is repeated under the new key, over no later one, and is unknown where that fails.</summary>
public sealed class KeyRotationOfSettingsTests : RotatedKeys
{
    private const string Leverage = "POST /fapi/v1/leverage";

    [Theory]
    [InlineData(Leverage, "symbol=BTCUSDT&leverage=7")]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")]
    public async Task It_is_repeated_under_the_new_key(string route, string parameters)
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Exchange.Faults.Next(route, Fault.ExecuteThenDrop);

        var told = await DuringAsync(http, route.Split(' ')[1] + "?" + parameters, () =>
        {
            Change(settings, Hmac("new-key"));
            Revoked = "old-key";
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("new-key");
        Exchange.Seen(route).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Where_the_new_key_is_refused_it_is_unknown()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Exchange.Faults.Next(Leverage, Fault.ExecuteThenDrop);

        var told = await DuringAsync(http, "/fapi/v1/leverage?symbol=BTCUSDT&leverage=7", () =>
        {
            Change(settings, Hmac("new-key"));
            Revoked = "new-key";
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Fact]
    public async Task It_is_not_repeated_over_one_that_was_set_under_the_new_key()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Exchange.Faults.Next(Leverage, Fault.ExecuteThenDrop);
        Task<Told>? later = null;

        var told = await DuringAsync(http, "/fapi/v1/leverage?symbol=BTCUSDT&leverage=7", () =>
        {
            Change(settings, Hmac("new-key"));
            later = Told.HearAsync(http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=20", content: null, TestContext.Current.CancellationToken));
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        (await later!).Execution.ShouldBe(ExecutionStatus.Executed);
        Exchange.Seen(Leverage).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Orders_in_doubt_under_either_key_are_counted_together()
    {
        var (http, settings, _) = Start(Hmac("old-key"), static options =>
        {
            options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1);
            options.Reconciliation.MaxInDoubt = 1;
        });
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 20)]);
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        Change(settings, Hmac("new-key"));

        (await BuyAsync(http, "b")).Error.ShouldNotBeNull().Name.ShouldBe("TOO_MANY_IN_DOUBT");
    }

    private Task<Told> DuringAsync(HttpClient http, string path, Action change) => Time.RunAsync(async () =>
    {
        var call = Told.HearAsync(http.PostAsync(path, content: null, TestContext.Current.CancellationToken));
        await Task.Delay(TimeSpan.FromMilliseconds(50), Time);
        change();
        return await call;
    });
}
