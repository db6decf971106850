using System.Buffers;
using System.Net;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>Tells which part of a batch's reply answers which item, and writes the array the caller is given.</summary>
internal static class BatchReply
{
    /// <summary>
    /// For each item what the reply says of it; null where it says nothing that is certainly meant for it. Replies come in the order of the request, and an
    /// order that names itself must also name the item.
    /// </summary>
    public static IReadOnlyList<BatchReplyItem?> Match(byte[] body, int status, IReadOnlyList<BatchEntry> entries, ErrorCatalog catalog)
    {
        var replies = new List<BatchReplyItem>();
        var proof = entries[0].Operation.Endpoint.Proof;
        for (var items = new ReplyItems(body, catalog.Vocabulary); items.MoveNext();)
        {
            var verdict = ReplyClassifier.ClassifyItem(status, body, items.Current, proof, catalog);
            replies.Add(new BatchReplyItem(verdict.Definition, verdict.IsSuccess ? null : ReplyClassifier.ToError(verdict, body, status, null, null), body[items.Bytes]));
        }

        // Once a single order is in another's place, nothing shows whose the refusals are: they name no order.
        var isInOrder = replies.Count == entries.Count && !entries.Where((entry, index) => NamesAnother(replies[index], entry.Operation)).Any();
        return [.. entries.Select((entry, index) => isInOrder ? replies[index] : replies.Find(reply => Names(reply, entry.Operation)))
            .Select((reply, index) => reply?.Order?.IsUnchangedBy(entries[index].Operation) == true ? null : reply)];
    }

    /// <summary>The array as the caller is given it: in the order of the request, each item as the exchange replied where it did.</summary>
    public static byte[] Write(IEnumerable<BatchEntry> entries, ExchangeVenue venue)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var entry in entries)
            {
                if (OwnReply(entry) is { } words)
                {
                    writer.WriteRawValue(words);
                }
                else
                {
                    var error = ErrorOf(entry, venue)!;
                    writer.WriteStartObject();
                    writer.WriteNumber("code", error.Code);
                    writer.WriteString("msg", error.Message);
                    writer.WriteEndObject();
                }
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The error an item ended in; null where it was executed.</summary>
    public static ExchangeError? ErrorOf(BatchEntry entry, ExchangeVenue venue)
    {
        if (entry.Execution == ExecutionStatus.Executed)
        {
            return null;
        }

        var error = entry.Verdict?.Error ?? entry.Error ?? LocalErrors.ConnectionLost();
        if (entry.Execution == ExecutionStatus.Unknown)
        {
            return Spell(venue.Codes.ExecutionUnknown, error, $"Execution status unknown: {error}", ExecutionStatus.Unknown, venue.Errors);
        }

        return OwnReply(entry) is not null || venue.Errors.Find(error.Code) is { Execution: ExecutionStatus.NotExecuted }
            ? error
            : Spell(venue.Codes.Failed, error, $"Not executed: {entry.Verdict!.Evidence}", ExecutionStatus.NotExecuted, venue.Errors);
    }

    private static ExchangeError Spell(int code, ExchangeError error, string message, ExecutionStatus execution, ErrorCatalog catalog)
    {
        var definition = catalog.Find(code)!;
        return error with { Code = code, Name = definition.Name, Category = definition.Category, Advice = definition.Advice, Message = message, Execution = execution, StatusCode = HttpStatusCode.OK };
    }

    /// <summary>The exchange's own JSON object on the item; null where there is none.</summary>
    private static byte[]? OwnReply(BatchEntry entry) =>
        entry.Verdict?.Reply?.Body is { } body && ErrorReader.Read(body, ReplyVocabulary.None).Shape == BodyShape.Object ? body[Array.IndexOf(body, (byte)'{')..] : null;

    private static bool NamesAnother(BatchReplyItem reply, ExchangeOperation operation) =>
        reply.Error is null && (reply.Order is { } order ? order.IsOtherThan(operation) : IsOrder(reply));

    // It has an order's id, and yet cannot be read as one: whose it is, it does not say.
    private static bool IsOrder(BatchReplyItem reply) => (ErrorReader.Read(reply.Json, ReplyVocabulary.None).Proof & (SuccessProof.OrderId | SuccessProof.AlgoId)) != 0;

    private static bool Names(BatchReplyItem reply, ExchangeOperation operation) => reply.Order is { } order && EvidenceRules.Names(operation, order);
}
