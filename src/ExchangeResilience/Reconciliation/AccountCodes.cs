using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>
/// Asks the exchange for its own code of an account (<c>accountAlias</c> of the balance), which shows that two keys are of one account. It is kept as a hash, like the key.
/// </summary>
internal sealed class AccountCodes(AccountBook book, IInternalRequestSender channel, TimeProvider time)
{
    // A key may not be allowed to read the balance; then each order would query again.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Question> _asked = new(StringComparer.Ordinal);

    public AccountBook Book => book;

    /// <summary>Learns the code of an account, as far as that can be had in the time given, if need be with a key that is not in force yet. False where it cannot.</summary>
    public async ValueTask<bool> LearnAsync(ClaimOrigin origin, TimeSpan within, CancellationToken cancellationToken, SigningCredentials? signedWith = null)
    {
        if (origin is not { CanAsk: true, Account: { IsOwnKey: true, KeyHash: { } key } })
        {
            return false;
        }

        if (book.CodeOf(key) is not null)
        {
            return true;
        }

        var question = _asked.GetOrAdd(key, static _ => new Question());
        try
        {
            return await question.AskOnce(() => AskAsync(origin, key, signedWith), time).WaitAsync(within, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // No call waits for it longer: until it is known, two keys of one name are of one account.
            book.GiveUp(key);
            return false;
        }
    }

    /// <summary>
    /// Whether the client that would look an order up has another key by now, of which the exchange does not show that it is of the order's account: its answers prove nothing about
    /// the order. Where the account of the earlier key is not known either, the name that both have in the settings must do.
    /// </summary>
    public async ValueTask<bool> IsOfAnotherAsync(ClaimOrigin origin, CancellationToken cancellationToken)
    {
        if (origin.Account is not { IsOwnKey: true, KeyHash: { } sent, Code: { } code } || book.KeyOf(origin.ClientName) is not { } now || string.Equals(now, sent, StringComparison.Ordinal))
        {
            return false;
        }

        await LearnAsync(origin with { Account = origin.Account with { KeyHash = now, KeptCode = null } }, LongestWait, cancellationToken).ConfigureAwait(false);
        return !string.Equals(book.CodeOf(now), code, StringComparison.Ordinal);
    }

    private async Task<bool> AskAsync(ClaimOrigin origin, string key, SigningCredentials? signedWith)
    {
        try
        {
            var host = channel.Knows(origin.ClientName, origin.Host) ? origin.Host : channel.HostOf(origin.ClientName) ?? origin.Host;
            var answer = await channel.AskAsync(origin.ClientName, HttpMethod.Get, new Uri(host, origin.Venue.BalancePath), CancellationToken.None, signedWith).ConfigureAwait(false);
            if (answer.Error is null && EvidenceJson.Read(answer.Body, CodeIn) is { Length: > 0 } code && (signedWith is not null || IsSignedWith(key, origin.ClientName)))
            {
                book.Learn(key, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)))[..16]);
                return true;
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // It serves only to distinguish keys; without it they are not distinguished.
        }

        book.GiveUp(key);
        return false;
    }

    // The client may have changed its key while the query was in flight; the answer may then be about either account.
    private bool IsSignedWith(string key, string clientName) => string.Equals(book.KeyOf(clientName), key, StringComparison.Ordinal);

    private static string? CodeIn(JsonElement balance) =>
        balance.ValueKind == JsonValueKind.Array && balance.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            ? OrderEvidence.Text(first, "accountAlias")
            : null;

    private sealed class Question
    {
        private readonly Lock _lock = new();
        private Task<bool>? _answer;
        private long _askedAt;

        public Task<bool> AskOnce(Func<Task<bool>> ask, TimeProvider time)
        {
            lock (_lock)
            {
                // Once it is known no call queries any more, so any answer here is a failure.
                if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_askedAt) > PauseAfterFailure))
                {
                    _askedAt = time.GetTimestamp();
                    _answer = ask();
                }

                return _answer;
            }
        }
    }
}
