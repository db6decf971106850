using System.Globalization;
using System.Runtime.InteropServices;
using ExchangeResilience;
using ExchangeResilience.Journal;
using Microsoft.Extensions.DependencyInjection;

// A process that keeps a journal, for tests to kill and to run beside others:
//   record FILE RUN FIRST COUNT PARALLEL   records orders and settles every other one; says "ready", then the number of each order as soon as it may leave, then "done"
//   refuse FILE                            records one order as a user without privileges; says why it could not
return args switch
{
    ["record", var file, var run, var first, var count, var parallel] => await RecordAsync(file, run, Number(first), Number(count), Number(parallel)),
    ["refuse", var file] => await RefuseAsync(file),
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
            Say(number.ToString(CultureInfo.InvariantCulture));
            if (number % 2 == 0)
            {
                await journal.SettleAsync(order.Settled(JournalState.Executed, at: TimeProvider.System.GetUtcNow()), default);
            }
        }
    });
    Say("done");
    return 0;
}

static async Task<int> RefuseAsync(string file)
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
    try
    {
        await others.GetRequiredService<IOrderJournal>().RecordAsync(JournalEntries.Order(1), default);
        Say("written");
    }
    catch (JournalException refused)
    {
        Say(refused.Message);
    }

    return 0;
}

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
