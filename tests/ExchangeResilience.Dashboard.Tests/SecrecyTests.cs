using ExchangeResilience.Testing;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>Everything the dashboard serves, searched for what must not stand there.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task No_key_secret_signature_listenKey_or_query_is_served()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await world.BuyAsync("a");
        await world.LoseAsync("lost-1");
        world.Exchange.Faults.Next("POST /fapi/v1/listenKey", Fault.HtmlReply(502));
        await world.CallAsync(HttpMethod.Post, "/fapi/v1/listenKey?listenKey=stream-name");
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.RefuseWithCode(400, -1022, "Signature for this request is not valid."));
        await world.BuyAsync("b");
        await world.ActAsync("stop", new { reason = "drill" });
        await world.BuyAsync("c");
        await events.NextAsync("live", state => state.GetProperty("live").GetProperty("halt").ValueKind == System.Text.Json.JsonValueKind.Object);
        var signatures = world.Exchange.Requests.Select(request => request.Parameters.GetValueOrDefault("signature")).OfType<string>().ToArray();
        signatures.ShouldNotBeEmpty();

        var stories = new List<string>();
        foreach (var decision in (await world.StateAsync()).GetProperty("decisions").EnumerateArray())
        {
            stories.Add(await world.Page.GetStringAsync($"/exchange/decisions/{decision.GetProperty("id")}"));
        }

        stories.ShouldNotBeEmpty();
        string[] served =
        [
            .. stories,
            await world.Page.GetStringAsync("/exchange"),
            await world.Page.GetStringAsync("/exchange/state"),
            .. events.Received.Select(received => received.Data.GetRawText()),
            .. world.Log.Lines.Where(line => line.Event == "DashboardAction").Select(line => line.Text),
        ];

        string[] secrets = [SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, "stream-name", "timestamp=", "signature=", "X-MBX-APIKEY", .. signatures];
        served.ShouldContain(text => text.Contains("lost-1"), "there must be something to search");
        foreach (var secret in secrets)
        {
            served.ShouldAllBe(text => !text.Contains(secret, StringComparison.OrdinalIgnoreCase), secret);
        }
    }
}
