using System.Globalization;
using ExchangeResilience.Simulation.Tests.Actors;
using ExchangeResilience.Simulation.Tests.Checks;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>
/// The program above the middleware as its actors see it: what it wants done and what it was told, in a ledger that outlives its processes. A call whose process
/// dies is told nothing; its actor goes on when the next process has started.
/// </summary>
internal sealed class Application(World world)
{
    // Refusals that no repeat will change, or that already say what the caller wants to know.
    private static readonly HashSet<int> Final = [-2011, -2013, -2022, -4116, -4130, -5021, -5022, -5027];

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly Manner AnyManner = new(Road.Plain, InBody: false, Turns: 1, TimeSpan.Zero, CancelAfter: null, Looks: false);

    private readonly List<Operation> _operations = [];

    public World World => world;

    public IReadOnlyList<Operation> Operations => _operations;

    public async Task LetPlayAsync(Actor actor)
    {
        await WaitAsync(actor.StartAt);
        world.Log.Add($"{actor} begins");
        await actor.PlayAsync(this, Dice.For(world.Plan.Seed, string.Create(CultureInfo.InvariantCulture, $"actor {actor.Number}")));
        world.Log.Add($"{actor} is done");
    }

    public Operation Place(OrderTermsWanted terms, string account = Operation.MainAccount, string more = "") =>
        Add(new Operation(EffectKind.Placed, terms, $"place {terms.Id}", HttpMethod.Post, AnyManner) { Parameters = terms.Parameters + more, Quantity = terms.Quantity, Account = account });

    /// <summary>An order equal to one that is over, under its id.</summary>
    public Operation PlaceEqual(Operation before)
    {
        before.Until = world.Time.Elapsed;
        return Add(new Operation(before.Kind, before.Order, $"{before} again", before.Method, AnyManner) { Parameters = before.Parameters, Quantity = before.Quantity, Account = before.Account, Since = before.Until });
    }

    public Operation Amend(OrderTermsWanted terms, decimal price, decimal quantity, string account = Operation.MainAccount) =>
        Add(new Operation(EffectKind.Amended, terms, string.Create(CultureInfo.InvariantCulture, $"amend {terms.Id} to {price}"), HttpMethod.Put, AnyManner)
        {
            Parameters = string.Create(CultureInfo.InvariantCulture, $"symbol={terms.Symbol}&side={terms.Side}&price={price}&quantity={quantity}"),
            Quantity = quantity,
            Account = account,
        });

    public Operation Cancel(OrderTermsWanted terms, string account = Operation.MainAccount) =>
        Add(new Operation(EffectKind.Cancelled, terms, $"cancel {terms.Id}", HttpMethod.Delete, AnyManner) { Parameters = $"symbol={terms.Symbol}", Account = account });

    public Operation CancelAll(OrderTermsWanted one) =>
        Add(new Operation(EffectKind.Cancelled, one with { Id = null }, $"cancel all of {one.Symbol}", HttpMethod.Delete, AnyManner) { Path = "/fapi/v1/allOpenOrders", Parameters = $"symbol={one.Symbol}" });

    public Operation PlaceStop(OrderTermsWanted terms, decimal trigger) =>
        Add(new Operation(EffectKind.AlgoPlaced, terms, $"place stop {terms.Id}", HttpMethod.Post, AnyManner)
        {
            Path = "/fapi/v1/algoOrder",
            Parameters = string.Create(
                CultureInfo.InvariantCulture,
                $"algoType=CONDITIONAL&symbol={terms.Symbol}&side={terms.Side}&type=STOP_MARKET&triggerPrice={trigger}&quantity={terms.Quantity}{(terms.Id is null ? "" : $"&clientAlgoId={terms.Id}")}"),
            Quantity = terms.Quantity,
        });

    public Operation CancelStop(OrderTermsWanted terms) =>
        Add(new Operation(EffectKind.AlgoCancelled, terms, $"cancel stop {terms.Id}", HttpMethod.Delete, AnyManner) { Path = "/fapi/v1/algoOrder", Parameters = $"symbol={terms.Symbol}&clientAlgoId={terms.Id}" });

    public Operation AddMargin(OrderTermsWanted position, decimal amount) =>
        Add(new Operation(EffectKind.MarginChanged, position, string.Create(CultureInfo.InvariantCulture, $"add margin {amount}"), HttpMethod.Post, AnyManner)
        {
            Path = "/fapi/v1/positionMargin",
            Parameters = string.Create(CultureInfo.InvariantCulture, $"symbol={position.Symbol}&amount={amount}&type=1"),
            Quantity = amount,
        });

    /// <summary>One of the clients that sign for the house and keep verdicts.</summary>
    public string AnyClient(Dice dice, params ReadOnlySpan<Road> roads)
    {
        var fitting = new List<string>();
        foreach (var client in world.Plan.Settings.Clients.Where(static client => client.Signs && client.Name != LargerPlan.Other))
        {
            if (roads.IsEmpty || roads.Contains(client.Road))
            {
                fitting.Add(client.Name);
            }
        }

        return fitting.Count == 0 ? nameof(Road.Plain) : fitting[dice.Int(0, fitting.Count - 1)];
    }

    /// <summary>Calls, with a request built anew, until it is done, kept, or clearly refused, or patience is at its end.</summary>
    public async Task<CallAnswer> InsistAsync(Operation operation, Dice dice, Func<string> client, int turns, int longestPause = 3_000, SimulatedApiKey? key = null)
    {
        for (var turn = 1; ; turn++)
        {
            var told = await AskAsync(operation, client(), key: key);
            if (operation.IsKnownDone || told.CancelIsKept || turn >= turns || (told.Execution == ExecutionStatus.NotExecuted && Final.Contains(told.Code)))
            {
                return told;
            }

            var asked = told.RetryAt - told.Process.Time.GetUtcNow() ?? TimeSpan.Zero;
            var pause = dice.Milliseconds(10, longestPause);
            await WaitAsync(asked > LongestWait ? LongestWait : asked > pause ? asked : pause);
            if (operation.IsKnownDone)
            {
                // Another caller of the same order was told meanwhile; sent again it would be a new one.
                return told;
            }
        }
    }

    /// <summary>One call.</summary>
    public async Task<CallAnswer> AskAsync(Operation operation, string client, TimeSpan? cancelAfter = null, SimulatedApiKey? key = null, SimulatedProcess? beside = null)
    {
        var process = beside ?? await world.LivingAsync();
        var calledAt = world.Time.Elapsed;
        operation.Begin(calledAt);
        var spelling = Spelling.Of(Dice.For(world.Plan.Seed, string.Create(CultureInfo.InvariantCulture, $"spelling of {operation}, call {operation.Begun.Count}")));
        world.Log.Add($"{process}: {operation} called through {client}: {spelling.Write(operation)}");
        var call = CallAsync(process, operation, spelling, client, cancelAfter, key, calledAt);
        var told = await Task.WhenAny(call, process.Death) == call && !process.IsDead ? await call : CallAnswer.OfDeath(process, calledAt, world.Time.Elapsed);
        await NoteAsync(operation, client, cancelAfter, told);
        return told;
    }

    /// <summary>One call for several orders or cancels.</summary>
    public async Task<IReadOnlyList<CallAnswer>> AskAsync(IReadOnlyList<Operation> batch, string client, SimulatedProcess? beside = null)
    {
        var process = beside ?? await world.LivingAsync();
        var calledAt = world.Time.Elapsed;
        foreach (var item in batch)
        {
            item.Begin(calledAt);
        }

        world.Log.Add($"{process}: a batch called through {client}: {string.Join(", ", batch)}");
        var call = CallAsync(process, batch, client, calledAt);
        var told = await Task.WhenAny(call, process.Death) == call && !process.IsDead
            ? await call
            : [.. batch.Select(_ => CallAnswer.OfDeath(process, calledAt, world.Time.Elapsed))];
        foreach (var (item, telling) in batch.Zip(told))
        {
            await NoteAsync(item, client, cancelAfter: null, telling);
        }

        return told;
    }

    /// <summary>Asks the exchange itself what became of something; the middleware takes the answer as evidence too.</summary>
    public async Task LookAsync(Operation operation, string client, SimulatedApiKey? key = null)
    {
        if (operation.Order.Id is not { } id)
        {
            return;
        }

        var process = await world.LivingAsync();
        IReadOnlyList<string> questions = operation.Kind switch
        {
            EffectKind.AlgoPlaced => [$"/fapi/v1/algoOrder?symbol={operation.Order.Symbol}&clientAlgoId={id}"],
            EffectKind.Amended => [$"/fapi/v1/order?symbol={operation.Order.Symbol}&origClientOrderId={id}", $"/fapi/v1/orderAmendment?symbol={operation.Order.Symbol}&origClientOrderId={id}"],
            _ => [$"/fapi/v1/order?symbol={operation.Order.Symbol}&origClientOrderId={id}"],
        };
        foreach (var question in questions)
        {
            await Task.WhenAny(GetAsync(process, client, question, key), process.Death);
        }

        await world.LivingAsync();
    }

    /// <summary>Whether the program was told, by a call or an event, that it was not executed, and nothing else since.</summary>
    public bool IsKnownAbsent(Operation place) =>
        !place.IsKnownDone
        && (place.Last is { Execution: ExecutionStatus.NotExecuted }
            || world.Findings.Settled.LastOrDefault(notice => notice.Order.ClientOrderId == place.Order.Id) is { Execution: ExecutionStatus.NotExecuted });

    /// <summary>Sets a market to isolated margin, unless that fails.</summary>
    public async Task IsolateAsync(string symbol)
    {
        var process = await world.LivingAsync();
        await Task.WhenAny(PostAsync(), process.Death);

        async Task PostAsync()
        {
            try
            {
                using var response = await process.Client(nameof(Road.Plain)).PostAsync($"/fapi/v1/marginType?symbol={symbol}&marginType=ISOLATED", content: null);
            }
            catch (HttpRequestException)
            {
                // Then no margin can be added either.
            }
        }
    }

    public Task WaitAsync(TimeSpan time) => time > TimeSpan.Zero ? Task.Delay(time, world.Time) : Task.CompletedTask;

    private Operation Add(Operation operation)
    {
        _operations.Add(operation);
        return operation;
    }

    private async Task GetAsync(SimulatedProcess process, string client, string question, SimulatedApiKey? key)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, question);
            if (key is not null)
            {
                OwnSignature.Sign(request, key, world.Exchange.Clock.Now);
            }

            // The body of a query's reply is the application's own affair, and may never come.
            using var patience = new CancellationTokenSource(LongestWait, world.Time);
            using var response = await process.Client(client).SendAsync(request, patience.Token);
            await response.Content.ReadAsByteArrayAsync(patience.Token);
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            // It only wanted to look.
        }
        catch (PlugInException thrown)
        {
            world.Findings.Violate("a caller is given only what it was promised", $"{question} threw {thrown.Message}");
        }
    }

    private async Task NoteAsync(Operation operation, string client, TimeSpan? cancelAfter, CallAnswer told)
    {
        operation.Note(told);
        operation.IsOver = true;
        world.Log.Add($"{told.Process}: {operation} told {told}");
        if (told.IsOfADeath)
        {
            await world.LivingAsync();
            return;
        }

        AnswerChecks.Check(world, operation, world.Plan.Settings.Clients.First(wanted => wanted.Name == client).Road, isCancelled: cancelAfter is not null, told);
    }

    private async Task<CallAnswer> CallAsync(SimulatedProcess process, Operation operation, Spelling spelling, string client, TimeSpan? cancelAfter, SimulatedApiKey? key, TimeSpan calledAt)
    {
        using var request = SingleRequests.For(operation, key is null ? spelling : spelling with { InBody = false });
        if (key is not null)
        {
            OwnSignature.Sign(request, key, world.Exchange.Clock.Now);
        }

        using var cancel = cancelAfter is { } after ? new CancellationTokenSource(after, world.Time) : new CancellationTokenSource();
        try
        {
            using var response = await process.Client(client).SendAsync(request, cancel.Token);
            return await CallAnswers.OfAsync(response, process, calledAt, world.Time.Elapsed);
        }
        catch (Exception thrown)
        {
            return CallAnswers.Of(thrown, process, calledAt, world.Time.Elapsed) ?? Raw(process, operation, calledAt, thrown);
        }
    }

    private async Task<IReadOnlyList<CallAnswer>> CallAsync(SimulatedProcess process, IReadOnlyList<Operation> batch, string client, TimeSpan calledAt)
    {
        using var request = BatchRequests.For(batch, AnyManner);
        try
        {
            using var response = await process.Client(client).SendAsync(request);
            return CallAnswers.OfItems(response, batch.Count, process, calledAt, world.Time.Elapsed);
        }
        catch (Exception thrown)
        {
            var told = CallAnswers.Of(thrown, process, calledAt, world.Time.Elapsed) ?? Raw(process, batch[0], calledAt, thrown);
            return [.. Enumerable.Repeat(told with { Batch = batch }, batch.Count)];
        }
    }

    private CallAnswer Raw(SimulatedProcess process, Operation operation, TimeSpan calledAt, Exception thrown)
    {
        if (!process.IsDead)
        {
            world.Findings.Violate("a caller is given only what it was promised", $"{operation} threw {Findings.Describe(thrown)}");
        }

        return CallAnswer.Of(process, calledAt, world.Time.Elapsed, thrown.GetType().Name);
    }
}
