using System.Collections.Frozen;

namespace ExchangeResilience;

/// <summary>A venue's endpoints, found by method and path.</summary>
internal sealed class EndpointTable
{
    private static readonly Endpoint UnknownQuery = new(HttpMethod.Get, "", OperationKind.Query) { IsListed = false, Security = EndpointSecurity.Public };
    private static readonly Endpoint UnknownMutation = new(HttpMethod.Post, "", OperationKind.Unclassified) { IsListed = false, Security = EndpointSecurity.Public };
    private static readonly Endpoint UnknownSignedQuery = UnknownQuery with { Security = EndpointSecurity.Signed };
    private static readonly Endpoint UnknownSignedMutation = UnknownMutation with { Security = EndpointSecurity.Signed };

    private readonly FrozenDictionary<string, Endpoint> _get;
    private readonly FrozenDictionary<string, Endpoint> _post;
    private readonly FrozenDictionary<string, Endpoint> _put;
    private readonly FrozenDictionary<string, Endpoint> _delete;

    public EndpointTable(IReadOnlyCollection<Endpoint> rows)
    {
        All = rows;
        _get = ByPath(HttpMethod.Get);
        _post = ByPath(HttpMethod.Post);
        _put = ByPath(HttpMethod.Put);
        _delete = ByPath(HttpMethod.Delete);

        FrozenDictionary<string, Endpoint> ByPath(HttpMethod method) =>
            rows.Where(row => row.Method == method).ToFrozenDictionary(row => row.Path, StringComparer.Ordinal);
    }

    public IReadOnlyCollection<Endpoint> All { get; }

    /// <summary>The row of a request. An unlisted path is signed if its query asks for it by naming a timestamp.</summary>
    public Endpoint Find(HttpMethod method, Uri address)
    {
        var row = Find(method, address.AbsolutePath);
        if (row.IsListed || !new RequestParameters(address.Query, null).TryFind("timestamp", out _))
        {
            return row;
        }

        return row.IsMutation ? UnknownSignedMutation : UnknownSignedQuery;
    }

    /// <summary>The row of a path. A path the table does not know reads under GET and HEAD, and is an unclassified mutation under any other method.</summary>
    public Endpoint Find(HttpMethod method, ReadOnlySpan<char> path)
    {
        if (method == HttpMethod.Get || method == HttpMethod.Head)
        {
            return _get.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out var query) ? query : UnknownQuery;
        }

        var rows = method == HttpMethod.Post ? _post : method == HttpMethod.Put ? _put : method == HttpMethod.Delete ? _delete : null;
        return rows is not null && rows.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out var row) ? row : UnknownMutation;
    }
}
