namespace ExchangeResilience;

/// <summary>A call that ended in an error of the exchange, or whose outcome is unknown. Its message never holds a URL, key or signature.</summary>
public sealed class ExchangeErrorException : HttpRequestException
{
    internal ExchangeErrorException(string message, ExchangeError error, RecoveryReport? report, Exception? inner = null)
        : base(message, inner, error.Status)
    {
        Error = error;
        Report = report;
        HelpLink = error.HelpLink;
    }

    /// <summary>The classified error.</summary>
    public ExchangeError Error { get; }

    /// <summary>What was tried, why, and on what evidence; null where nothing was sent.</summary>
    public RecoveryReport? Report { get; }

    internal static string Describe(ExchangeError error) => $"{error} {error.Advice}";
}
