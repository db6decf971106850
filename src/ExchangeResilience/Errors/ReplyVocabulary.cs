namespace ExchangeResilience;

/// <summary>The wording of one venue's replies: which codes are failures, which texts mean something by themselves, and how a wait is named.</summary>
internal sealed class ReplyVocabulary
{
    /// <summary>For reading only where the parts of a body are: no code and no text means anything.</summary>
    public static ReplyVocabulary None { get; } = new() { IsFailure = static _ => false, Texts = [], Banned = [], BannedUntil = [], OrdersPer = [], Ten = [] };

    /// <summary>Whether a code says that the request failed.</summary>
    public required Predicate<int> IsFailure { get; init; }

    /// <summary>The texts; of several that match, the first counts.</summary>
    public required ReplyText[] Texts { get; init; }

    /// <summary>The word for a ban.</summary>
    public required byte[] Banned { get; init; }

    /// <summary>The word after it, before the instant at which the ban ends.</summary>
    public required byte[] BannedUntil { get; init; }

    /// <summary>What precedes the window of a limit on orders.</summary>
    public required byte[] OrdersPer { get; init; }

    /// <summary>The word for ten in such a window; all other counts are digits.</summary>
    public required byte[] Ten { get; init; }

    /// <summary>Reads a whole message. Whether it is about maintenance is a separate check: a code says more.</summary>
    public KnownText OfMessage(ReadOnlySpan<byte> message)
    {
        message = message.Trim(" \t\r\n"u8);
        if (message.IsEmpty)
        {
            return KnownText.None;
        }

        foreach (var text in Texts)
        {
            if (text.Meaning != KnownText.Maintenance && text.Matches(message))
            {
                return text.Meaning;
            }
        }

        return KnownText.None;
    }

    /// <summary>Searches text of no known structure. It finds what makes an outcome unknown, never what makes it certain.</summary>
    public KnownText Within(ReadOnlySpan<byte> message)
    {
        foreach (var text in Texts)
        {
            if ((text.Meaning.LeavesOutcomeOpen() || text.Meaning == KnownText.Maintenance) && text.IsIn(message))
            {
                return text.Meaning;
            }
        }

        return KnownText.None;
    }

    public bool MentionsMaintenance(ReadOnlySpan<byte> message)
    {
        foreach (var text in Texts)
        {
            if (text.Meaning == KnownText.Maintenance && text.IsIn(message))
            {
                return true;
            }
        }

        return false;
    }
}
