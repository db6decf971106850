using System.Net;

namespace ExchangeResilience;

/// <summary>A classified error: what the exchange said, what it means, and whether the request took effect.</summary>
public sealed record ExchangeError
{
    /// <summary>The exchange's code, for example -1021; 0 where it gave none.</summary>
    public required int Code { get; init; }

    /// <summary>The official name of the code, or this library's name of an error without one.</summary>
    public required string Name { get; init; }

    /// <summary>The exchange's own message, shortened and stripped of secrets; of a refusal of this library's own, what this case adds to its name. Empty where there is none.</summary>
    public required string Message { get; init; }

    /// <summary>What kind of trouble it is.</summary>
    public required ErrorCategory Category { get; init; }

    /// <summary>Whether the request took effect.</summary>
    public required ExecutionStatus Execution { get; init; }

    /// <summary>The HTTP status; null where no reply arrived.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>When the request may leave again, on this machine's clock; null where the exchange asked for no wait, and where the wait was over before the call ended.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How long to wait from the moment this error was made; null where <see cref="RetryAt"/> is null because there is nothing to wait for.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What it means and what to do about it.</summary>
    public required string Advice { get; init; }

    /// <summary>The error's anchor in the code reference: <c>code-1021</c>, or the name of an error without a code, as in <c>connection-lost</c>.</summary>
    public string HelpAnchor => CodeReference.AnchorOf(Code, Name);

    /// <summary>Page and anchor in the documentation that lies in this package, as in <c>docs/codes.md#code-1021</c>: relative to the package's folder, and to <c>src/ExchangeResilience</c> of the repository.</summary>
    public string HelpLink => CodeReference.LinkTo(HelpAnchor);

    /// <summary>Whether the exchange gave this code.</summary>
    /// <param name="code">A code, for example <c>ExchangeErrorCodes.InvalidTimestamp</c> (-1021).</param>
    public bool Is(int code) => Code == code;

    /// <summary>Code, name, execution and message in one line, without URL, key or signature.</summary>
    public override string ToString() => Describe($"{Category}, {Execution}");

    /// <summary>The same, as the reply to a look-up: its execution would be taken for that of the order looked for.</summary>
    internal string AsReply => Describe($"{Category}");

    /// <summary>Evidence has contradicted what the exchange said in its message, which leaves the outcome open: the message is not repeated next to the proof.</summary>
    internal bool IsProvenAbsent { get; init; }

    private string Describe(string kind) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(Code == 0 ? "no code" : Code)} {Name} ({kind}){(Message.Length == 0 || IsProvenAbsent ? "" : $": {Message}")}");
}
