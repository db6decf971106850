using System.Globalization;

namespace ExchangeResilience;

/// <summary>Checks the rows a program adds to the endpoint table, and lays them over the venue's.</summary>
internal static class EndpointRules
{
    private static readonly HttpMethod[] Methods = [HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete];

    /// <summary>The table in force. Each fault names its row and what to do; a table compiled with faults must not be used.</summary>
    public static EndpointTable Compile(ExchangeErrorHandlingOptions options, ICollection<string> faults)
    {
        var known = options.Venue.Endpoints;
        if (options.Endpoints.Count == 0)
        {
            return known;
        }

        if (options.Endpoints.Any(row => row is null))
        {
            faults.Add(OptionFault.Of(nameof(options.Endpoints), "holds null", "remove it"));
            return known;
        }

        List<ExchangeEndpoint> rows = [.. options.Endpoints.DistinctBy(row => (row.Method, row.Path))];
        var table = known.With(rows);
        foreach (var row in options.Endpoints)
        {
            foreach (var (problem, remedy) in Check(row, table).OfType<(string Problem, string Remedy)>())
            {
                faults.Add(OptionFault.Of(PathOf(row), problem, remedy));
            }
        }

        foreach (var twice in options.Endpoints.GroupBy(row => (row.Method, row.Path)).Where(same => same.Skip(1).Any()))
        {
            faults.Add(OptionFault.Of(PathOf(twice.First()), "is added twice", "keep one of the rows"));
        }

        return table;
    }

    private static string PathOf(ExchangeEndpoint row) => $"{nameof(ExchangeErrorHandlingOptions.Endpoints)}:{row}";

    // One line of the list is one rule; null where the row keeps it.
    private static IEnumerable<(string Problem, string Remedy)?> Check(ExchangeEndpoint row, EndpointTable table) =>
    [
        Methods.Contains(row.Method) ? null : ($"is a {row.Method}", "use GET, POST, PUT or DELETE"),
        row.Path.StartsWith('/') && !row.Path.AsSpan().ContainsAny('?', '#', ' ')
            ? null
            : ("is no path below a host", "write it as /fapi/v1/order is written: from the first slash on, without a query"),
        !Enum.IsDefined(row.Kind) ? ($"is of the kind '{row.Kind}', which is not defined", $"choose from {string.Join(", ", Names.Of<OperationKind>())}")
            : row.Method == HttpMethod.Get != (row.Kind == OperationKind.Query) ? ($"is a {row.Kind} under {row.Method}", "GET rows are Query rows and no others are")
            : null,
        Enum.IsDefined(row.Security) ? null : ($"has the security '{row.Security}', which is not defined", $"choose from {string.Join(", ", Names.Of<EndpointSecurity>())}"),
        CheckCost(nameof(row.Weight), row.Weight),
        CheckCost(nameof(row.OrdersPer10Seconds), row.OrdersPer10Seconds),
        CheckCost(nameof(row.OrdersPerMinute), row.OrdersPerMinute),
        row.IsClaimed && (row.EvidencePath is null || row.EvidenceIdParameter is null)
            ? ($"is a {row.Kind} with an id that cannot be looked for",
                $"set {nameof(row.EvidencePath)} and {nameof(row.EvidenceIdParameter)}, or leave out {nameof(row.ClientIdParameter)} so that an unknown outcome is surfaced and nothing is claimed")
            : null,
        row.EvidencePath is { } evidence && !Reads(table, evidence) ? ($"is looked for at GET {evidence}, which has no row", "add a Query row of that path, so that the look-up is signed and weighed") : null,
        row is { EngineChecksWindow: true, IsClaimed: false, ClaimsItems: false }
            ? ($"has {nameof(row.EngineChecksWindow)} and nothing to prove absent", $"leave it out, or set {nameof(row.ClientIdParameter)}")
            : null,
        .. row.History is { } history ? CheckHistory(row, history, table) : [],
        row.ItemsParameter is not null && row.ItemPath is null
            ? ($"has {nameof(row.ItemsParameter)} without {nameof(row.ItemPath)}", "name the path of the row that each item is a request of")
            : null,
        .. row.ItemPath is { } path ? CheckItems(row, table.Find(row.Method, path), path) : [],
    ];

    private static (string Problem, string Remedy)? CheckCost(string name, int cost) =>
        cost is >= 0 and <= 10_000 ? null : ($"has {name} {cost.ToString(CultureInfo.InvariantCulture)}", "choose 0 to 10000");

    private static IEnumerable<(string Problem, string Remedy)?> CheckHistory(ExchangeEndpoint row, EndpointHistory history, EndpointTable table) =>
    [
        row.Kind == OperationKind.Additive ? null : ($"has a {nameof(row.History)} and is a {row.Kind}", $"only {nameof(OperationKind.Additive)} rows are looked for in a history"),
        Reads(table, history.Path) ? null : ($"has its history at GET {history.Path}, which has no row", "add a Query row of that path, so that the question is signed and weighed"),
        history.Comparisons.Count > 0
            ? null
            : ("has a history whose records are compared by nothing", $"name in {nameof(history.Comparisons)} what request and record have in common, the amount among it"),
    ];

    private static IEnumerable<(string Problem, string Remedy)?> CheckItems(ExchangeEndpoint row, ExchangeEndpoint item, string path) => row.Kind switch
    {
        _ when !item.IsListed || item.IsBatch || item.Kind != row.Kind =>
            [($"has items of {row.Method} {path}, which is no row of the same kind for a single one", "add such a row, or leave the batch out")],
        OperationKind.Place or OperationKind.Amend =>
        [
            row.ItemsParameter is null || !item.IsClaimed
                ? ($"is a batch of {row.Kind} that cannot be claimed item by item", $"set {nameof(row.ItemsParameter)}, and an id on the row of the single order")
                : null,
            item.EngineChecksWindow && !row.EngineChecksWindow
                ? ("is not checked by the engine while its items' row says that they are", $"set {nameof(row.EngineChecksWindow)} on both rows or on neither")
                : null,
        ],
        OperationKind.Cancel =>
        [
            row.ItemsParameter is null && row.ClientIdParameter is null && row.OrderIdParameter is null
                ? ("is a batch without a parameter for its items", $"set {nameof(row.ItemsParameter)}, or the id parameters that hold lists")
                : null,
        ],
        _ => [($"is a batch of {row.Kind}", "only Place, Amend and Cancel rows have items")],
    };

    private static bool Reads(EndpointTable table, string path) => table.Find(HttpMethod.Get, path).IsListed;
}
