namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Bodies of replies, under every status and as the answer of every row of the endpoint table.</summary>
internal sealed class RepliesTarget : FuzzTarget<RepliesTarget.Outcome>
{
    public static readonly int[] Statuses =
    [
        200, 200, 200, 200, 400, 400, 400, 503, 503, 500, 201, 202, 204, 300, 302, 304, 307, 401, 403, 404, 408, 409, 418, 422, 429, 451, 499, 501, 502, 504, 520, 530, 599, 600, 999,
    ];

    private static readonly ExchangeEndpoint[] Rows =
    [
        .. ExchangeVenue.BinanceUsdFutures.Endpoints.All.Where(row => row.IsMutation),
        ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Post, "/no/such/path"),
        ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Get, "/fapi/v1/order"),
    ];

    private readonly ErrorCatalog _catalog = ExchangeVenue.BinanceUsdFutures.Errors;

    public override string Name => "replies";

    public override int Inputs => 150_000;

    public override int SelectorBytes => 2;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Corpus.With(2, Corpus.Bodies), .. Fitting()];

    public override IReadOnlyList<string> Milestones => ["a success", "a certain failure", "an unknown outcome", "a batch", "a batch in doubt"];

    // A 64 KiB array of digits is 32,000 items, each of which is an error with a row of its own.
    public override (long Base, long PerByte) Allocation => (16 * 1024, 512);

    protected override Outcome Act(byte[] input)
    {
        var (status, row, body) = Read(input);
        var verdict = ReplyClassifier.Classify(status, body, row, _catalog);
        return new(
            verdict,
            verdict.IsSuccess ? null : ReplyClassifier.ToError(verdict, body, status, null, null),
            status < 300 ? ReplyClassifier.Items(body, status, _catalog) : [],
            ErrorReader.Read(body, _catalog.Vocabulary) == ErrorReader.ReadAny(body, _catalog.Vocabulary));
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        var (status, row, body) = Read(input);
        var verdict = outcome.Verdict;
        if (verdict.IsSuccess != (verdict.Execution == ExecutionStatus.Executed) || verdict.IsSuccess != verdict.Definition is null)
        {
            return "a verdict contradicts itself";
        }

        if (!outcome.IsReadAlike)
        {
            return "the short way through a plain error ends elsewhere than the long way";
        }

        if (verdict.IsSuccess)
        {
            Reach("a success");
            return ReplyOracle.MaySucceed(status, body, row) ? JudgeItems(status, body, outcome.Items) : "a success that the bytes do not prove";
        }

        if (verdict.Execution == ExecutionStatus.NotExecuted && row.IsMutation)
        {
            Reach("a certain failure");
            if (!ReplyOracle.MayHaveFailed(status, body))
            {
                return "a certain failure that the bytes do not prove";
            }
        }
        else if (verdict.Execution == ExecutionStatus.Unknown)
        {
            Reach(row.IsBatch && outcome.Items.Count > 0 ? "a batch in doubt" : "an unknown outcome");
        }

        var error = outcome.Error!;
        return error.Execution != verdict.Execution ? "an error tells another outcome than its verdict"
            : error.Code != 0 && !body.AsSpan().ContainsAnyInRange((byte)'0', (byte)'9') ? "a code where no digit is"
            : Messages.Fault(error.Message) ?? JudgeItems(status, body, outcome.Items);
    }

    private static string? JudgeItems(int status, byte[] body, IReadOnlyList<ExchangeError?> items)
    {
        if (items.Count == 0)
        {
            return null;
        }

        using var document = Wire.Parse(body);
        if (document is null || document.RootElement.GetArrayLength() != items.Count)
        {
            return "other items than the body holds";
        }

        foreach (var (item, error) in document.RootElement.EnumerateArray().Zip(items))
        {
            if (error is null ? status >= 400 || !ReplyOracle.ItemMaySucceed(item) : error.Execution == ExecutionStatus.NotExecuted && !ReplyOracle.MayHaveFailed(status, item))
            {
                return "an item's outcome that its bytes do not prove";
            }
        }

        return null;
    }

    private (int Status, ExchangeEndpoint Row, byte[] Body) Read(byte[] input)
    {
        var row = Rows[Choice(input, 1) % Rows.Length];
        if (row.IsBatch)
        {
            Reach("a batch");
        }

        return (Statuses[Choice(input, 0) % Statuses.Length], row, Content(input));
    }

    /// <summary>Each body under 200 with a row whose answer it could be, so that successes are met at all.</summary>
    private static IEnumerable<byte[]> Fitting() =>
        from body in Corpus.Lines("bodies.txt")
        from row in Enumerable.Range(0, Rows.Length)
        where ReplyOracle.MaySucceed(200, Bytes(body), Rows[row])
        select (byte[])[0, (byte)row, .. Bytes(body)];

    internal sealed record Outcome(ReplyVerdict Verdict, ExchangeError? Error, IReadOnlyList<ExchangeError?> Items, bool IsReadAlike);
}
