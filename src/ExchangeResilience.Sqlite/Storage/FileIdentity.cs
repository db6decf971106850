namespace ExchangeResilience.Sqlite;

/// <summary>Which file a path leads to. A file system gives the number of a deleted file to the next one; the moment of its birth tells the two apart.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Number, long BornSeconds, uint BornNanoseconds);
