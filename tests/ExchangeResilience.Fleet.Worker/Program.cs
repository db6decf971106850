using System.Globalization;
using ExchangeResilience;
using ExchangeResilience.Fleet.Worker;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A member of a fleet, for tests to kill and to stop:  ADDRESS KEY TASK ...
// The shared state's connection string is in FLEET_STATE. Every member has a key of its own, of one account.
//   trade LEDGER SLOT SLOTS ORDERS PARALLEL   places its share, and every twentieth order of its neighbour's, until each is executed; then ends
//   ask PAUSE                                 asks for the balance, one question after another with so many milliseconds between them, until its input ends
//   fill PREFIX PARALLEL                      places orders, as many as the limits allow, until its input ends
//   place ID                                  places one order, and waits for a line of input between journal and signature
// Says "started", then what its task says; of a hold that another was told: "told".
if (args is not [var address, var key, var name, .. var rest] || Environment.GetEnvironmentVariable("FLEET_STATE") is not { } state)
{
    return 2;
}

var builder = Host.CreateEmptyApplicationBuilder(settings: null);
builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new HoldListener());
var client = builder.Services
    .AddHttpClient<ExchangeClient>(http => http.BaseAddress = new Uri(address))
    .AddExchangeErrorHandling(options =>
    {
        options.Account = "main";
        options.TrustedInnerHandlers.Add(typeof(Turnstile).FullName!);

        if (name != "fill")
        {
            // What the exchange there allows; until its answer is in, the documented limits would be kept to.
            options.Limits.WeightPerMinute = options.Limits.OrdersPer10Seconds = options.Limits.OrdersPerMinute = 1_000_000;
        }

        // The shortest doubt that leaves each of its stages long enough to be killed in. A member that places one order alone has to get it written down in time, in a process that has just begun.
        options.SendBefore = name == "place" ? TimeSpan.FromSeconds(5) : TimeSpan.FromMilliseconds(500);
        options.AttemptTimeout = TimeSpan.FromSeconds(2);
        options.TotalTimeout = TimeSpan.FromSeconds(15);
        options.Reconciliation.SettleMargin = TimeSpan.FromSeconds(1);
        options.Reconciliation.FirstPause = TimeSpan.FromMilliseconds(100);
        options.Reconciliation.Rechecks.Clear();
        options.Reconciliation.Rechecks.Add(TimeSpan.FromSeconds(1));
    })
    .AddExchangeSigning(options =>
    {
        (options.ApiKey, options.Secret) = (key, SimulatedExchangeOptions.DefaultApiSecret);
        options.RecvWindow = TimeSpan.FromMilliseconds(500);
    });
if (name == "place")
{
    client.AddHttpMessageHandler(static () => new Turnstile());
}

builder.Services.AddPostgreSqlExchangeState(options =>
{
    options.ConnectionString = state;
    options.Lease = TimeSpan.FromSeconds(3);
});

using var host = builder.Build();
try
{
    await host.StartAsync();
}
catch (JournalException away)
{
    Console.Error.WriteLine(away.Message);
    return 3;
}

Voice.Say("started");
var exchange = host.Services.GetRequiredService<ExchangeClient>();
host.Services.GetRequiredService<IInDoubtOrders>().AbsenceContradicted += static (_, late) => Voice.Say($"contradicted {late.Order.ClientOrderId}");
switch (name, rest)
{
    case ("trade", [var file, var slot, var slots, var orders, var parallel]):
        await new Share(exchange, file, Number(slot), Number(slots), Number(orders)).TradeAsync(Number(parallel));
        break;

    case ("ask", [var pause]):
        await UntilInputEnds.RepeatAsync(1, TimeSpan.FromMilliseconds(Number(pause)), _ => exchange.AskBalanceAsync());
        break;

    case ("fill", [var prefix, var callers]):
        await UntilInputEnds.RepeatAsync(Number(callers), TimeSpan.FromMilliseconds(5), async number =>
            await exchange.BuyAsync(string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}"), 1) is { Execution: not ExecutionStatus.Executed } outcome ? outcome.Pause : null);
        break;

    case ("place", [var id]):
        Voice.Say($"outcome {(await exchange.BuyAsync(id, 1)).Execution}");
        break;

    default:
        return 2;
}

await host.StopAsync();
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
