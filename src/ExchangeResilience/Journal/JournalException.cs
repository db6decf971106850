namespace ExchangeResilience;

/// <summary>The journal cannot be read or written. The message says what to do about it, and names no order.</summary>
public sealed class JournalException : IOException
{
    /// <summary>Creates the exception.</summary>
    public JournalException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and what to do about it.</param>
    public JournalException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and what to do about it.</param>
    /// <param name="innerException">The store's own exception.</param>
    public JournalException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>One entry cannot be read: new orders of its name are refused, and no others. False unless set.</summary>
    public bool ConcernsOneEntry { get; init; }
}
