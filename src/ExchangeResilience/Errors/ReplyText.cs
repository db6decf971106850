using System.Text;

namespace ExchangeResilience;

/// <summary>A text of the exchange that means something by itself, under any code. Case makes no difference.</summary>
internal sealed class ReplyText(KnownText meaning, TextPlace place, string text)
{
    private readonly byte[] _bytes = Encoding.ASCII.GetBytes(text);

    public KnownText Meaning { get; } = meaning;

    public string Text { get; } = text;

    /// <summary>Whether a whole message, without blanks around it and not empty, is, or holds, this text at its place.</summary>
    public bool Matches(ReadOnlySpan<byte> message) => place switch
    {
        TextPlace.Start => CaselessText.StartsWith(message, _bytes),
        TextPlace.Whole => Ascii.EqualsIgnoreCase(message[^1] == '.' ? message[..^1] : message, _bytes),
        _ => IsIn(message),
    };

    /// <summary>Whether it is anywhere in text of no known structure.</summary>
    public bool IsIn(ReadOnlySpan<byte> text) => CaselessText.Contains(text, _bytes);
}
