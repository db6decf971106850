using ExchangeResilience;
using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>Orders whose outcome the exchange or the wire leaves open, one that was executed and one that was not of each kind.</summary>
internal abstract class UnknownAct(params (string Id, Fault Fault, string Answer)[] orders) : IAct
{
    public abstract string Title { get; }

    public string Promise => "Nothing is sent again; the exchange is asked until evidence tells whether the order was executed.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        foreach (var (id, fault, answer) in orders)
        {
            scene.Exchange.Faults.Next(request => request.IsPlace && request.ClientOrderId == id, fault);
            scene.Script($"{(fault.Executes == true ? "will execute" : "will not execute")} {id}, and answer {answer}");
        }

        var errors = await Task.WhenAll(orders.Select((order, index) => scene.PlaceAsync(Scene.Buy(order.Id, (index + 1) * 0.001m), cancellationToken)));

        foreach (var ((id, fault, _), error) in orders.Zip(errors))
        {
            var executions = scene.Exchange.ExecutionsOf(id).Count;
            var isRight = fault.Executes == true ? error is null && executions == 1 : error is { Execution: ExecutionStatus.NotExecuted } && executions == 0;
            scene.Check($"{id}: {(error is null ? "found" : "proven absent")}, sent once, {executions} in the book", isRight && scene.Seen("POST", "/fapi/v1/order", id) == 1);
        }
    }
}

internal sealed class StatusUnknownAct() : UnknownAct(
    ("timeout-done", Fault.ExecutedTimeout, "408 with -1007"),
    ("timeout-lost", Fault.RefuseWithCode(408, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."), "408 with -1007"),
    ("message-done", Fault.ExecutedUnexpectedResponse, "503 with -1006"),
    ("message-lost", Fault.RefuseWithCode(503, -1006, "An unexpected response was received from the message bus. Execution status unknown."), "503 with -1006"))
{
    public override string Title => "-1006 and -1007: execution status unknown";
}

internal sealed class ConnectionLostAct() : UnknownAct(
    ("reset-done", Fault.ExecuteThenDrop, "nothing: the connection is reset"),
    ("reset-lost", Fault.DropBeforeExecute, "nothing: the connection is reset"),
    ("closed-done", Fault.ExecuteThenFin, "nothing: the connection is closed"),
    ("closed-lost", Fault.FinBeforeExecute, "nothing: the connection is closed"),
    ("half-done", Fault.HalfBody, "half a reply"))
{
    public override string Title => "The connection is lost";
}
