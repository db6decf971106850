using System.Globalization;
using ExchangeResilience.Simulation.Tests.Checks;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>
/// The program above the middleware: goes through its scripts one after the other, and after a restart goes on where its ledger says it was. It sends
/// again what was not executed, asks again about what is unknown under the same id, and never sends an order without an id again once its process has died.
/// </summary>
internal sealed class Caller(World world, SimulatedProcess process, IReadOnlyList<ScriptRecord> scripts)
{
    // Refusals that no repeat will change, or that already say what the caller wants to know.
    private static readonly HashSet<int> Final = [-2011, -2013, -2022, -4116, -5021, -5022, -5027];

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task RunAsync()
    {
        foreach (var script in scripts)
        {
            if (script.IsOver)
            {
                continue;
            }

            await WaitAsync(script.Script.StartAfter);
            switch (script.Script)
            {
                case OrderScript single:
                    await FollowAsync(single, script.Orders[0]);
                    break;
                case BatchScript batch:
                    await FollowAsync(batch, script.Orders);
                    break;
                default:
                    throw new NotSupportedException(script.Script.GetType().Name);
            }

            script.IsOver = true;
        }
    }

    private async Task FollowAsync(OrderScript script, OrderRecord order)
    {
        var early = script.Cancel is { WhilePlacing: true } meant ? CancelMeanwhileAsync(meant, order.Cancel!) : Task.CompletedTask;
        await SettleAsync(order.Place);
        if (order.Place.Last is { Execution: ExecutionStatus.Executed } placed && (script.Order.Id ?? placed.OrderId) is not null)
        {
            for (var index = 0; index < order.Amends.Count; index++)
            {
                await WaitAsync(script.Amends[index].After);
                order.Amends[index].OrderId = placed.OrderId;
                await SettleAsync(order.Amends[index]);
            }

            if (script.Cancel is { WhilePlacing: false } then)
            {
                await WaitAsync(then.After);
                order.Cancel!.OrderId = placed.OrderId;
                await SettleAsync(order.Cancel);
            }
        }

        await early;
    }

    private async Task FollowAsync(BatchScript script, IReadOnlyList<OrderRecord> orders)
    {
        await SettleAsync([.. orders.Select(static order => order.Place)], script.Manner);
        var resting = orders.Where(static order => order is { Terms: { Type: "LIMIT", Id: not null, Namesake: Namesake.None }, Place.Last.Execution: ExecutionStatus.Executed }).ToList();
        if (script.Amend is { } amend)
        {
            await WaitAsync(amend.Pause);
            await SettleAsync([.. resting.Select(static order => order.Amends[0])], amend);
        }

        if (script.Cancel is { } cancel)
        {
            await WaitAsync(cancel.Pause);
            await SettleAsync([.. resting.Select(static order => order.Cancel!)], cancel);
        }
    }

    private async Task CancelMeanwhileAsync(CancelWanted meant, Operation cancel)
    {
        await WaitAsync(meant.After);
        await SettleAsync(cancel);
    }

    /// <summary>Calls until it is done, or clearly refused, or the caller's patience is at its end.</summary>
    private async Task SettleAsync(Operation operation)
    {
        if (operation.IsOver || (operation is { IsBegun: true, Kind: EffectKind.Placed, Order.Id: null }))
        {
            return;
        }

        for (var turn = 1; ; turn++)
        {
            var told = await CallAsync(operation, turn == 1 ? operation.Manner.CancelAfter : null);
            if (told.Execution == ExecutionStatus.Executed || turn >= operation.Manner.Turns || (told.Execution == ExecutionStatus.NotExecuted && Final.Contains(told.Code)))
            {
                operation.IsOver = true;
                return;
            }

            if (told.Execution == ExecutionStatus.Unknown && operation.Manner.Looks && operation.Order.Id is not null)
            {
                await LookAsync(operation);
            }

            await WaitAsync(Patience(told.RetryAt, operation.Manner));
        }
    }

    /// <summary>
    /// The same for a batch: it is made again whole while any part of it is unknown, and then of what did not succeed. After a restart it is made again whole
    /// only if every order of it has an id.
    /// </summary>
    private async Task SettleAsync(IReadOnlyList<Operation> operations, Manner manner)
    {
        var rest = operations.Where(static operation => !operation.IsOver).ToList();
        if (rest.Exists(static operation => operation is { IsBegun: true, Kind: EffectKind.Placed, Order.Id: null }))
        {
            rest.ForEach(static operation => operation.IsOver = operation is { IsBegun: true } and ({ Order.Id: null } or { Last.Execution: ExecutionStatus.Executed }));
            rest.RemoveAll(static operation => operation.IsOver);
        }

        for (var turn = 1; rest.Count > 0; turn++)
        {
            await CallAsync(rest, manner, turn == 1 ? manner.CancelAfter : null);
            var retryAt = rest.Max(static operation => operation.Last!.RetryAt);
            if (turn >= manner.Turns || rest.TrueForAll(static operation => operation.Last is { Execution: not ExecutionStatus.Unknown }))
            {
                foreach (var operation in rest)
                {
                    operation.IsOver = turn >= manner.Turns || operation.Last is { Execution: ExecutionStatus.Executed }
                        || (operation.Last is { Execution: ExecutionStatus.NotExecuted } told && Final.Contains(told.Code));
                }
            }

            rest.RemoveAll(static operation => operation.IsOver);
            await WaitAsync(Patience(retryAt, manner));
        }
    }

    private async Task CallAsync(List<Operation> operations, Manner manner, TimeSpan? cancelAfter)
    {
        var calledAt = world.Time.Elapsed;
        world.Log.Add($"{process}: a batch called, {manner.Road}: {string.Join(", ", operations)}");
        using var request = BatchRequests.For(operations, manner);
        using var cancel = cancelAfter is { } after ? new CancellationTokenSource(after, process.Time) : new CancellationTokenSource();
        IReadOnlyList<CallAnswer>? told;
        foreach (var operation in operations)
        {
            operation.Begin(calledAt);
        }

        try
        {
            using var response = await process.Client(manner.Road).SendAsync(request, cancel.Token);
            await OnlyIfAliveAsync();
            told = CallAnswers.OfItems(response, operations.Count, process, calledAt, world.Time.Elapsed);
        }
        catch (Exception thrown)
        {
            await OnlyIfAliveAsync();
            var single = CallAnswers.Of(thrown, process, calledAt, world.Time.Elapsed);
            if (single is null || (single is { Name: "cancelled outside" } && cancelAfter is null && manner.Road == Road.Plain))
            {
                world.Findings.Violate("a caller is given only what it was promised", $"{string.Join(", ", operations)} threw {Findings.Describe(thrown)}");
                single ??= new CallAnswer(process, calledAt, world.Time.Elapsed, ExecutionStatus.Unknown, 0, thrown.GetType().Name, null);
            }

            told = [.. Enumerable.Repeat(single, operations.Count)];
        }

        for (var index = 0; index < operations.Count; index++)
        {
            operations[index].Note(told[index]);
            world.Log.Add($"{process}: {operations[index]} told {told[index]}");
        }
    }

    private TimeSpan Patience(DateTimeOffset? retryAt, Manner manner) =>
        retryAt - process.Time.GetUtcNow() is { } asked && asked > manner.Pause ? asked < LongestWait ? asked + ShortestWait : LongestWait : manner.Pause;

    private async Task<CallAnswer> CallAsync(Operation operation, TimeSpan? cancelAfter)
    {
        var calledAt = world.Time.Elapsed;
        operation.Begin(calledAt);
        world.Log.Add($"{process}: {operation} called, {operation.Manner.Road}: {operation.Parameters}");
        using var request = SingleRequests.For(operation, Spelling.Usual with { InBody = operation.Manner.InBody });
        using var cancel = cancelAfter is { } after ? new CancellationTokenSource(after, process.Time) : new CancellationTokenSource();
        CallAnswer? told;
        try
        {
            using var response = await process.Client(operation.Manner.Road).SendAsync(request, cancel.Token);
            await OnlyIfAliveAsync();
            told = await CallAnswers.OfAsync(response, process, calledAt, world.Time.Elapsed);
        }
        catch (Exception thrown)
        {
            await OnlyIfAliveAsync();
            told = CallAnswers.Of(thrown, process, calledAt, world.Time.Elapsed);
            if (told is null || (told is { Name: "cancelled outside" } && cancelAfter is null && operation.Manner.Road == Road.Plain))
            {
                world.Findings.Violate("a caller is given only what it was promised", $"{operation} threw {Findings.Describe(thrown)}");
                told ??= new CallAnswer(process, calledAt, world.Time.Elapsed, ExecutionStatus.Unknown, 0, thrown.GetType().Name, null);
            }
        }

        operation.Note(told);
        world.Log.Add($"{process}: {operation} told {told}");
        return told;
    }

    private async Task LookAsync(Operation operation)
    {
        using var patience = new CancellationTokenSource(LongestWait, process.Time);
        try
        {
            using var response = await process.Client(Road.Plain).GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol={operation.Order.Symbol}&origClientOrderId={operation.Order.Id}"), patience.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && patience.IsCancellationRequested))
        {
            // It only wanted to look.
        }

        await OnlyIfAliveAsync();
    }

    private async Task WaitAsync(TimeSpan time)
    {
        await Task.Delay(time > TimeSpan.Zero ? time : TimeSpan.Zero, process.Time);
        await OnlyIfAliveAsync();
    }

    // What still runs on in the instant of death must not reach the ledger.
    private async Task OnlyIfAliveAsync()
    {
        if (process.IsDead)
        {
            await Never<bool>.Ends;
        }
    }
}
