using System.Globalization;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The reply to a batch of three orders, told apart by item.</summary>
internal sealed class BatchRepliesTarget : FuzzTarget<IReadOnlyList<BatchReplyItem?>>
{
    private static readonly BatchEntry[] Entries = [.. Enumerable.Range(1, 3).Select(number => new BatchEntry(ItemOf(number), number))];

    public override string Name => "batch-replies";

    public override int Inputs => 60_000;

    public override int SelectorBytes => 1;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(1, Corpus.Bodies.Where(body => body.StartsWith('[')));

    public override IReadOnlyList<string> Words => ["my-order-1", "my-order-2", "my-order-3", "\"clientOrderId\":\"my-order-2\"", "{\"orderId\":7,\"clientOrderId\":\"my-order-2\"},"];

    public override IReadOnlyList<string> Milestones => ["an item executed", "an item not executed"];

    // Each item is copied out of a reply of up to 1 MiB.
    public override (long Base, long PerByte) Allocation => (16 * 1024, 512);

    protected override IReadOnlyList<BatchReplyItem?> Act(byte[] input) =>
        BatchReply.Match(Content(input), StatusOf(input), Entries, ExchangeVenue.BinanceUsdFutures.Errors);

    protected override string? Judge(byte[] input, IReadOnlyList<BatchReplyItem?> outcome)
    {
        if (outcome.Count != Entries.Length)
        {
            return "an item is left out";
        }

        var status = StatusOf(input);
        foreach (var (entry, reply) in Entries.Zip(outcome))
        {
            if (reply is null)
            {
                continue;
            }

            using var item = Wire.Parse(reply.Json);
            if (item is null)
            {
                return "an item's own words are no JSON";
            }

            if (reply.Definition is null)
            {
                Reach("an item executed");
                if (status is < 200 or > 299 || !ReplyOracle.ItemMaySucceed(item.RootElement))
                {
                    return "an item executed that the bytes do not prove";
                }

                if (Wire.Only(item.RootElement, "clientOrderId") is { } id && id != entry.Operation.ClientOrderId)
                {
                    return "an item is told what another's reply says";
                }
            }
            else if (reply.Error?.Execution == ExecutionStatus.NotExecuted)
            {
                Reach("an item not executed");
                if (!ReplyOracle.MayHaveFailed(status, item.RootElement))
                {
                    return "an item not executed that the bytes do not prove";
                }
            }
        }

        return null;
    }

    private static int StatusOf(byte[] input) => Choice(input, 0) % 4 == 3 ? RepliesTarget.Statuses[Choice(input, 0) % RepliesTarget.Statuses.Length] : 200;

    private static BatchItem ItemOf(int number)
    {
        var row = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Post, "/fapi/v1/order");
        var parameters = string.Create(CultureInfo.InvariantCulture, $"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=my-order-{number}");
        return new BatchItem("{}", OperationReader.Read(row, new RequestParameters(parameters, null)));
    }
}
