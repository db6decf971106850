namespace ExchangeResilience;

/// <summary>
/// The parameters of a request, in the order they are sent: those of the query, then those of the form body. Where a name is
/// in both, the query wins, as it does at the exchange. Names are case-sensitive. Nothing is copied until a value is read.
/// </summary>
internal readonly struct RequestParameters(string? query, int queryStart, string? body)
{
    /// <summary>Of a query, with or without its question mark, and of a body, if that is <c>application/x-www-form-urlencoded</c>.</summary>
    public RequestParameters(string? query, string? body)
        : this(query, queryStart: 0, body)
    {
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

    public Enumerator GetEnumerator() => new(query ?? "", queryStart, body ?? "");

    /// <summary>Walks the query, then the body; empty pieces (<c>a=1&amp;&amp;b=2</c>) are no parameters.</summary>
    internal struct Enumerator(string query, int queryStart, string body)
    {
        private string _text = query;
        private bool _inQuery = true;
        private int _next = queryStart < query.Length && query[queryStart] == '?' ? queryStart + 1 : queryStart;

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
                _text = body;
                _next = 0;
            }
        }
    }
}
