namespace ExchangeResilience;

/// <summary>
/// Where to look a claim up: at the same host and with the same account it was sent with. <c>CanAsk</c> is false where no client of the program signs with the key the
/// request bore.
/// </summary>
internal sealed record ClaimOrigin(string ClientName, ExchangeVenue Venue, Uri Host, bool CanAsk)
{
    /// <summary>Whose exchange: its clock and its holds are shared under this name.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Whose order.</summary>
    public required AccountIdentity Account { get; init; }
}
