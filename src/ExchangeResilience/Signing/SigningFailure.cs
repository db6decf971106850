namespace ExchangeResilience;

/// <summary>The signed requests of a client fail: the exchange refuses its key or signature, or its signer gives none. Requests that bring a key of their own do not count.</summary>
/// <param name="ClientName">The client.</param>
/// <param name="Since">When the first of them failed, by the local wall clock; none has succeeded since.</param>
/// <param name="Failure">How the latest of them failed: the error's code, if it has one, and name, for example <c>-1022 INVALID_SIGNATURE</c>, or <c>NOT_SENT</c> with the type of the signer's exception.</param>
public sealed record SigningFailure(string ClientName, DateTimeOffset Since, string Failure)
{
    /// <summary>What to do about it, as the log says it (event 1114).</summary>
    public string Advice { get; init; } = "";
}
