namespace ExchangeResilience.Tests.Policies;

/// <summary>Rows a program adds to the endpoint table: what is refused, and how the fault is told.</summary>
public sealed class EndpointRulesTests
{
    private static readonly Dictionary<string, (ExchangeEndpoint[] Rows, string Fault)> Table = new(StringComparer.Ordinal)
    {
        ["method"] = ([new(HttpMethod.Patch, "/x", OperationKind.Setting)], "Endpoints:PATCH /x: is a PATCH; use GET, POST, PUT or DELETE"),
        ["path"] = ([new(HttpMethod.Post, "x?a=1", OperationKind.Setting)], "is no path below a host"),
        ["kind"] = ([new(HttpMethod.Post, "/x", (OperationKind)99)], "choose from Unclassified, Query, Setting"),
        ["GET that changes"] = ([new(HttpMethod.Get, "/x", OperationKind.Place)], "is a Place under GET; GET rows are Query rows and no others are"),
        ["POST that reads"] = ([new(HttpMethod.Post, "/x", OperationKind.Query)], "is a Query under POST"),
        ["security"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting) { Security = (EndpointSecurity)9 }], "choose from Public, Key, Signature"),
        ["weight"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting) { Weight = -1 }], "has Weight -1; choose 0 to 10000"),
        ["orders"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting) { OrdersPerMinute = 10_001 }], "has OrdersPerMinute 10001"),
        ["an id nobody can look for"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { ClientIdParameter = "id" }], "set EvidencePath and EvidenceIdParameter"),
        ["evidence without a row"] = ([Order("/x", evidence: "/y")], "is looked for at GET /y, which has no row"),
        ["nothing to prove absent"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { EngineChecksWindow = true }], "has EngineChecksWindow and nothing to prove absent"),
        ["history of a setting"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting) { History = new EndpointHistory("/fapi/v1/income", ["symbol"], ["amount"]) }], "only Additive rows"),
        ["history without a row"] = ([new(HttpMethod.Post, "/x", OperationKind.Additive) { History = new EndpointHistory("/y", ["symbol"], ["amount"]) }], "has its history at GET /y"),
        ["history that compares nothing"] = ([new(HttpMethod.Post, "/x", OperationKind.Additive) { History = new EndpointHistory("/fapi/v1/income", ["symbol"], []) }], "compared by nothing"),
        ["items without a row"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { ItemPath = "/y", ItemsParameter = "orders" }], "has items of POST /y"),
        ["items without a path"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { ItemsParameter = "orders" }], "has ItemsParameter without ItemPath"),
        ["items that cannot be claimed"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { ItemPath = "/fapi/v1/order" }], "cannot be claimed item by item"),
        ["items checked, batch not"] = ([new(HttpMethod.Post, "/x", OperationKind.Place) { ItemPath = "/fapi/v1/order", ItemsParameter = "orders" }], "on both rows or on neither"),
        ["a batch of settings"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting) { ItemPath = "/fapi/v1/leverage", ItemsParameter = "all" }], "only Place, Amend and Cancel rows have items"),
        ["cancels that stand nowhere"] = ([new(HttpMethod.Delete, "/x", OperationKind.Cancel) { ItemPath = "/fapi/v1/order" }], "without a parameter for its items"),
        ["twice"] = ([new(HttpMethod.Post, "/x", OperationKind.Setting), new(HttpMethod.Post, "/x", OperationKind.Additive)], "Endpoints:POST /x: is added twice; keep one of the rows"),
    };

    public static TheoryData<string> Rows => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_faulty_row_is_refused_by_name_and_with_a_remedy(string row)
    {
        var (rows, fault) = Table[row];
        var options = new ExchangeErrorHandlingOptions();
        foreach (var added in rows)
        {
            options.Endpoints.Add(added);
        }

        var result = new ErrorHandlingOptionsValidator("futures").Validate("futures", options);

        result.Failed.ShouldBeTrue();
        var told = result.Failures.ShouldNotBeNull().ToList();
        told.ShouldContain(failure => failure.Contains(fault, StringComparison.Ordinal), string.Join('\n', told));
        told.ShouldAllBe(failure => failure.StartsWith($"client 'futures': Endpoints:{rows[0].Method} ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_is_added_or_stands_in_place_of_a_built_in_one()
    {
        var options = new ExchangeErrorHandlingOptions();
        options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/fapi/v1/somethingNew", OperationKind.Setting));
        options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/fapi/v1/leverage", OperationKind.Additive) { Weight = 7 });
        var faults = new List<string>();

        var table = EndpointRules.Compile(options, faults);

        faults.ShouldBeEmpty();
        table.Find(HttpMethod.Post, "/fapi/v1/somethingNew").Kind.ShouldBe(OperationKind.Setting);
        table.Find(HttpMethod.Post, "/fapi/v1/leverage").ShouldSatisfyAllConditions(static row => row.Kind.ShouldBe(OperationKind.Additive), static row => row.Weight.ShouldBe(7));
        table.Find(HttpMethod.Post, "/fapi/v1/marginType").Kind.ShouldBe(OperationKind.Setting);
        table.All.Count.ShouldBe(ExchangeVenue.BinanceUsdFutures.Endpoints.All.Count + 1);
    }

    [Fact]
    public void Every_built_in_row_would_be_accepted_from_a_program()
    {
        var options = new ExchangeErrorHandlingOptions();
        foreach (var row in options.Venue.Endpoints.All)
        {
            options.Endpoints.Add(row);
        }

        var faults = new List<string>();
        EndpointRules.Compile(options, faults);

        faults.ShouldBeEmpty();
    }

    private static ExchangeEndpoint Order(string path, string evidence) =>
        new(HttpMethod.Post, path, OperationKind.Place) { ClientIdParameter = "id", EvidencePath = evidence, EvidenceIdParameter = "id" };
}
