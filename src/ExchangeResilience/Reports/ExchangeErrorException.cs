using System.Globalization;

namespace ExchangeResilience;

/// <summary>
/// A call that ended in an error of the exchange, or whose outcome is unknown. Its message names client, request and client order id, what is known, and what happens next; it never
/// holds a URL, key or signature.
/// </summary>
public sealed class ExchangeErrorException : HttpRequestException
{
    private const string NoMessage = "The call ended in an error of the exchange.";

    /// <summary>An exception of which nothing is known: its <see cref="Error"/> has an unknown outcome. For tests of a <c>catch</c>.</summary>
    public ExchangeErrorException()
        : this(NoMessage)
    {
    }

    /// <summary>An exception of which nothing but a text is known: its <see cref="Error"/> has an unknown outcome. For tests of a <c>catch</c>.</summary>
    /// <param name="message">The text.</param>
    public ExchangeErrorException(string? message)
        : this(message, innerException: null)
    {
    }

    /// <summary>An exception of which nothing but a text and a cause is known: its <see cref="Error"/> has an unknown outcome. For tests of a <c>catch</c>.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause.</param>
    public ExchangeErrorException(string? message, Exception? innerException)
        : this(message ?? NoMessage, LocalErrors.EndedEarly(ExecutionStatus.Unknown), report: null, innerException)
    {
    }

    /// <summary>An exception as the middleware throws it.</summary>
    /// <param name="error">The classified error.</param>
    /// <param name="report">What was tried; null where nothing was sent.</param>
    /// <param name="innerException">What a handler or the transport threw; null where nothing was thrown.</param>
    public ExchangeErrorException(ExchangeError error, RecoveryReport? report = null, Exception? innerException = null)
        : this(Describe(error, report), error, report, innerException)
    {
    }

    private ExchangeErrorException(string message, ExchangeError error, RecoveryReport? report, Exception? inner)
        : base(message, inner, error.StatusCode)
    {
        Error = error;
        Report = report;
        HelpLink = error.HelpLink;
    }

    /// <summary>The classified error.</summary>
    public ExchangeError Error { get; }

    /// <summary>What was tried, why, and on what evidence; null where nothing was sent.</summary>
    public RecoveryReport? Report { get; }

    /// <summary>The body of the refusal that is thrown; null where there is none.</summary>
    internal byte[]? Body { get; init; }

    /// <summary>Finds it inside the exceptions that a library, a handler or a serializer has wrapped around it; null where there is none.</summary>
    /// <param name="exception">The exception caught.</param>
    public static ExchangeErrorException? Find(Exception? exception) => WrappedExceptions.Find<ExchangeErrorException>(exception);

    /// <summary>A refusal before there was anything to report.</summary>
    internal static ExchangeErrorException Refusal(ExchangeError error, string subject, Exception? cause = null) => new(Describe(error, subject, next: null), error, report: null, cause);

    /// <summary>About what; what is known, and until when; what happens next; what to do.</summary>
    internal static string Describe(ExchangeError error, RecoveryReport? report)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Describe(error, report?.Subject, report?.Next);
    }

    private static string Describe(ExchangeError error, string? subject, string? next) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(subject is null ? "" : $"{OneLine.Of(subject)}: ")}{error.ToString().TrimEnd('.')}{(error.RetryAt is { } until ? $", until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z" : "")}. {(next is null ? "" : $"{next} ")}{error.Advice}");
}
