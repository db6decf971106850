namespace ExchangeResilience;

/// <summary>A host that has answered no attempt for half a minute or longer. Any HTTP response is an answer, whatever its status.</summary>
/// <param name="Host">The host, with its port where that is not the scheme's own.</param>
/// <param name="Since">When the first attempt of those that none answered had failed, by the local wall clock.</param>
/// <param name="Failure">How the latest of them failed: the error's name, with .NET's reason where it gives one, for example <c>CONNECTION_REFUSED (NameResolutionError)</c>.</param>
public sealed record SilentHost(string Host, DateTimeOffset Since, string Failure);
