using System.Globalization;
using ExchangeResilience;
using ExchangeResilience.Crash.Worker;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A program that trades, for tests to kill:  ADDRESS JOURNAL LEDGER INTENTS PARALLEL
// Intent n is a MARKET BUY of (n + 1) thousandths under the id i-n. What the ledger does not show as executed is placed, again if need be, under the same id.
// JOURNAL is a file, or - for none. Says "starting", "started" once what an earlier run left is taken up, and "begin i-n".
if (args is not [var address, var journal, var file, var intents, var parallel])
{
    return 2;
}

Say("starting");
var builder = Host.CreateEmptyApplicationBuilder(settings: null);
builder.Services
    .AddHttpClient<OrderClient>(http => http.BaseAddress = new Uri(address))
    .AddExchangeErrorHandling(options =>
    {
        // The shortest doubt that leaves each of its stages long enough to be killed in.
        options.SendBefore = TimeSpan.FromMilliseconds(500);
        options.AttemptTimeout = TimeSpan.FromSeconds(2);
        options.Reconciliation.SettleMargin = TimeSpan.FromSeconds(1);
        options.Reconciliation.FirstPause = TimeSpan.FromMilliseconds(100);
        options.Reconciliation.Rechecks.Clear();
        options.Reconciliation.Rechecks.Add(TimeSpan.FromSeconds(1));
    })
    .AddExchangeSigning(options =>
    {
        (options.ApiKey, options.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret);
        options.RecvWindow = TimeSpan.FromMilliseconds(500);
    });
if (journal != "-")
{
    builder.Services.AddSqliteOrderJournal(journal);
}

using var host = builder.Build();
using var ledger = Ledger.Open(file);
var inDoubt = host.Services.GetRequiredService<IInDoubtOrders>();
inDoubt.AbsenceContradicted += (_, late) => ledger.Write($"Contradicted {late.Order.ClientOrderId}");
await host.StartAsync();
Say("started");

var client = host.Services.GetRequiredService<OrderClient>();

// New ones first: what an earlier run began is being looked for meanwhile.
var open = Enumerable.Range(0, Number(intents)).Where(number => !ledger.ShowsExecuted(number)).OrderBy(ledger.ShowsBegun);
await Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = Number(parallel) }, async (number, stop) =>
{
    ledger.Write(Ledger.Began(number));
    Say($"begin {OrderClient.IdOf(number)}");
    var outcome = await client.BuyAsync(number);
    while (outcome.Execution != ExecutionStatus.Executed)
    {
        ledger.Write($"{outcome.Execution} {OrderClient.IdOf(number)}");
        await Task.Delay(outcome.Pause, TimeProvider.System, stop);
        outcome = await client.BuyAsync(number);
    }

    // A program does something with an outcome before it has noted it, and may be killed over that.
    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, stop);
    ledger.Write(Ledger.Executed(number));
});
await host.StopAsync();
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void Say(string line)
{
    lock (Console.Out)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
