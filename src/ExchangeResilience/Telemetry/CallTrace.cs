using System.Diagnostics;

namespace ExchangeResilience;

/// <summary>The activity source <c>ExchangeResilience</c>: a span for each call, with an event for each attempt, decision and step. Without a listener nothing is made.</summary>
internal static class CallTrace
{
    public const string SourceName = "ExchangeResilience";

    public const string AttemptEvent = "exchange.attempt";
    public const string DecisionEvent = "exchange.decision";

    private static readonly ActivitySource Source = new(SourceName, typeof(CallTrace).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether there is a listener; what is costly is written only then.</summary>
    public static bool IsHeard => Source.HasListeners();

    // Found through the flow of the call, so that a call pays nothing for a span it does not have.
    private static Activity? Current => Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } span && ReferenceEquals(span.Source, Source) ? span : null;

    /// <summary>Begins the span of a call. Its parts are spans of their own: the runtime makes one for each request that leaves.</summary>
    public static CallSpan Start(ExchangeOperation operation, string client, string environment, bool isOwnQuestion)
    {
        var span = CallSpan.Begin(Source, operation.ToString());
        if (span.Activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(TagNames.Operation, operation.Kind.ToString());
            activity.SetTag(TagNames.Client, client);
            activity.SetTag(TagNames.Environment, environment);
            activity.SetTag(TagNames.OwnQuestion, isOwnQuestion);
        }

        return span;
    }

    /// <summary>How the call of a span ended: an execution where that applies, an error unless it was a success.</summary>
    public static void End(in CallSpan call, int attempts, ExecutionStatus? execution, ExchangeError? error)
    {
        if (call.Activity is not { } span)
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

    /// <summary>The call of a span ended in an exception that is not about the exchange. Its message may hold anything, and is not kept.</summary>
    public static void Fail(in CallSpan call, Exception failure)
    {
        if (call.Activity is { } span)
        {
            span.SetTag(TagNames.ErrorType, failure.GetType().FullName);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>An attempt has ended. Its number is 0 where it was held back before any left, its status null where no reply came, its error null after a success.</summary>
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

    /// <summary>Another event of the call, which its name describes in full.</summary>
    public static void Note(string name) => Current?.AddEvent(new ActivityEvent(name));
}

/// <summary>The span of a call. A listener is called as it begins and ends, and what it throws then does not reach the call.</summary>
internal readonly struct CallSpan : IDisposable
{
    private readonly Activity? _before;

    private CallSpan(Activity? activity, Activity? before) => (Activity, _before) = (activity, before);

    /// <summary>Null where there is no listener.</summary>
    public Activity? Activity { get; }

    public static CallSpan Begin(ActivitySource source, string name)
    {
        var before = System.Diagnostics.Activity.Current;
        try
        {
            return new CallSpan(source.StartActivity(name, ActivityKind.Internal), before);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            System.Diagnostics.Activity.Current = before;
            return default;
        }
    }

    public void Dispose()
    {
        try
        {
            Activity?.Dispose();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            System.Diagnostics.Activity.Current = _before;
        }
    }
}
