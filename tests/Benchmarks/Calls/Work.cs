using System.Globalization;

namespace Benchmarks.Calls;

/// <summary>What an application sends over and over, and the stacks that are compared at it.</summary>
/// <param name="Bench">The bench that measures it.</param>
/// <param name="Name">What it is called in a table.</param>
/// <param name="Request">A fresh message; the number is the call's.</param>
/// <param name="Stacks">The first is what the others are measured over.</param>
internal sealed record Work(string Bench, string Name, Func<long, HttpRequestMessage> Request, IReadOnlyList<string> Stacks)
{
    private static readonly string[] Signing = [Calls.Stacks.ByHand, Calls.Stacks.Signing, Calls.Stacks.ByHandPolly, Calls.Stacks.ByHandStandard];

    public static Work Query { get; } = new("query", "a query", AskOrder, [Calls.Stacks.Empty, Calls.Stacks.Bare, Calls.Stacks.Ours, Calls.Stacks.Polly, Calls.Stacks.Standard, Calls.Stacks.Aws, Calls.Stacks.Azure]);

    public static Work SignedQuery { get; } = new("signed", "a signed query", AskOrder, [Calls.Stacks.Empty, Calls.Stacks.Ours, .. Signing]);

    public static Work PlacedOrder { get; } = new(
        "order", "a placed order", static call => new(HttpMethod.Post, $"{FuturesClient.OrderPath}?{OrderTerms}&newClientOrderId={IdOf(call)}"), Signing);

    public static Work BatchOfFive { get; } = new("batch", "a batch of five orders", static call => new(HttpMethod.Post, $"{FuturesClient.BatchPath}?batchOrders={Uri.EscapeDataString(ItemsOf(call))}"), Signing);

    public static Work FailedQuery { get; } = new("failure", "a signed query that fails", AskOrder, Signing) { Fails = true };

    public static IReadOnlyList<Work> All { get; } = [Query, SignedQuery, PlacedOrder, BatchOfFive, FailedQuery];

    /// <summary>Whether the exchange refuses it, and the application learns the code.</summary>
    public bool Fails { get; private init; }

    private const string OrderTerms = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.012&price=65021.30";

    private static HttpRequestMessage AskOrder(long call) => new(HttpMethod.Get, $"{FuturesClient.OrderPath}?{FuturesClient.OrderQuery}");

    private static string IdOf(long call) => string.Create(CultureInfo.InvariantCulture, $"bench-{call:000000000}");

    private static string ItemsOf(long call) => $"[{string.Join(',', Enumerable.Range(0, 5).Select(item =>
        $$"""{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.012","price":"65021.30","newClientOrderId":"{{IdOf((5 * call) + item)}}"}"""))}]";
}
