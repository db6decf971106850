namespace ExchangeResilience;

/// <summary>
/// The parameters of a request, in the order they are sent: those of the query, then those of the form body. Where a name is
/// in both, the query wins, as it does at the exchange. Names are case-sensitive. Nothing is copied until a value is read.
/// </summary>
internal readonly struct RequestParameters
{
    private readonly string? _query;
    private readonly int _queryStart;
    private readonly string? _body;

    /// <param name="query">The query, with or without its question mark.</param>
    /// <param name="body">The body, if it is <c>application/x-www-form-urlencoded</c>.</param>
    public RequestParameters(string? query, string? body)
    {
        _query = query;
        _body = body;
    }

    /// <param name="address">An address without a fragment.</param>
    /// <param name="queryStart">Where its query begins.</param>
    /// <param name="body">The body, if it is <c>application/x-www-form-urlencoded</c>.</param>
    public RequestParameters(string address, int queryStart, string? body)
    {
        _query = address;
        _queryStart = queryStart;
        _body = body;
    }

    /// <summary>The decoded value that the exchange will read, or null if there is none of that name.</summary>
    public string? this[string name] => TryFind(name, out var parameter) ? parameter.Value : null;

    /// <summary>Finds the parameter that the exchange will read under this name.</summary>
    public bool TryFind(string name, out RequestParameter found)
    {
        foreach (var parameter in this)
        {
            if (parameter.IsNamed(name))
            {
                found = parameter;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>How often the name occurs in query and body together; the exchange refuses more than one (-1101).</summary>
    public int CountOf(string name)
    {
        var count = 0;
        foreach (var parameter in this)
        {
            if (parameter.IsNamed(name))
            {
                count++;
            }
        }

        return count;
    }

    public Enumerator GetEnumerator() => new(_query ?? "", _queryStart, _body ?? "");

    /// <summary>Walks the query, then the body; empty pieces (<c>a=1&amp;&amp;b=2</c>) are no parameters.</summary>
    internal struct Enumerator
    {
        private readonly string _body;
        private string _text;
        private bool _inQuery;
        private int _next;

        internal Enumerator(string query, int queryStart, string body)
        {
            _text = query;
            _body = body;
            _inQuery = true;
            _next = queryStart < query.Length && query[queryStart] == '?' ? queryStart + 1 : queryStart;
        }

        public RequestParameter Current { get; private set; }

        public bool MoveNext()
        {
            while (true)
            {
                while (_next < _text.Length)
                {
                    var start = _next;
                    var length = _text.AsSpan(start).IndexOf('&');
                    if (length < 0)
                    {
                        length = _text.Length - start;
                    }

                    _next = start + length + 1;
                    if (length == 0)
                    {
                        continue;
                    }

                    Current = new RequestParameter(_text, start, length, _inQuery);
                    return true;
                }

                if (!_inQuery)
                {
                    return false;
                }

                _inQuery = false;
                _text = _body;
                _next = 0;
            }
        }
    }
}
