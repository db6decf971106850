using System.Globalization;
using Npgsql;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>What the store says of the orders, and who wrote it.</summary>
/// <param name="Open">Entries without a verdict.</param>
/// <param name="Executed">The ids of executed orders, each as often as there is a verdict.</param>
/// <param name="NotExecuted">The ids of entries that took no effect.</param>
/// <param name="Changed">Verdicts that were changed after they were given.</param>
/// <param name="TakenOver">Entries that have changed their holder.</param>
internal sealed record Verdicts(int Open, IReadOnlyList<string> Executed, IReadOnlyList<string> NotExecuted, int Changed, int TakenOver)
{
    private const string Schema = "exchange_resilience";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Executed.Count} verdicts of execution, {NotExecuted.Count} of absence, {Changed} changed; {TakenOver} entries taken over, {Open} open");

    /// <summary>From now on the database itself notes every change of an entry's state or holder.</summary>
    public static async Task WatchAsync(string state)
    {
        await using var source = NpgsqlDataSource.Create(state);
        await using var watch = source.CreateCommand($"""
            SET lock_timeout = 0;
            CREATE TABLE public.changes (id text, old_state text, new_state text, old_holder text, new_holder text);
            CREATE FUNCTION public.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO public.changes VALUES (old.id, old.state, new.state, old.holder, new.holder);
                RETURN new;
            END $$;
            CREATE TRIGGER note_change AFTER UPDATE OF state, holder ON {Schema}.entries FOR EACH ROW
            WHEN (old.state <> new.state OR old.holder <> new.holder) EXECUTE FUNCTION public.note_change();
            """);
        await watch.ExecuteNonQueryAsync();
    }

    public static async Task<Verdicts> ReadAsync(string state)
    {
        await using var source = NpgsqlDataSource.Create(state);
        return new Verdicts(
            await NumberAsync(source, $"SELECT count(*) FROM {Schema}.entries WHERE state NOT IN ('Executed', 'NotExecuted')"),
            await TextsAsync(source, $"SELECT name FROM {Schema}.entries WHERE state = 'Executed'"),
            await TextsAsync(source, $"SELECT name FROM {Schema}.entries WHERE state = 'NotExecuted'"),
            await NumberAsync(source, "SELECT count(*) FROM public.changes WHERE old_state IN ('Executed', 'NotExecuted') AND new_state <> old_state"),
            await NumberAsync(source, "SELECT count(DISTINCT id) FROM public.changes WHERE new_holder <> old_holder"));
    }

    /// <summary>Who holds the entry of an order.</summary>
    public static async Task<string> HolderOfAsync(string state, string name)
    {
        await using var source = NpgsqlDataSource.Create(state);
        return (await TextsAsync(source, $"SELECT holder FROM {Schema}.entries WHERE name = '{name}'")).ShouldHaveSingleItem();
    }

    /// <summary>Who has written verdicts.</summary>
    public static async Task<IReadOnlyList<string>> WritersAsync(string state)
    {
        await using var source = NpgsqlDataSource.Create(state);
        return await TextsAsync(source, "SELECT new_holder FROM public.changes WHERE new_state <> old_state");
    }

    private static async Task<int> NumberAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await rows.ReadAsync())
        {
            texts.Add(rows.GetString(0));
        }

        texts.Sort(StringComparer.Ordinal);
        return texts;
    }
}
