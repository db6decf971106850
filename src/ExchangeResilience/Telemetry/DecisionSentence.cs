using System.Globalization;

namespace ExchangeResilience;

/// <summary>A decision as a sentence, for reports and the log.</summary>
internal static class DecisionSentence
{
    private static readonly string[] GivenUp = [.. Enum.GetValues<DecisionReason>().Select(static reason => $"given to the caller ({Wording.Of(reason)})")];

    /// <summary>The retry is counted from 1. A lane that the failure has closed opens in <paramref name="laneOpensIn"/>.</summary>
    public static string Of(in Decision decision, int retry, int retries, TrafficLane lane = TrafficLane.None, TimeSpan laneOpensIn = default, bool canAsk = true) => decision.Action switch
    {
        DecisionAction.Retry when laneOpensIn > TimeSpan.Zero =>
            string.Create(CultureInfo.InvariantCulture, $"retry {retry} of {retries} in {laneOpensIn.TotalMilliseconds:0} ms, when the {lane} lane opens"),
        DecisionAction.Retry => string.Create(CultureInfo.InvariantCulture, $"retry {retry} of {retries} in {decision.Delay.TotalMilliseconds:0} ms ({Wording.Of(decision.Reason)})"),
        DecisionAction.Resync => "the clock is measured, then the request is stamped, signed and sent again",
        DecisionAction.Reconcile when !canAsk => "never sent again, and without this client's own key it cannot be looked up at the exchange",
        DecisionAction.Reconcile => "the exchange is asked what happened before anything else",
        DecisionAction.AwaitPlace when !canAsk => "the order this cancel names is in doubt, and without this client's own key it cannot be looked up at the exchange",
        DecisionAction.AwaitPlace => "the order this cancel names is in doubt; its verdict is awaited",
        DecisionAction.ConsultHistory when !canAsk => "never sent again, and without this client's own key its effect cannot be looked up at the exchange",
        DecisionAction.ConsultHistory => "never sent again; the exchange's history is asked for its effect",
        DecisionAction.ConfirmCancel when !canAsk => "without this client's own key the order cannot be looked up at the exchange",
        DecisionAction.ConfirmCancel => "the order is looked up at the exchange",
        DecisionAction.ReturnAsSuccess => $"counts as a success ({Wording.Of(decision.Reason)})",
        _ => GivenUp[(int)decision.Reason],
    };
}
