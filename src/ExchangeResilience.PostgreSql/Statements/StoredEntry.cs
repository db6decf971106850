using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience.PostgreSql;

/// <summary>An entry as it goes into the store. It is made on the caller's thread, so that the only writer need not write JSON.</summary>
internal sealed class StoredEntry
{
    public StoredEntry(JournalEntry entry, string schema)
    {
        Entry = entry;
        Document = Storable(entry.ToJson());
        var (key, kind) = (entry.Key, entry.Key.Kind.ToString());
        Likeness = LockOf(
            entry.Path, entry.Host.OriginalString, key.Account, entry.KeyHash ?? "", entry.AccountCode ?? "", entry.AccountName ?? "", entry.IsForeignKey ? "foreign" : "own");
        Locks = [LockOf(schema, key.Symbol, kind, key.Id), LockOf(schema, key.Environment, key.Account, key.Symbol, kind, key.Id)];
    }

    public JournalEntry Entry { get; }

    public byte[] Document { get; }

    /// <summary>A number for all that the core compares to decide whether two orders of one name are of one account: entries of one number are.</summary>
    public long Likeness { get; }

    /// <summary>A transaction that has them is the only one that writes about the name. The second is what members of before schema version 3 take.</summary>
    public long[] Locks { get; }

    /// <summary>A number for a key, alike in every process. Two keys of one number only wait for each other.</summary>
    public static long LockOf(params ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    // PostgreSQL's text has no character 0, which an exchange's message could bring along.
    private static byte[] Storable(byte[] json) =>
        json.AsSpan().IndexOf("\\u0000"u8) < 0 ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace("\\u0000", "\\ufffd", StringComparison.Ordinal));
}
