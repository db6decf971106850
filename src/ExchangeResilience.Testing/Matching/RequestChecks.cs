using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience.Testing;

/// <summary>What the exchange checks before a request reaches its engine: path, key, signature, window and form, in this order.</summary>
internal static class RequestChecks
{
    private const long UsualWindow = 5000;
    private const long Ahead = 1000;
    private static readonly string[] SignedMandatory = ["timestamp", "signature"];

    public static Refusal? Check(Route? route, SimulatedApiKey? key, WireRequest request, Call call, bool hasDuplicates) => route switch
    {
        null => Refusal.NoSuchPath(request.Method, request.Path),
        { Access: not Access.Public } when string.IsNullOrEmpty(request.ApiKey) => Refusal.BadKeyFormat,
        { Access: not Access.Public } when key is null => Refusal.RejectedKey,
        { Access: Access.Trade } when !key!.CanTrade => Refusal.RejectedKey,
        _ when hasDuplicates => Refusal.Duplicates,
        _ => (route.Access is Access.Signed or Access.Trade ? CheckSigned(key!, request, call) : null) ?? call.Parameters.Inspect(route.Mandatory) ?? route.Check(call),
    };

    /// <summary>The engine's half of the window rule.</summary>
    public static bool IsPast(Parameters parameters, Moment moment) => Stamp(parameters) + Window(parameters) < moment.Milliseconds;

    private static Refusal? CheckSigned(SimulatedApiKey key, WireRequest request, Call call) =>
        call.Parameters.Inspect(SignedMandatory) ?? (IsSigned(key, request) ? CheckWindow(Stamp(call.Parameters), call) : Refusal.BadSignature);

    private static Refusal? CheckWindow(long stamp, Call call) =>
        stamp >= call.Moment.Milliseconds + Ahead ? Refusal.Ahead
        : call.Moment.Milliseconds - stamp > Window(call.Parameters) ? Refusal.TooOld
        : null;

    private static long Stamp(Parameters parameters) => parameters.Integer("timestamp") ?? 0;

    private static long Window(Parameters parameters) => parameters.Integer("recvWindow") ?? UsualWindow;

    /// <summary>The signature is the last part of the query or of the body, and covers all other bytes of both, with nothing in between.</summary>
    private static bool IsSigned(SimulatedApiKey key, WireRequest request)
    {
        var body = Encoding.UTF8.GetString(request.Body);
        var (payload, signature) = Cut(request.Query) is { } query ? (query.Payload + body, query.Signature)
            : Cut(body) is { } form ? (request.Query + form.Payload, form.Signature)
            : (null, null);
        if (payload is null)
        {
            return false;
        }

        var signed = Encoding.UTF8.GetBytes(payload);
        return key.Verify is { } verify ? verify(signed, WebUtility.UrlDecode(signature!)) : IsHmac(key.Secret, signed, signature!);
    }

    private static bool IsHmac(string secret, byte[] signed, string signature)
    {
        if (signature.Length != 2 * HMACSHA256.HashSizeInBytes)
        {
            return false;
        }

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Convert.FromHexString(signature, given, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed, expected);
        return CryptographicOperations.FixedTimeEquals(expected, given);
    }

    private static (string Payload, string Signature)? Cut(string encoded)
    {
        const string name = "signature=";
        var start = encoded.LastIndexOf('&') + 1;
        return encoded.AsSpan(start).StartsWith(name, StringComparison.Ordinal) ? (encoded[..Math.Max(0, start - 1)], encoded[(start + name.Length)..]) : null;
    }
}
