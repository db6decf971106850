using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Testing.Tests.Streams;

/// <summary>The user data stream by WebSocket, as a program in any language gets it.</summary>
public sealed class UserDataSocketTests
{
    private readonly SimulatedExchange _exchange = new();

    public static TheoryData<string> Addresses => ["/ws/KEY", "/private/ws/KEY", "/private/ws?listenKey=KEY"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Events_come_in_order_until_either_side_closes(string address)
    {
        await using var server = await _exchange.ListenAsync();
        using var trader = new Trader(new SocketsHttpHandler(), server.Address, TimeProvider.System);
        var key = await OpenAsync(trader);
        using var socket = await ConnectAsync(server, address.Replace("KEY", key, StringComparison.Ordinal));

        await trader.PlaceMarketAsync("a");

        (await ReceiveAsync(socket))!.Value.GetProperty("o").GetProperty("x").GetString().ShouldBe("NEW");
        (await ReceiveAsync(socket))!.Value.GetProperty("o").GetProperty("x").GetString().ShouldBe("TRADE");

        if (address.StartsWith("/ws", StringComparison.Ordinal))
        {
            await trader.SendAsync(HttpMethod.Delete, "/fapi/v1/listenKey", content: null);
            (await ReceiveAsync(socket)).ShouldBeNull();
            socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        }
        else
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
            socket.State.ShouldBe(WebSocketState.Closed);
        }
    }

    [Theory]
    [InlineData("/ws/no-such-key")]
    [InlineData("/private/ws")]
    [InlineData("/elsewhere")]
    public async Task Without_a_listen_key_there_is_no_stream(string address)
    {
        await using var server = await _exchange.ListenAsync();

        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(server, address))).Message.ShouldContain("400");
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams()
    {
        var server = await _exchange.ListenAsync();
        using var trader = new Trader(new SocketsHttpHandler(), server.Address, TimeProvider.System);
        using var socket = await ConnectAsync(server, $"/ws/{await OpenAsync(trader)}");
        var reading = ReceiveAsync(socket);

        await server.DisposeAsync();

        await Should.ThrowAsync<WebSocketException>(() => reading);
    }

    [Fact]
    public async Task An_event_settles_an_order_whose_reply_was_lost_while_no_question_is_answered()
    {
        await using var server = await _exchange.ListenAsync();
        using var trader = new Trader(new SocketsHttpHandler(), server.Address, TimeProvider.System);
        using var socket = await ConnectAsync(server, $"/ws/{await OpenAsync(trader)}");
        var services = new ServiceCollection();
        services.AddHttpClient("futures", http => http.BaseAddress = server.Address)
            .AddExchangeErrorHandling()
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret));
        await using var provider = services.BuildServiceProvider();
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
        _exchange.Faults.Plan = FaultPlan.Custom(static request => request is { Method: "GET", Path: "/fapi/v1/order" } ? Fault.Silence : null);

        var placing = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures")
            .PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=lost", content: null);
        var listening = OfferAsync(socket, provider.GetRequiredService<IInDoubtOrders>());

        using var response = await placing;
        response.IsSuccessStatusCode.ShouldBeTrue();
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("clientOrderId").GetString().ShouldBe("lost");
        _exchange.ExecutionsOf("lost").ShouldHaveSingleItem();
        await trader.SendAsync(HttpMethod.Delete, "/fapi/v1/listenKey", content: null);
        await listening;
    }

    private static async Task OfferAsync(ClientWebSocket socket, IInDoubtOrders inDoubt)
    {
        while (await ReceiveBytesAsync(socket) is { } payload)
        {
            inDoubt.OfferUserData("futures", payload);
        }
    }

    private static async Task<string> OpenAsync(Trader trader) => (await trader.SendAsync(HttpMethod.Post, "/fapi/v1/listenKey", content: null)).Text("listenKey");

    private static async Task<ClientWebSocket> ConnectAsync(SimulatedExchangeServer server, string path)
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}{path}"), CancellationToken.None);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<JsonElement?> ReceiveAsync(ClientWebSocket socket) => await ReceiveBytesAsync(socket) is { } payload ? JsonSerializer.Deserialize<JsonElement>(payload) : null;

    private static async Task<byte[]?> ReceiveBytesAsync(ClientWebSocket socket)
    {
        var buffer = new byte[8192];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        received.EndOfMessage.ShouldBeTrue();
        return received.MessageType == WebSocketMessageType.Close ? null : buffer[..received.Count];
    }
}
