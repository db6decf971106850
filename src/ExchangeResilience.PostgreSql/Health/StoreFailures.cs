using System.Globalization;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>What is wrong with the store and what to do about it. It never repeats the connection string, nor the server's own message, which may name an order.</summary>
internal static class StoreFailures
{
    private const string InsufficientPrivilege = "42501";
    private const string ForeignSession = "ER001";
    private const string ReadOnly = "25006";

    public static JournalException Closed() => new("The shared store is closed: its service provider has been disposed.");

    public static JournalException Newer(string schema, int version, int known) => new(string.Create(
        CultureInfo.InvariantCulture, $"The shared store's schema {schema} has version {version}; this library knows versions up to {known}. Update the library, or name another schema."));

    public static JournalException Encoding(string encoding) => new(
        $"The shared store's database has the encoding {encoding}, in which not every order can be written. Create one WITH ENCODING 'UTF8', and name that.");

    public static JournalException SharedSession() => new(
        "The shared store is reached through a pooler that shares sessions by transaction. Let it pool by session (PgBouncer: pool_mode = session), or connect to the server itself.");

    public static JournalException Unreplicated() => new(
        "The shared store has not confirmed that the synchronous replica has what was written: its wait was cancelled by an administrator (pg_cancel_backend). See that the replica runs, or take it out of synchronous_standby_names.");

    /// <summary>Fails a call that came while the store was away.</summary>
    public static JournalException Away(string fault) => new(fault);

    public static JournalException Of(Exception cause, PostgreSqlExchangeStateOptions options) => cause switch
    {
        JournalException worded => worded,
        PostgresException { SqlState: ForeignSession } => SharedSession(),
        PostgresException refused => new($"The shared store {OfServer(refused, options.Schema)}", refused),
        _ when Chain(cause).Any(static inner => inner is TimeoutException) => new(
            $"The shared store does not answer within CommandTimeout ({DurationText.Format(options.CommandTimeout)}). Look at the server's load and locks, and at the network.", cause),
        NpgsqlException => new("The shared store cannot be reached. See that the PostgreSQL server runs, and that host and port are right and open; nothing else is needed.", cause),
        _ => new($"The shared store failed ({cause.GetType().Name}).", cause),
    };

    /// <summary>Whether the server warns that it has committed without its synchronous replica, which it does when its wait for that is cancelled, and calls it a success. Words differ by language; the routine does not.</summary>
    public static bool SaysUnreplicated(PostgresNotice notice) => notice is { Routine: "SyncRepWaitForLSN", InvariantSeverity: "WARNING" };

    /// <summary>Whether the connection ended, by an error of the server or of the network.</summary>
    public static bool IsCut(NpgsqlException failure) => failure is PostgresException refused
        ? refused.SqlState is "57P01" or "57P02" or "57P05" || refused.SqlState.StartsWith("08", StringComparison.Ordinal)
        : !Chain(failure).Any(static inner => inner is TimeoutException);

    /// <summary>Whether it was given up in favour of another transaction, so that it works once that is over.</summary>
    public static bool IsConflict(PostgresException failure) => failure.SqlState is "40001" or "40P01" or "55P03" or "23505";

    /// <summary>Whether only another session can succeed: this one is no longer the one that was set up, or began while the database was read-only, which it then is for good.</summary>
    public static bool IsOfSession(PostgresException failure) => failure.SqlState is ForeignSession or ReadOnly;

    /// <summary>Whether the failure is in what was to be written, so that the next entry may be written all the same.</summary>
    public static bool IsOfTheEntry(Exception cause) =>
        cause is JournalException || (cause is PostgresException { SqlState: { } state } && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) || state == "54000"));

    private static string OfServer(PostgresException refused, string schema) => refused.SqlState switch
    {
        "28P01" or "28000" => "refuses the user: the password is wrong, or the server's pg_hba.conf does not let it in from here.",
        "3D000" => "does not exist: the server has no database of that name. Create it, or name another one.",
        InsufficientPrivilege => $"refuses what this role may not do. Let a role that may create things migrate once, then grant USAGE on schema {schema}, SELECT on its tables and EXECUTE on its functions.",
        "3F000" or "42P01" or "42883" => $"lost its tables: schema {schema} was changed or dropped while in use. Restore it, or restart to have it created again, and look the orders in doubt up at the exchange.",
        ReadOnly => "is read-only: it is a replica, or default_transaction_read_only is on. Name the primary, or make it writable; nothing else is needed.",
        "53100" => "cannot be written: the server's disk is full. Make room; nothing else is needed.",
        "53200" => "is out of memory or of locks. Raise max_locks_per_transaction, or the server's memory.",
        "53300" => "has no connection left. Raise max_connections, or end what holds them; each process of the fleet needs four, and one more while it connects.",
        "57P01" or "57P02" => "is being shut down. Nothing is needed once it runs again.",
        "57P03" => "is starting up or shutting down. Nothing is needed once it runs again.",
        "57014" => "cancelled a statement that took too long, by CommandTimeout or, as a connection was opened, by the statement_timeout of the role or the database. Let that be a second or more: ALTER ROLE ... SET statement_timeout = '1s'.",
        "40P01" or "40001" or "55P03" => "had to give up a commit in favour of another one, twice. It is tried again.",
        _ when refused.SqlState.StartsWith("08", StringComparison.Ordinal) => "lost the connection. Nothing is needed once the network works.",
        _ => $"refused a commit (SQLSTATE {refused.SqlState}).",
    };

    private static IEnumerable<Exception> Chain(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
