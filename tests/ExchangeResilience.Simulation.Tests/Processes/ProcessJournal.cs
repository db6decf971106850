using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>One process's hold on the journal, which ends with the process; what it has asked to be written may be written all the same.</summary>
internal sealed class ProcessJournal(World world, SimulatedProcess process) : IOrderJournal
{
    public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
    {
        await HangAsync(cancellationToken);
        return await AliveAsync(world.Journal.OpenAsync(cancellationToken));
    }

    public async ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        await HangAsync(cancellationToken);
        if (process.IsDead)
        {
            await Never<bool>.Ends;
        }

        world.Wire.NoteJournalled(entry);
        return await AliveAsync(world.Journal.RecordAsync(entry, cancellationToken));
    }

    public async ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        world.Wire.NoteLook(entry.Key.Id, +1);
        try
        {
            await HangAsync(cancellationToken);
            return await AliveAsync(world.Journal.FindAsync(entry, cancellationToken));
        }
        finally
        {
            world.Wire.NoteLook(entry.Key.Id, -1);
        }
    }

    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        if (process.IsDead)
        {
            return new(Never<bool>.Ends);
        }

        world.Log.Add($"{process}: journal: {entry.Key.Kind} {entry.Key.Id} is {entry.State}{(entry.Heard ? ", heard" : "")}: {entry.Evidence}");
        return AliveAsync(world.Journal.SettleAsync(entry, cancellationToken));
    }

    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken)
    {
        if (process.IsDead)
        {
            await Never<bool>.Ends;
        }

        world.Log.Add($"{process}: journal: hold of {hold.Lane} until {hold.UntilExchangeMs}");
        await world.Journal.HoldAsync(hold, cancellationToken);
        if (process.IsDead)
        {
            await Never<bool>.Ends;
        }
    }

    private Task HangAsync(CancellationToken cancellationToken) => world.JournalHang is { } hang && hang.Until > world.Time.Elapsed
        ? Task.Delay(hang.Until - world.Time.Elapsed, world.Time, hang.HeedsCancellation ? cancellationToken : CancellationToken.None)
        : Task.CompletedTask;

    private async ValueTask<T> AliveAsync<T>(ValueTask<T> write)
    {
        try
        {
            var written = await write;
            return process.IsDead ? await Never<T>.Ends : written;
        }
        catch (Exception) when (process.IsDead)
        {
            return await Never<T>.Ends;
        }
    }
}
