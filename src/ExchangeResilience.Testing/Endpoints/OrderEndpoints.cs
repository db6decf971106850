using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Placing, amending, cancelling and finding orders.</summary>
internal static class OrderEndpoints
{
    private const int MostPlaced = 5;
    private const int MostCancelled = 10;
    private static readonly TimeSpan LongestCountdown = TimeSpan.FromDays(365);
    private static readonly string[] CancelLists = ["orderIdList", "orderidlist", "origClientOrderIdList", "origclientorderidlist"];
    private static readonly string[] AmendMandatory = ["symbol", "side", "quantity", "price"];

    public static Refusal? CheckPlace(Call call) => OrderDraft.Read(call.Engine.Find, call.Account, call.Parameters, out _);

    public static Answer Place(Call call) => Place(call, call.Parameters);

    public static Answer Test(Call call) => new JsonObject();

    public static Refusal? CheckAmend(Call call) => ReadAmend(call, call.Parameters, out _);

    public static Answer Amend(Call call) => Amend(call, call.Parameters);

    public static Refusal? CheckNamed(Call call) => NamesOrder(call, call.Parameters);

    public static Answer Cancel(Call call) => Cancel(call, call.Parameters);

    public static Answer Get(Call call) =>
        call.Engine.Visible(call.Account, call.Parameters, call.Moment) is { } order ? order.ToQuery(call.Moment) : Refusal.NoSuchOrder;

    public static Answer GetOpen(Call call) =>
        call.Engine.Visible(call.Account, call.Parameters, call.Moment) is { } order && order.Seen(call.Moment).IsOpen ? order.ToQuery(call.Moment) : Refusal.NoSuchOrder;

    public static Answer GetAllOpen(Call call) =>
        List(call.Engine.ShownAsOpen(call.Account, call.Parameters["symbol"], call.Moment).Select(order => order.ToQuery(call.Moment)));

    public static Refusal? CheckHistory(Call call)
    {
        var (start, end) = (call.Parameters.Integer("startTime"), call.Parameters.Integer("endTime"));
        return end - start > TimeSpan.FromDays(7).TotalMilliseconds ? Refusal.TooLongAnInterval : call.CheckSymbol();
    }

    public static Answer GetAll(Call call)
    {
        var fromId = call.Parameters.Integer("orderId") ?? 0;
        var orders = call.Engine.Orders.Where(order => order.Account == call.Account
            && order.Draft.Instrument.Name == call.Parameters["symbol"]
            && order.Id >= fromId
            && call.IsInRange(order.Placed.Now)
            && MatchingEngine.IsVisible(order, call.Moment));
        return List(call.Limited(orders, 500, 1000).Select(order => order.ToQuery(call.Moment)));
    }

    public static Answer GetTrades(Call call)
    {
        var id = call.Parameters.Integer("orderId");
        var trades = from order in call.Engine.Orders
                     where order.Account == call.Account && order.Draft.Instrument.Name == call.Parameters["symbol"]
                     where (id is null || order.Id == id) && MatchingEngine.IsVisible(order, call.Moment)
                     from execution in order.Executions
                     where call.IsInRange(execution.Time)
                     select (order, execution);
        return List(call.Limited(trades, 500, 1000).Select(trade => trade.order.ToTrade(trade.execution)));
    }

    public static Answer GetAmendments(Call call) => call.Engine.Newest(call.Account, call.Parameters) is not { } order
        ? Refusal.NoSuchOrder
        : List(call.Limited(order.Amendments.Take(order.Seen(call.Moment).Amendments).Index().Where(entry => call.IsInRange(entry.Item.Time)), 50, 100)
            .Select(entry => order.ToAmendment(entry.Item, entry.Index + 1)));

    public static Answer CancelAll(Call call)
    {
        foreach (var order in call.Engine.OpenOrders(call.Account, call.Parameters["symbol"]).ToList())
        {
            call.Engine.Cancel(order, call);
        }

        return new JsonObject { ["code"] = 200, ["msg"] = "The operation of cancel all open order is done." };
    }

    public static Refusal? CheckCountdown(Call call) =>
        call.CheckSymbol() ?? (call.Parameters.Integer("countdownTime") > LongestCountdown.TotalMilliseconds ? Refusal.BadData("countdownTime") : null);

    public static Answer Countdown(Call call)
    {
        var symbol = call.Parameters["symbol"]!;
        var wait = call.Parameters.Integer("countdownTime")!.Value;
        var beat = new object();
        call.Account.Countdowns[symbol] = beat;
        if (wait > 0)
        {
            call.Engine.Schedule(call.Moment.Before(-TimeSpan.FromMilliseconds(wait)), due =>
            {
                if (call.Account.Countdowns.GetValueOrDefault(symbol) == beat)
                {
                    CancelAll(call with { Moment = due });
                }
            });
        }

        return new JsonObject { ["symbol"] = symbol, ["countdownTime"] = wait.ToString(CultureInfo.InvariantCulture) };
    }

    public static Refusal? CheckBatch(Call call) =>
        Items(call, "batchOrders") switch
        {
            null => Refusal.BadData("batchOrders"),
            { Count: 0 or > MostPlaced } => Refusal.BatchSize,
            _ => null,
        };

    public static Answer PlaceBatch(Call call) => Each(call, "batchOrders", static (call, item) => Place(call, Parameters.From(item)));

    public static Answer AmendBatch(Call call) => Each(call, "batchOrders", static (call, item) => Amend(call, Parameters.From(item)));

    public static Refusal? CheckCancelBatch(Call call) => NameOfList(call) is not { } name
        ? Refusal.Either("orderIdList", "origClientOrderIdList")
        : Items(call, name) switch
        {
            null => Refusal.BadData(name),
            { Count: 0 or > MostCancelled } => Refusal.TooManyCancels,
            _ => call.CheckSymbol(),
        };

    public static Answer CancelBatch(Call call)
    {
        var name = NameOfList(call)!;
        var id = name.StartsWith("orig", StringComparison.Ordinal) ? "origClientOrderId" : "orderId";
        return Each(call, name, (call, item) => Cancel(call, Parameters.Of(("symbol", call.Parameters["symbol"]!), (id, item.ToString()))));
    }

    /// <summary>Which of the lists was sent: the exchange takes them in small letters, too.</summary>
    private static string? NameOfList(Call call) => Array.Find(CancelLists, call.Parameters.Has);

    /// <summary>Does each item of a batch, as far as the faults they meet allow, and answers with what those let through.</summary>
    private static JsonArray Each(Call call, string name, Func<Call, JsonElement, Answer> act)
    {
        var answers = new List<JsonNode>();
        foreach (var (index, item) in Items(call, name)!.Index())
        {
            var fault = index < call.ItemFaults.Count ? call.ItemFaults[index] : Fault.None;
            Answer? answer = null;
            if (fault.Effect == FaultEffect.Executed)
            {
                answer = act(call, item);
            }
            else if (fault.Effect == FaultEffect.Late)
            {
                call.Engine.Schedule(call.Moment.Before(-fault.EngineDelay), due =>
                {
                    if (!RequestChecks.IsPast(call.Parameters, due))
                    {
                        act(call with { Moment = due }, item);
                    }
                });
            }

            if (fault.Reply is { Code: { } code } canned)
            {
                answers.Add((JsonNode)new JsonObject { ["code"] = code, ["msg"] = canned.Message });
            }
            else if (fault is { Reply: null, Ending: FaultEnding.Reply } && answer is { } own)
            {
                answers.Add(own.AsItem());
            }
        }

        return List(answers);
    }

    private static Answer Place(Call call, Parameters parameters)
    {
        if (OrderDraft.Read(call.Engine.Find, call.Account, parameters, out var draft) is { } refusal)
        {
            return refusal;
        }

        var (order, refused) = call.Engine.Place(call.Account, draft!, call.Moment);
        if (order is null)
        {
            return refused!;
        }

        call.Engine.Note(EffectKind.Placed, order, call);
        return order.ToAcknowledgement();
    }

    private static Refusal? ReadAmend(Call call, Parameters parameters, out (decimal Price, decimal Quantity) wanted)
    {
        wanted = default;
        if ((parameters.Inspect(AmendMandatory) ?? NamesOrder(call, parameters)) is { } malformed)
        {
            return malformed;
        }

        var instrument = call.Engine.Find(parameters["symbol"])!;
        wanted = (parameters.Decimal("price")!.Value, parameters.Decimal("quantity")!.Value);
        return OrderDraft.CheckPrice(instrument, wanted.Price)
            ?? OrderDraft.Size(instrument, wanted.Quantity, wanted.Price, reduceOnly: false, Refusal.AmendedMinNotional);
    }

    private static Answer Amend(Call call, Parameters parameters)
    {
        if (ReadAmend(call, parameters, out var wanted) is { } refusal)
        {
            return refusal;
        }

        if (call.Engine.Open(call.Account, parameters) is not { } order || order.Draft.Side != parameters["side"])
        {
            return Refusal.NoSuchOrder;
        }

        if (call.Engine.Amend(order, wanted.Price, wanted.Quantity, call.Moment) is { } refused)
        {
            return refused;
        }

        call.Engine.Note(EffectKind.Amended, order, call);
        return order.ToAcknowledgement(isFinal: true);
    }

    private static Answer Cancel(Call call, Parameters parameters)
    {
        if (call.Engine.Open(call.Account, parameters) is not { } order)
        {
            return Refusal.CancelRejected;
        }

        call.Engine.Cancel(order, call);
        return order.ToAcknowledgement(isFinal: true);
    }

    private static Refusal? NamesOrder(Call call, Parameters parameters) =>
        call.Engine.Find(parameters["symbol"]) is null ? Refusal.BadSymbol
        : parameters.Has("orderId") || parameters.Has("origClientOrderId") ? null
        : Refusal.Either("origClientOrderId", "orderId");

    private static List<JsonElement>? Items(Call call, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(call.Parameters[name]!);
            return document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray().Select(item => item.Clone())] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonArray List(IEnumerable<JsonNode> items) => new([.. items]);
}
