using System.Text.Json;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>
/// What a reply may at most be taken for, stated from the documentation: a success needs the thing its endpoint answers with, a certain failure a plain refusal, and a
/// word of ignorance takes away both. Whatever is darker than this is allowed.
/// </summary>
internal static class ReplyOracle
{
    // "Execution status unknown" and the two mass operations that can fail half way.
    private static readonly long[] OpenCodes = [-1000, -1006, -1007, -2012, -4083];

    private static readonly string[] Ignorance = ["unknown error, please check your request or try again later", "request occur unknown error"];

    private static readonly string[] MessageNames = ["msg", "message", "error"];

    public static bool MaySucceed(int status, byte[] body, ExchangeEndpoint row)
    {
        if (row.Method == HttpMethod.Get && status < 400)
        {
            return true;
        }

        if (status is < 200 or > 299)
        {
            return false;
        }

        using var document = body.Length <= Wire.LongestError ? Wire.Parse(body) : null;
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object or JsonValueKind.Array } root)
        {
            var text = Wire.Latin(body).TrimStart('\xEF', '\xBB', '\xBF').Trim(' ', '\t', '\r', '\n');
            return row.Proof == SuccessProof.NoNegativeCode
                ? text is not ['{' or '[' or '<', ..] && !Ignorance.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase))
                : row.Proof.HasFlag(SuccessProof.SuccessText) && text == "SUCCESS";
        }

        return root.ValueKind == JsonValueKind.Array
            ? !root.EnumerateArray().Any(AdmitsIgnorance) && (row.Proof == SuccessProof.NoNegativeCode
                ? !root.EnumerateArray().Any(item => Codes(item).Any(code => code < 0))
                : row.Proof.HasFlag(SuccessProof.Items) && root.GetArrayLength() > 0
                    && root.EnumerateArray().All(item => ItemMaySucceed(item) || MayHaveFailed(200, item)))
            : MaySucceed(root, row.Proof);
    }

    public static bool ItemMaySucceed(JsonElement item) => MaySucceed(item, SuccessProof.OrderId | SuccessProof.AlgoId | SuccessProof.Code200);

    /// <summary>Whether the reply may be taken for proof that nothing was done.</summary>
    public static bool MayHaveFailed(int status, byte[] body)
    {
        using var document = body.Length <= Wire.LongestError ? Wire.Parse(body) : null;
        return document?.RootElement is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } root
            ? root.ValueKind == JsonValueKind.Object && MayHaveFailed(status, root)
            : IsPlainRefusal(status) && Wire.Latin(body).Trim(' ', '\t', '\r', '\n') != "SUCCESS" && !Ignorance.Any(words => Wire.Latin(body.AsSpan(0, Math.Min(body.Length, Wire.LongestError))).Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    public static bool MayHaveFailed(int status, JsonElement root)
    {
        var codes = Codes(root).Distinct().ToList();
        if (root.ValueKind != JsonValueKind.Object || AdmitsIgnorance(root) || codes.Intersect(OpenCodes).Any() || codes.Count > 1 || ClaimsSuccess(root))
        {
            return false;
        }

        return IsPlainRefusal(status)
            || (status is (>= 200 and < 300) or (>= 500 and not (502 or 504)) && codes is [< 0] && ExchangeVenue.BinanceUsdFutures.Errors.Find((int)codes[0]) is not null && !HasUnreadableCode(root))
            || (status == 503 && !HasUnreadableCode(root) && Messages(root).ToList() is { Count: > 0 } messages
                && messages.All(message => message.Trim(' ', '\t', '\r', '\n').TrimEnd('.').Equals("Service Unavailable", StringComparison.OrdinalIgnoreCase)));
    }

    // 408 is the engine's silence, 409 a job half done.
    private static bool IsPlainRefusal(int status) => status is >= 400 and < 500 and not (408 or 409);

    private static bool MaySucceed(JsonElement root, SuccessProof proof)
    {
        if (root.ValueKind != JsonValueKind.Object || AdmitsIgnorance(root) || HasUnreadableCode(root) || Codes(root).Any(code => code < 0) || Codes(root).Distinct().Skip(1).Any())
        {
            return false;
        }

        return proof == SuccessProof.NoNegativeCode
            || (proof.HasFlag(SuccessProof.OrderId) && HasWhole(root, "orderId", 1))
            || (proof.HasFlag(SuccessProof.AlgoId) && HasWhole(root, "algoId", 1))
            || (proof.HasFlag(SuccessProof.Leverage) && HasWhole(root, "leverage", 1))
            || (proof.HasFlag(SuccessProof.CountdownTime) && HasWhole(root, "countdownTime", 0))
            || (proof.HasFlag(SuccessProof.ListenKey) && HasListenKey(root))
            || (proof.HasFlag(SuccessProof.Code200) && Codes(root).Contains(200))
            || (proof.HasFlag(SuccessProof.EmptyObject) && !root.EnumerateObject().Any());
    }

    private static bool ClaimsSuccess(JsonElement root) =>
        HasWhole(root, "orderId", 1) || HasWhole(root, "algoId", 1) || HasWhole(root, "leverage", 1) || HasWhole(root, "countdownTime", 0) || HasListenKey(root) || Codes(root).Contains(200);

    private static bool HasListenKey(JsonElement root) => Wire.Members(root, "listenKey").Any(key => key is { ValueKind: JsonValueKind.String } && key.GetRawText().Length > 2);

    private static bool HasWhole(JsonElement root, string name, long least) => Wire.Members(root, name).Any(value => Wire.Text(value) is not ['-', ..] && Wire.Whole(value) >= least);

    private static IEnumerable<JsonElement> WithError(JsonElement root) => Wire.Members(root, "error").Where(error => error.ValueKind == JsonValueKind.Object).Prepend(root);

    private static IEnumerable<JsonElement> AllCodes(JsonElement root) => WithError(root).SelectMany(part => Wire.Members(part, "code")).Where(code => code.ValueKind != JsonValueKind.Null);

    private static IEnumerable<long> Codes(JsonElement root) => AllCodes(root).Select(code => Wire.Whole(code, allowPlus: true)).Where(code => code is > -1_000_000_000 and < 1_000_000_000).Select(code => code!.Value);

    private static bool HasUnreadableCode(JsonElement root) => AllCodes(root).Any(code => Wire.Whole(code, allowPlus: true) is not (> -1_000_000_000 and < 1_000_000_000));

    private static IEnumerable<string> Messages(JsonElement root) =>
        WithError(root)
            .SelectMany(part => part.ValueKind == JsonValueKind.Object ? part.EnumerateObject() : Enumerable.Empty<JsonProperty>())
            .Where(member => member.Value.ValueKind == JsonValueKind.String && (MessageNames.Contains(Wire.NameOf(member)) || IsNumber(Wire.NameOf(member))))
            .Select(member => Wire.Text(member.Value) ?? "");

    private static bool IsNumber(string name) => name.Length is >= 3 and <= 9 && name.All(char.IsAsciiDigit);

    private static bool AdmitsIgnorance(JsonElement root) =>
        Messages(root).Any(message => Ignorance.Any(words => message.Trim(' ', '\t', '\r', '\n').StartsWith(words, StringComparison.OrdinalIgnoreCase)));
}
