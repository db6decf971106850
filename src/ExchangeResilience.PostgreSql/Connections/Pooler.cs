using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// What is between this process and the server, where something is. A pooler that gives each transaction another session can keep neither what a session is set to nor who listens
/// in it, and is refused.
/// </summary>
internal sealed class Pooler(Store store)
{
    private volatile bool _isChecked;

    /// <summary>Checks once that two connections are two sessions. Of two that are idle, such a pooler serves both by one.</summary>
    /// <exception cref="JournalException">They are not.</exception>
    public async Task CheckAsync(NpgsqlConnection one, CancellationToken cancellationToken)
    {
        if (_isChecked)
        {
            return;
        }

        var other = store.NewConnection();
        await using (other.ConfigureAwait(false))
        {
            await other.OpenAsync(cancellationToken).ConfigureAwait(false);
            int[] seen;
            var transaction = await one.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                // While the first keeps its session to itself, the second is served by another; afterwards by whichever was used last.
                var own = await NumberOfAsync(one, cancellationToken).ConfigureAwait(false);
                var others = await NumberOfAsync(other, cancellationToken).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                seen = [own, others];
            }

            if (await NumberOfAsync(other, cancellationToken).ConfigureAwait(false) != seen[1] || await NumberOfAsync(one, cancellationToken).ConfigureAwait(false) != seen[0])
            {
                throw StoreFailures.SharedSession();
            }
        }

        _isChecked = true;
    }

    private static async Task<int> NumberOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (int)(await StoreCommand.AskAsync(connection, "SELECT pg_backend_pid()", cancellationToken).ConfigureAwait(false))!;
}
