using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExchangeResilience;

/// <summary>
/// One order, or one amendment, as the journal keeps it: enough to look it up at the exchange, and nothing secret: no key, signature or listenKey.
/// </summary>
public sealed record JournalEntry
{
    /// <summary>The longest reply an entry keeps, in bytes.</summary>
    public const int MaxReplyBytes = 64 * 1024;

    private const string Damaged = "The journal holds an entry of this id that cannot be read. Look the order up at the exchange, then delete the entry.";

    /// <summary>The entry's own id: 20 letters and digits.</summary>
    public required string Id { get; init; }

    /// <summary>The run of the program that holds it: the one that sent it, or a later one that took up its doubt or delivered its verdict. 20 letters and digits, new with each service provider.</summary>
    public required string Run { get; init; }

    /// <summary>What makes two entries the same order.</summary>
    public required JournalKey Key { get; init; }

    /// <summary>The first 16 hexadecimal digits of the API key's SHA-256; null where the key was not visible.</summary>
    public string? KeyHash { get; init; }

    /// <summary>A hash of the exchange's own code of the account, by which a rotated key is recognised as the same account's; null where it was not queried.</summary>
    public string? AccountCode { get; init; }

    /// <summary>The account's name in the settings; null where they name none.</summary>
    public string? AccountName { get; init; }

    /// <summary>Whether the request bore a key of its own, which this library does not sign with.</summary>
    public bool IsForeignKey { get; init; }

    /// <summary>What the writing process knows of accounts.</summary>
    [JsonIgnore]
    internal AccountBook? AccountBook { get; init; }

    /// <summary>The named client it was sent through, which looks it up.</summary>
    public required string ClientName { get; init; }

    /// <summary>The host it was sent to.</summary>
    public required Uri Host { get; init; }

    /// <summary>The product, for example BinanceUsdFutures.</summary>
    public required string Venue { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The endpoint's path; for an item of a batch, that of a single order.</summary>
    public required string Path { get; init; }

    /// <summary>The client order id; null where the request names the exchange's id alone.</summary>
    public string? ClientOrderId { get; init; }

    /// <summary>The exchange's id; null where the request does not name it.</summary>
    public string? OrderId { get; init; }

    /// <summary>Whether the client order id was generated here, so that no older order of the same id can exist.</summary>
    public bool IdIsGenerated { get; init; }

    /// <summary>A hash of all parameters but timestamp, recvWindow, signature and client order id.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>BUY or SELL; null where the request does not say.</summary>
    public string? Side { get; init; }

    /// <summary>The order's type; null where the request does not say.</summary>
    public string? Type { get; init; }

    /// <summary>The quantity, in the base asset; null where the request does not say.</summary>
    public decimal? Quantity { get; init; }

    /// <summary>The price, in the quote asset; null where the request does not say.</summary>
    public decimal? Price { get; init; }

    /// <summary>When it was first written, by the local wall clock; for people only.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Every attempt that may have left.</summary>
    public IReadOnlyList<JournalAttempt> Attempts { get; init; } = [];

    /// <summary>The exchange has refused a resend because an order of that id is open, so that none can be absent.</summary>
    public bool IdIsTaken { get; init; }

    /// <summary>A cancel named this order while it was in doubt: it is applied if the order appears.</summary>
    public bool CancelWanted { get; init; }

    /// <summary>The settled entry of the same key that does not block this one; null where there is none.</summary>
    public string? Supersedes { get; init; }

    /// <summary>All such entries, as far as the process that writes has met them: where several accounts have used one name, each may have its own.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> Superseded { get; init; } = [];

    /// <summary>The exchange's ids of orders that had the id before: whatever their times, none of them is this one. Null where none is known.</summary>
    public IReadOnlyList<string>? OlderOrders { get; init; }

    /// <summary>For an amendment, the exchange's time of the latest one of its order that is known from before, in milliseconds since 1970: none up to then is this one. 0 where none is known.</summary>
    public long AmendedBeforeMs { get; init; }

    /// <summary>For an amendment, the exchange's id of the order that it names by its client order id; null where that was not known.</summary>
    public string? AmendedOrder { get; init; }

    /// <summary>How far it has come.</summary>
    public JournalState State { get; init; }

    /// <summary>What proved the verdict, or why there can be none. Names who settled it, where that was an operator.</summary>
    public string? Evidence { get; init; }

    /// <summary>The look-ups and replies that led to the verdict, oldest first.</summary>
    public IReadOnlyList<string> Trail { get; init; } = [];

    /// <summary>When the verdict was given, by the local wall clock; null while there is none.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>The exchange's time of the verdict, in milliseconds since 1970, from which its age is counted; 0 where that was not known.</summary>
    public long SettledAtMs { get; init; }

    /// <summary>The exchange's time, in milliseconds since 1970, of the look-up that completed the proof of absence; 0 where absence is not the verdict.</summary>
    public long AbsentAtMs { get; init; }

    /// <summary>Whether the verdict has reached the application.</summary>
    public bool Heard { get; init; }

    /// <summary>How often an absence has yet to be looked up again.</summary>
    public int RechecksLeft { get; init; }

    /// <summary>The HTTP status of the reply a repeat is given; 0 where there is none.</summary>
    public int ReplyStatus { get; init; }

    /// <summary>The reply a repeat is given, at most <see cref="MaxReplyBytes"/> bytes, of a refusal at most 4 KiB; masked as <see cref="ExchangeError.Message"/> is. Null where there is none.</summary>
    public ReadOnlyMemory<byte>? Reply { get; init; }

    /// <summary>The reply's media type.</summary>
    public string? ReplyMediaType { get; init; }

    /// <summary>
    /// Whether nothing remains to be done about it: it is settled, an absence, if one was proved meanwhile, has been looked up again, and a cancel that was kept for it, if it
    /// took effect, has been applied.
    /// </summary>
    [JsonIgnore]
    public bool IsFinished => RechecksLeft <= 0 && State switch
    {
        JournalState.Executed => !CancelWanted,
        JournalState.NotExecuted => true,
        _ => false,
    };

    /// <summary>
    /// What a store returns instead of writing this entry: the newest other entry of the same order that blocks it; null where none does. An entry of an account that is
    /// provably another's never does, however equal the names are. Older entries do not count once an order of other terms was executed, except an equal one whose verdict has
    /// reached no caller.
    /// </summary>
    /// <param name="others">
    /// The store's entries of the same <see cref="JournalKey.Symbol"/>, <see cref="JournalKey.Kind"/> and <see cref="JournalKey.Id"/>, newest first, of any environment and account.
    /// No more of them are read than are needed: nearly always the first alone.
    /// </param>
    public JournalEntry? FindInTheWay(IEnumerable<JournalEntry> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        var account = AccountIdentity.Of(this);
        var isHidden = false;
        foreach (var other in others)
        {
            if (string.Equals(other.Id, Id, StringComparison.Ordinal) || !string.Equals(other.Path, Path, StringComparison.Ordinal))
            {
                continue;
            }

            var same = account.Compare(AccountIdentity.Of(other));
            var isEqual = string.Equals(other.Fingerprint, Fingerprint, StringComparison.Ordinal);
            if (same != SameAccount.No && Blocks(other) && (!isHidden || (isEqual && !other.Heard)))
            {
                return other;
            }

            if (same == SameAccount.Yes)
            {
                if (isEqual || IsExecutedHere(other))
                {
                    return null;
                }

                isHidden |= other.State == JournalState.Executed;
            }
        }

        return null;
    }

    /// <summary>
    /// What a store writes when this entry is settled: as it is, but that a verdict has reached a caller, and of which run, stays so whichever run finds that verdict too. Null where
    /// nothing is written: a verdict is final, and no attempt that the store holds may be lost.
    /// </summary>
    /// <param name="kept">The store's entry of the same <see cref="Id"/>.</param>
    public JournalEntry? SettledOver(JournalEntry kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        var isDecided = kept.State is JournalState.Executed or JournalState.NotExecuted;
        return (isDecided && kept.State != State) || kept.Attempts.Except(Attempts).Any() ? null
            : isDecided && kept.Heard && !Heard && !string.Equals(kept.Run, Run, StringComparison.Ordinal) ? this with { Heard = true, Run = kept.Run }
            : this;
    }

    private bool Blocks(JournalEntry other) =>
        other.State != JournalState.NotExecuted
        && !IsExecutedHere(other)
        && !string.Equals(other.Id, Supersedes, StringComparison.Ordinal)
        && !Superseded.Contains(other.Id, StringComparer.Ordinal);

    private bool IsExecutedHere(JournalEntry other) => other.State == JournalState.Executed && string.Equals(other.Run, Run, StringComparison.Ordinal);

    /// <summary>The entry as JSON in UTF-8, for a store to keep.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JournalJson.Default.JournalEntry);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <exception cref="JournalException">The bytes are not an entry.</exception>
    public static JournalEntry FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, JournalJson.Default.JournalEntry) is { } entry && IsWhole(entry) ? entry : throw new JournalException(Damaged) { ConcernsOneEntry = true };
        }
        catch (JsonException damaged)
        {
            throw new JournalException(Damaged, damaged) { ConcernsOneEntry = true };
        }
    }

    // The serializer takes null, an unknown number and a key without names for the values they replace; they would fail later, and elsewhere.
    private static bool IsWhole(JournalEntry entry) =>
        entry is
        {
            Id: not null, Run: not null, ClientName: not null, Host.IsAbsoluteUri: true, Venue: not null, Method: not null, Path: not null, Fingerprint: not null, Attempts: not null, Trail: not null,
            Key: { Environment: not null, Account: not null, Symbol: not null, Id: not null },
        }
        && Enum.IsDefined(entry.State)
        && Enum.IsDefined(entry.Key.Kind)
        && entry.Trail.All(line => line is not null)
        && entry.OlderOrders?.All(id => id is not null) != false;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
