using System.Globalization;
using System.Runtime.InteropServices;
using ExchangeResilience;
using ExchangeResilience.Journal;
using Microsoft.Extensions.DependencyInjection;

// A process that keeps a journal, for tests to kill and to run beside others:
//   record FILE RUN FIRST COUNT PARALLEL   records orders and settles every other one; says "ready", then the number of each order as soon as it may leave, then "done"
//   refuse FILE                            records one order as a user without privileges; says why it could not
//   holds FILE                             reads the holds as a user without privileges; says the code of each
return args switch
{
    ["record", var file, var run, var first, var count, var parallel] => await RecordAsync(file, run, Number(first), Number(count), Number(parallel)),
    ["refuse", var file] => await RefuseAsync(file),
    ["holds", var file] => await HoldsAsync(file),
    _ => 2,
};

static async Task<int> RecordAsync(string file, string run, int first, int count, int parallel)
{
    await using var services = new ServiceCollection().AddSqliteOrderJournal(file).BuildServiceProvider();
    var journal = services.GetRequiredService<IOrderJournal>();
    await journal.OpenAsync(default);
    Say("ready");
    var orders = Enumerable.Range(first, count);
    await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (number, _) =>
    {
        var order = JournalEntries.Order(number, run);
        if (await journal.RecordAsync(order, default) is null)
        {
            Say(Text(number));
            if (number % 2 == 0)
            {
                await journal.SettleAsync(order.Settled(JournalState.Executed, at: TimeProvider.System.GetUtcNow()), default);
            }
        }
    });
    Say("done");
    return 0;
}

static async Task<int> RefuseAsync(string file) => await UnprivilegedAsync(file, async journal =>
{
    try
    {
        await journal.RecordAsync(JournalEntries.Order(1), default);
        Say("written");
    }
    catch (JournalException refused)
    {
        Say(refused.Message);
    }
});

static async Task<int> HoldsAsync(string file) => await UnprivilegedAsync(file, static async journal =>
{
    foreach (var hold in await journal.ReadHoldsAsync(default))
    {
        Say(Text(hold.Code));
    }
});

static async Task<int> UnprivilegedAsync(string file, Func<IOrderJournal, Task> act)
{
    var own = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    await using var services = new ServiceCollection().AddSqliteOrderJournal(own).BuildServiceProvider();
    await services.GetRequiredService<IOrderJournal>().OpenAsync(default);
    File.Delete(own);

    // Nothing is read-only for root. Everything needed is loaded by now, wherever it lies.
    const uint Nobody = 65534;
    if (Environment.IsPrivilegedProcess && SetUser(Nobody) != 0)
    {
        return 3;
    }

    await using var others = new ServiceCollection().AddSqliteOrderJournal(file).BuildServiceProvider();
    await act(others.GetRequiredService<IOrderJournal>());
    return 0;
}

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void Say(string line)
{
    lock (Console.Out)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}

[DllImport("libc", EntryPoint = "setuid")]
static extern int SetUser(uint user);
