namespace ExchangeResilience;

/// <summary>Other bytes under the head of a content, whatever its length was.</summary>
internal static class ContentCopy
{
    public static ByteArrayContent Of(HttpContent original, byte[] bytes)
    {
        var copy = new ByteArrayContent(bytes);
        foreach (var (name, values) in original.Headers.NonValidated)
        {
            if (!string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return copy;
    }
}
