using System.Collections.Frozen;

namespace ExchangeResilience;

/// <summary>Endpoints found by method and path: those of a venue, with the rows of a program laid over them.</summary>
internal sealed class EndpointTable
{
    private static readonly ExchangeEndpoint UnknownQuery = new(HttpMethod.Get, "", OperationKind.Query) { IsListed = false, Security = EndpointSecurity.Public };
    private static readonly ExchangeEndpoint UnknownMutation = new(HttpMethod.Post, "", OperationKind.Unclassified) { IsListed = false, Security = EndpointSecurity.Public };
    private static readonly ExchangeEndpoint UnknownSignedQuery = new(HttpMethod.Get, "", OperationKind.Query) { IsListed = false };
    private static readonly ExchangeEndpoint UnknownSignedMutation = new(HttpMethod.Post, "", OperationKind.Unclassified) { IsListed = false };

    private readonly FrozenDictionary<string, ExchangeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _get;
    private readonly FrozenDictionary<string, ExchangeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _post;
    private readonly FrozenDictionary<string, ExchangeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _put;
    private readonly FrozenDictionary<string, ExchangeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _delete;

    public EndpointTable(IReadOnlyCollection<ExchangeEndpoint> rows)
    {
        All = rows;
        _get = ByPath(HttpMethod.Get);
        _post = ByPath(HttpMethod.Post);
        _put = ByPath(HttpMethod.Put);
        _delete = ByPath(HttpMethod.Delete);

        FrozenDictionary<string, ExchangeEndpoint>.AlternateLookup<ReadOnlySpan<char>> ByPath(HttpMethod method) =>
            rows.Where(row => row.Method == method).ToFrozenDictionary(row => row.Path, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyCollection<ExchangeEndpoint> All { get; }

    /// <summary>The table with further rows, each of which replaces one of the same method and path.</summary>
    public EndpointTable With(IReadOnlyCollection<ExchangeEndpoint> rows)
    {
        if (rows.Count == 0)
        {
            return this;
        }

        var replaced = rows.Select(row => (row.Method, row.Path)).ToHashSet();
        return new EndpointTable([.. All.Where(row => !replaced.Contains((row.Method, row.Path))), .. rows]);
    }

    /// <summary>The row of a request. An unlisted path is signed if its query has a timestamp.</summary>
    public ExchangeEndpoint Find(HttpMethod method, Uri address) => Find(method, RequestTarget.Of(address));

    /// <inheritdoc cref="Find(HttpMethod, Uri)"/>
    public ExchangeEndpoint Find(HttpMethod method, in RequestTarget target)
    {
        var row = Find(method, target.Path);
        if (row.IsListed || !target.Parameters.TryFind("timestamp", out _))
        {
            return row;
        }

        return row.IsMutation ? UnknownSignedMutation : UnknownSignedQuery;
    }

    /// <summary>The row of a path. A path the table does not know reads under GET and HEAD, and is an unclassified mutation under any other method.</summary>
    public ExchangeEndpoint Find(HttpMethod method, ReadOnlySpan<char> path)
    {
        if (method == HttpMethod.Get || method == HttpMethod.Head)
        {
            return _get.TryGetValue(path, out var query) ? query : UnknownQuery;
        }

        ExchangeEndpoint? row = null;
        var isListed = method == HttpMethod.Post ? _post.TryGetValue(path, out row)
            : method == HttpMethod.Put ? _put.TryGetValue(path, out row)
            : method == HttpMethod.Delete && _delete.TryGetValue(path, out row);
        return isListed ? row! : UnknownMutation;
    }
}
