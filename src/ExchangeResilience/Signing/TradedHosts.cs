using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>
/// The hosts that a client trades on: its base address, the venue's own and those that the signing settings name. Its key goes to no other, and no look-up of this library does, whatever names
/// it: a request, a record of the journal, or another client.
/// </summary>
internal sealed class TradedHosts(IEnumerable<string> named, Func<Uri, bool> isVenues, Func<Uri?> baseAddress)
{
    private readonly ConcurrentDictionary<string, bool> _known = new(named.Select(static host => KeyValuePair.Create(OriginOf(Read(host)!), true)), StringComparer.OrdinalIgnoreCase);

    // Those that are still in use; nothing here keeps one alive.
    private readonly ConditionalWeakTable<HttpClient, object?> _made = [];

    /// <summary>Whether what is sent to an address is encrypted, or stays on this machine.</summary>
    public static bool IsSafe(Uri address) => string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal) || address.IsLoopback;

    /// <summary>A host as people write it, with or without scheme and port; null where it is none.</summary>
    public static Uri? Read(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address is { UserInfo: "", PathAndQuery: "/", Fragment: "" }
            ? address
            : null;

    /// <summary>An <see cref="HttpClient"/> is made. Its base address may be set later, by the typed client that is given it for instance.</summary>
    public void Note(HttpClient made) => _made.TryAdd(made, null);

    public bool Contain(Uri address) => IsSafe(address) && (_known.ContainsKey(OriginOf(address)) || isVenues(address) || IsBase(OriginOf(address)));

    private bool IsBase(string origin) =>
        (_made.Any(made => IsOf(made.Key.BaseAddress, origin)) || IsOf(baseAddress(), origin)) && _known.GetOrAdd(origin, true);

    private static bool IsOf(Uri? address, string origin) => address is { IsAbsoluteUri: true } && string.Equals(OriginOf(address), origin, StringComparison.OrdinalIgnoreCase);

    private static string OriginOf(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
