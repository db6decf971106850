using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>What is known about a response beyond its bytes. Hangs on the response: a request may be sent again and would show the wrong one.</summary>
internal sealed class ResponseAnnotations
{
    private static readonly ConditionalWeakTable<HttpResponseMessage, ResponseAnnotations> Table = [];

    public ExchangeError? Error { get; set; }
    public IReadOnlyList<ExchangeError?>? Items { get; set; }
    public RecoveryReport? Report { get; set; }

    /// <summary>Of a batch: what it would say now of items that did nothing when it was answered; null where it would say the same.</summary>
    public Func<HttpResponseMessage?>? Refresh { get; set; }

    /// <summary>Whether the response is one that a handler above made.</summary>
    public bool IsOfAHandlerAbove { get; private init; }

    /// <summary>Whether a response is of a batch that is unknown in part. Its caller makes the whole call again, and must get the outcome of the other items there.</summary>
    public static bool IsUnknownInPart(object? word) =>
        word is HttpResponseMessage response && Find(response)?.Items?.Any(static error => error is { Execution: ExecutionStatus.Unknown }) == true;

    public static ResponseAnnotations? Find(HttpResponseMessage response) => Table.TryGetValue(response, out var annotations) ? annotations : null;

    /// <summary>What is known about a response that a handler above has put in place of one, or of none.</summary>
    public static ResponseAnnotations OfAHandlerAbove(HttpResponseMessage response, ResponseAnnotations? replaced)
    {
        var annotations = new ResponseAnnotations { Error = replaced?.Error, Items = replaced?.Items, Report = replaced?.Report, Refresh = replaced?.Refresh, IsOfAHandlerAbove = true };
        Table.AddOrUpdate(response, annotations);
        return annotations;
    }

    public static ResponseAnnotations Of(HttpResponseMessage response) => Table.GetOrCreateValue(response);
}
