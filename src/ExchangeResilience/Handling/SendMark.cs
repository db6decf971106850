namespace ExchangeResilience;

/// <summary>Lies in a message of <c>SendExchangeAsync</c>, and shows afterwards whether a client with exchange error handling has taken it: a plain success has no other sign.</summary>
internal sealed class SendMark
{
    private static readonly HttpRequestOptionsKey<SendMark> Key = new("ExchangeResilience.SendMark");

    /// <summary>Whether any request of the process has had one. Until then none is read: reading a message's options allocates them.</summary>
    public static bool IsUsed { get; set; }

    public bool IsTaken { get; private set; }

    /// <summary>An exception ended the call although the request may have taken effect.</summary>
    public bool MayHaveTakenEffect { get; set; }

    public static SendMark PutOn(HttpRequestMessage request)
    {
        var mark = new SendMark();
        IsUsed = true;
        request.Options.Set(Key, mark);
        return mark;
    }

    public static void Take(HttpRequestMessage request)
    {
        if (Find(request) is { } mark)
        {
            mark.IsTaken = true;
        }
    }

    public static SendMark? Find(HttpRequestMessage request) => IsUsed && request.Options.TryGetValue(Key, out var mark) ? mark : null;
}
