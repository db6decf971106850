using System.Net;

namespace ExchangeResilience;

/// <summary>Turns status and body into a verdict. Pure; what allocates is only the row of a code no table lists.</summary>
internal static class ReplyClassifier
{
    /// <summary>What a reply means for the request it answers. It is not whole where more followed that was not read.</summary>
    public static ReplyVerdict Classify(int status, ReadOnlySpan<byte> body, ExchangeEndpoint endpoint, ErrorCatalog catalog, bool isWhole = true)
    {
        if (!endpoint.IsMutation && status < 400)
        {
            return new(true, null, ExecutionStatus.Executed, default);
        }

        var reading = ErrorReader.Read(body, catalog.Vocabulary);
        if (!isWhole && reading.Shape == BodyShape.Object)
        {
            // What looks like a whole object has more behind it, and that may say anything.
            reading = reading with { Shape = BodyShape.Malformed };
        }

        if (status is >= 200 and < 300 && reading.Proves(endpoint.Proof))
        {
            return reading.HasItemErrors ? OfBatch(body, reading, catalog) : new(true, null, ExecutionStatus.Executed, reading);
        }

        return endpoint.IsMutation
            ? OfMutation(status, body, reading, catalog)
            : new(false, Define(status, body, reading, ExecutionStatus.NotExecuted, catalog), ExecutionStatus.NotExecuted, reading);
    }

    /// <summary>The error of a verdict that is not a success, with the bytes it was made from; the status is null where no reply arrived.</summary>
    public static ExchangeError ToError(in ReplyVerdict verdict, ReadOnlySpan<byte> body, int? status, DateTimeOffset? retryAt, TimeSpan? retryAfter, string? advice = null)
    {
        var definition = verdict.Definition ?? throw new ArgumentException("A success is no error.", nameof(verdict));
        return new ExchangeError
        {
            Code = definition.Code != 0 ? definition.Code : verdict.Reading is { IsFailure: true, Code: { } code } ? code : 0,
            Name = definition.Name,
            Message = verdict.Reading.Message(body),
            Category = definition.Category,
            Execution = verdict.Execution,
            StatusCode = (HttpStatusCode?)status,
            RetryAt = retryAt,
            RetryAfter = retryAfter,
            Advice = advice ?? definition.Advice,
        };
    }

    /// <summary>What one item of a batch's reply means, given what the row of a single one answers when it is done.</summary>
    public static ReplyVerdict ClassifyItem(int status, ReadOnlySpan<byte> body, in ErrorReading item, SuccessProof proof, ErrorCatalog catalog) =>
        status is >= 200 and < 300 && item.Proves(proof) ? new(true, null, ExecutionStatus.Executed, item) : OfMutation(status, body, item, catalog);

    /// <summary>One entry per item of a batch's reply, null where the item succeeded; empty where the reply is no array.</summary>
    public static IReadOnlyList<ExchangeError?> Items(ReadOnlySpan<byte> body, int status, ErrorCatalog catalog, SuccessProof proof = ErrorReader.ItemProof)
    {
        List<ExchangeError?> errors = [];
        foreach (var item in new ReplyItems(body, catalog.Vocabulary))
        {
            errors.Add(item.Proves(proof) && status < 400 ? null : ToError(OfMutation(status, body, item, catalog), body, status, null, null));
        }

        return errors;
    }

    private static ReplyVerdict OfMutation(int status, ReadOnlySpan<byte> body, in ErrorReading reading, ErrorCatalog catalog)
    {
        var execution = ExecutionOf(status, reading, catalog);
        var definition = Define(status, body, reading, execution, catalog);

        // A row of a certain outcome must not be reported with an unknown one, except where it also asks to wait.
        if (execution == ExecutionStatus.Unknown && definition.Execution != ExecutionStatus.Unknown
            && definition.Category is not (ErrorCategory.RateLimited or ErrorCategory.OrderRateLimited))
        {
            definition = ReplyErrors.ExecutionUnknown;
        }

        return new(false, definition, execution, reading);
    }

    /// <summary>A batch whose items are all accounted for is a success, errors among them or not; with an item in doubt it is in doubt itself.</summary>
    private static ReplyVerdict OfBatch(ReadOnlySpan<byte> body, in ErrorReading reading, ErrorCatalog catalog)
    {
        foreach (var item in new ReplyItems(body, catalog.Vocabulary))
        {
            if (!item.Proves(ErrorReader.ItemProof))
            {
                var verdict = OfMutation(200, body, item, catalog);
                if (verdict.Execution == ExecutionStatus.Unknown)
                {
                    return verdict;
                }
            }
        }

        return new(true, null, ExecutionStatus.Executed, reading);
    }

    /// <summary>Whether a mutation whose reply is no proof of success took effect. Each line is tried in turn; doubt comes first.</summary>
    private static ExecutionStatus ExecutionOf(int status, in ErrorReading reading, ErrorCatalog catalog)
    {
        var isDefinite = !reading.Text.LeavesOutcomeOpen()
            && !reading.IsContradictory
            && !(reading is { IsFailure: true, Code: { } code } && catalog.Find(code) is { Execution: ExecutionStatus.Unknown })
            && !(status >= 400 && HasClaimOfSuccess(reading))
            && status switch
            {
                408 or 409 or 502 or 504 => false,
                >= 400 and < 500 => true,
                _ when reading.ErrorCode is { } sure && catalog.Find(sure) is not null => status is >= 200 and < 300 or >= 500,
                503 => IsCertainFailure(reading),
                _ => false,
            };

        return isDefinite ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown;
    }

    /// <summary>The text is documented as a certain failure for 503 alone, and only as the whole message of a whole object.</summary>
    private static bool IsCertainFailure(in ErrorReading reading) =>
        reading is { Shape: BodyShape.Object, Text: KnownText.ServiceUnavailable, CodeIsUnreadable: false };

    /// <summary>Whether a body under an error status has a proof of success; of a batch, any item may have taken effect.</summary>
    private static bool HasClaimOfSuccess(in ErrorReading reading) =>
        reading.Shape == BodyShape.Array || (reading.Proof & ~SuccessProof.EmptyObject) != 0;

    /// <summary>Which row names the trouble: the exchange's own code before its text, its text before the status.</summary>
    private static ErrorDefinition Define(int status, ReadOnlySpan<byte> body, in ErrorReading reading, ExecutionStatus execution, ErrorCatalog catalog)
    {
        if (reading.ErrorCode is { } code)
        {
            // Under 418 and 429 the status says more than an unknown code.
            if (catalog.Find(code) is { } listed)
            {
                return listed;
            }

            if (status is not (418 or 429))
            {
                return ReplyErrors.Unlisted(code, execution, status);
            }
        }

        return status switch
        {
            418 or 429 => ReplyErrors.OfStatus(status),
            403 when catalog.Find(reading.Code ?? 0) is { Category: ErrorCategory.RateLimited } || HoldHint.FindBan(body, catalog.Vocabulary) is not null => ReplyErrors.Banned403,
            _ when reading.Text.LeavesOutcomeOpen() => ReplyErrors.ExecutionUnknown,
            503 when IsCertainFailure(reading) => ReplyErrors.ServiceUnavailable,
            _ when reading.Text == KnownText.Maintenance => ReplyErrors.UnderMaintenance,
            403 when KnownTexts.NamesPlace(body) => ReplyErrors.Restricted403,
            _ when reading.Text == KnownText.TooManyRequests => ReplyErrors.TooManyRequests,
            < 400 => reading.Shape == BodyShape.Malformed ? TransportErrors.ReplyBroken : ReplyErrors.UnprovenReply,
            _ => ReplyErrors.OfStatus(status),
        };
    }
}
