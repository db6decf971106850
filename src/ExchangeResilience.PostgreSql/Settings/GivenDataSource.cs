using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>A database that the program has configured itself, and disposes itself.</summary>
internal sealed record GivenDataSource(NpgsqlDataSource Value);
