using System.Diagnostics;

namespace ExchangeResilience;

/// <summary>The activity source <c>ExchangeResilience</c>: a span for each call, with an event for each attempt, decision and step. Without a listener nothing is made.</summary>
internal static class CallTrace
{
    public const string SourceName = "ExchangeResilience";

    public const string AttemptEvent = "exchange.attempt";
    public const string DecisionEvent = "exchange.decision";

    private static readonly ActivitySource Source = new(SourceName, typeof(CallTrace).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether anybody listens; what is costly to tell is told only then.</summary>
    public static bool IsHeard => Source.HasListeners();

    // Found through the flow of the call, so that a call pays nothing for a span it does not have.
    private static Activity? Current => Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } span && ReferenceEquals(span.Source, Source) ? span : null;

    /// <summary>Begins the span of a call. Its parts are spans of their own: the runtime makes one for each request that leaves.</summary>
    /// <param name="operation">Method and path.</param>
    /// <param name="client">The named client.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="isOwnQuestion">A question of this library's own.</param>
    public static Activity? Start(ExchangeOperation operation, string client, string environment, bool isOwnQuestion)
    {
        var span = Source.StartActivity(operation.ToString(), ActivityKind.Internal);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(TagNames.Operation, operation.Kind.ToString());
            span.SetTag(TagNames.Client, client);
            span.SetTag(TagNames.Environment, environment);
            span.SetTag(TagNames.OwnQuestion, isOwnQuestion);
        }

        return span;
    }

    /// <summary>How the call of a span ended.</summary>
    /// <param name="span">The span; null where nobody listens.</param>
    /// <param name="attempts">How often the request was sent.</param>
    /// <param name="execution">Whether it took effect; null where that is no question.</param>
    /// <param name="error">The error the caller was given; null after a success.</param>
    public static void End(Activity? span, int attempts, ExecutionStatus? execution, ExchangeError? error)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag(TagNames.Attempts, attempts);
        if (execution is { } known)
        {
            span.SetTag(TagNames.Execution, known.ToString());
        }

        if (error is not null)
        {
            span.SetTag(TagNames.ErrorType, error.Name);
            span.SetTag(TagNames.ErrorCode, error.Code);
            span.SetTag(TagNames.ErrorCategory, error.Category.ToString());
            span.SetStatus(ActivityStatusCode.Error, error.Name);
        }
    }

    /// <summary>The call of a span ended in an exception that tells nothing of the exchange. Its message may hold anything, and is not kept.</summary>
    public static void Fail(Activity? span, Exception failure)
    {
        if (span is not null)
        {
            span.SetTag(TagNames.ErrorType, failure.GetType().FullName);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>An attempt has ended.</summary>
    /// <param name="number">Its number; 0 where it was held back before any left.</param>
    /// <param name="status">The status of the reply; null where none came.</param>
    /// <param name="error">What was wrong; null after a success.</param>
    public static void Attempt(int number, int? status, ExchangeError? error)
    {
        if (Current is not { } span)
        {
            return;
        }

        var tags = new ActivityTagsCollection { { TagNames.Attempt, number } };
        if (status is { } given)
        {
            tags.Add(TagNames.StatusCode, given);
        }

        if (error is not null)
        {
            tags.Add(TagNames.ErrorType, error.Name);
            tags.Add(TagNames.ErrorCode, error.Code);
            tags.Add(TagNames.ErrorCategory, error.Category.ToString());
            tags.Add(TagNames.Execution, error.Execution.ToString());
        }

        span.AddEvent(new ActivityEvent(AttemptEvent, tags: tags));
    }

    /// <summary>A decision was taken about a failed attempt.</summary>
    public static void Decided(DecisionAction action, DecisionReason reason, TimeSpan delay)
    {
        if (Current is { } span)
        {
            span.AddEvent(new ActivityEvent(DecisionEvent, tags: new ActivityTagsCollection
            {
                { TagNames.Decision, action.ToString() },
                { TagNames.DecisionReason, reason.ToString() },
                { TagNames.Delay, delay.TotalSeconds },
            }));
        }
    }

    /// <summary>Something else happened on the way, which its name says all about.</summary>
    public static void Note(string name) => Current?.AddEvent(new ActivityEvent(name));
}
