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

    public static ResponseAnnotations? Find(HttpResponseMessage response) => Table.TryGetValue(response, out var annotations) ? annotations : null;

    public static ResponseAnnotations Of(HttpResponseMessage response) => Table.GetOrCreateValue(response);
}
