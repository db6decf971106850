namespace ExchangeResilience;

/// <summary>What an entry's order is called. Environment and account are what they were called when it was sent; whether two are one, the entry's further members decide.</summary>
/// <param name="Environment">Whose exchange, by the settings or the host.</param>
/// <param name="Account">The account's name, or a hash of its API key.</param>
/// <param name="Symbol">The symbol; empty where the endpoint takes none.</param>
/// <param name="Kind">Placed or amended.</param>
/// <param name="Id">The exchange's order id where the request names it, else the client order id.</param>
public sealed record JournalKey(string Environment, string Account, string Symbol, OperationKind Kind, string Id);
