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
            foreach (var (problem, remedy) in Check(row, table))
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

    private static IEnumerable<(string Problem, string Remedy)> Check(ExchangeEndpoint row, EndpointTable table)
    {
        if (!Methods.Contains(row.Method))
        {
            yield return ($"is a {row.Method}", "use GET, POST, PUT or DELETE");
        }

        if (!row.Path.StartsWith('/') || row.Path.AsSpan().ContainsAny('?', '#', ' '))
        {
            yield return ("is no path below a host", "write it as /fapi/v1/order is written: from the first slash on, without a query");
        }

        if (!Enum.IsDefined(row.Kind))
        {
            yield return ($"is of the kind '{row.Kind}', which is not defined", $"choose from {string.Join(", ", Names.Of<OperationKind>())}");
        }
        else if (row.Method == HttpMethod.Get != (row.Kind == OperationKind.Query))
        {
            yield return ($"is a {row.Kind} under {row.Method}", "GET rows are Query rows and no others are");
        }

        if (!Enum.IsDefined(row.Security))
        {
            yield return ($"has the security '{row.Security}', which is not defined", $"choose from {string.Join(", ", Names.Of<EndpointSecurity>())}");
        }

        foreach (var (name, value) in new[] { (nameof(row.Weight), row.Weight), (nameof(row.OrdersPer10Seconds), row.OrdersPer10Seconds), (nameof(row.OrdersPerMinute), row.OrdersPerMinute) })
        {
            if (value is < 0 or > 10_000)
            {
                yield return ($"has {name} {value.ToString(CultureInfo.InvariantCulture)}", "choose 0 to 10000");
            }
        }

        foreach (var fault in CheckEvidence(row, table).Concat(CheckItems(row, table)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<(string Problem, string Remedy)> CheckEvidence(ExchangeEndpoint row, EndpointTable table)
    {
        if (row.IsClaimed && (row.EvidencePath is null || row.EvidenceIdParameter is null))
        {
            yield return ($"is a {row.Kind} with an id that cannot be looked for",
                $"set {nameof(row.EvidencePath)} and {nameof(row.EvidenceIdParameter)}, or leave out {nameof(row.ClientIdParameter)} so that an unknown outcome is surfaced and nothing is claimed");
        }

        if (row.EvidencePath is { } evidence && !Reads(table, evidence))
        {
            yield return ($"is looked for at GET {evidence}, which has no row", "add a Query row of that path, so that the look-up is signed and weighed");
        }

        if (row.EngineChecksWindow && !row.IsClaimed && !row.ClaimsItems)
        {
            yield return ($"has {nameof(row.EngineChecksWindow)} and nothing to prove absent", $"leave it out, or set {nameof(row.ClientIdParameter)}");
        }

        if (row.History is { } history)
        {
            if (row.Kind != OperationKind.Additive)
            {
                yield return ($"has a {nameof(row.History)} and is a {row.Kind}", $"only {nameof(OperationKind.Additive)} rows are looked for in a history");
            }

            if (!Reads(table, history.Path))
            {
                yield return ($"has its history at GET {history.Path}, which has no row", "add a Query row of that path, so that the question is signed and weighed");
            }

            if (history.Comparisons.Count == 0)
            {
                yield return ("has a history whose records are compared by nothing", $"name in {nameof(history.Comparisons)} what request and record have in common, the amount among it");
            }
        }
    }

    private static IEnumerable<(string Problem, string Remedy)> CheckItems(ExchangeEndpoint row, EndpointTable table)
    {
        if (row.ItemPath is not { } path)
        {
            if (row.ItemsParameter is not null)
            {
                yield return ($"has {nameof(row.ItemsParameter)} without {nameof(row.ItemPath)}", "name the path of the row that each item is a request of");
            }

            yield break;
        }

        var item = table.Find(row.Method, path);
        if (!item.IsListed || item.IsBatch || item.Kind != row.Kind)
        {
            yield return ($"has items of {row.Method} {path}, which is no row of the same kind for a single one", "add such a row, or leave the batch out");
        }
        else if (row.Kind is OperationKind.Place or OperationKind.Amend)
        {
            if (row.ItemsParameter is null || !item.IsClaimed)
            {
                yield return ($"is a batch of {row.Kind} that cannot be claimed item by item", $"set {nameof(row.ItemsParameter)}, and an id on the row of the single order");
            }

            if (item.EngineChecksWindow && !row.EngineChecksWindow)
            {
                yield return ("is not checked by the engine while its items' row says that they are", $"set {nameof(row.EngineChecksWindow)} on both rows or on neither");
            }
        }
        else if (row.Kind != OperationKind.Cancel)
        {
            yield return ($"is a batch of {row.Kind}", "only Place, Amend and Cancel rows have items");
        }
        else if (row.ItemsParameter is null && row.ClientIdParameter is null && row.OrderIdParameter is null)
        {
            yield return ("is a batch without a parameter for its items", $"set {nameof(row.ItemsParameter)}, or the id parameters that hold lists");
        }
    }

    private static bool Reads(EndpointTable table, string path) => table.Find(HttpMethod.Get, path).IsListed;
}
