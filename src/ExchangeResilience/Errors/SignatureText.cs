using System.Globalization;

namespace ExchangeResilience;

/// <summary>Finds a signature in base64, however JSON or HTML writes it, in one line or in several.</summary>
internal static class SignatureText
{
    // '/' may break it up anywhere: of 64 bytes and more it is longer than a path, else '+' or its padding distinguishes it from one.
    private const int LongestHarmlessPath = 80;

    private const int EscapeLength = 6;
    private const int LongestEntity = 10;

    // As it is written, and where '&' is escaped again by HTML or by JSON.
    private static readonly string[] Ampersands = ["&amp;", @"\u0026", "&"];
    private static readonly (string Name, char Character)[] Entities = [("plus", '+'), ("sol", '/'), ("equals", '=')];

    /// <summary>How long the signature is that the text begins with; 0 where that may be a word or a path.</summary>
    public static int LengthAt(ReadOnlySpan<char> text)
    {
        var line = Read(text);
        var (length, characters, isPath) = (line.Length, line.Characters, line.IsPath);
        while (line is { IsPadded: false, Characters: > MessageRedactor.LongestHarmlessRun } && LineBreak(text[length..]) is > 0 and var lineBreak)
        {
            line = Read(text[(length + lineBreak)..]);

            // The rest of a signature ends in padding; no word does.
            if (line is { IsPadded: false, Characters: <= MessageRedactor.LongestHarmlessRun })
            {
                break;
            }

            length += lineBreak + line.Length;
            characters += line.Characters;
            isPath &= line.IsPath;
        }

        return characters > (isPath ? LongestHarmlessPath : MessageRedactor.LongestHarmlessRun) ? length : 0;
    }

    private static Line Read(ReadOnlySpan<char> text)
    {
        var (run, characters, hasPlus, hasSlash) = (0, 0, false, false);
        for (int used; (used = ReadCharacter(text[run..], out var character)) > 0 && character != '='; run += used)
        {
            characters++;
            hasPlus |= character == '+';
            hasSlash |= character == '/';
        }

        var (end, padding) = (run, 0);
        for (int used; (used = ReadCharacter(text[end..], out var character)) > 0 && character == '='; end += used)
        {
            padding++;
        }

        // Else the name of a parameter.
        var isPadded = padding is 1 or 2 && (end == text.Length || !MessageRedactor.IsToken(text[end]));
        return isPadded ? new(end, characters + padding, IsPadded: true, IsPath: false) : new(run, characters, IsPadded: false, IsPath: hasSlash && !hasPlus);
    }

    /// <summary>How much of the text one character of base64 takes; 0 where there is none.</summary>
    private static int ReadCharacter(ReadOnlySpan<char> text, out char character)
    {
        character = text.IsEmpty ? default : text[0];
        if (IsOfBase64(character))
        {
            return 1;
        }

        if (text is ['\\', '/', ..])
        {
            character = '/';
            return 2;
        }

        if (text is ['\\', 'u', ..] && text.Length >= EscapeLength && TryCode(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, out character) && character is '+' or '/' or '=')
        {
            return EscapeLength;
        }

        return character is '&' or '\\' ? ReadEntity(text, out character) : 0;
    }

    private static int ReadEntity(ReadOnlySpan<char> text, out char character)
    {
        character = default;
        foreach (var ampersand in Ampersands)
        {
            if (text.StartsWith(ampersand, StringComparison.OrdinalIgnoreCase))
            {
                var entity = text[ampersand.Length..];
                var end = entity[..Math.Min(entity.Length, LongestEntity)].IndexOf(';');
                return end > 0 && TryEntity(entity[..end], out character) && IsOfBase64(character) ? ampersand.Length + end + 1 : 0;
            }
        }

        return 0;
    }

    private static bool TryEntity(ReadOnlySpan<char> entity, out char character)
    {
        if (entity is ['#', 'x' or 'X', ..])
        {
            return TryCode(entity[2..], NumberStyles.AllowHexSpecifier, out character);
        }

        if (entity is ['#', ..])
        {
            return TryCode(entity[1..], NumberStyles.None, out character);
        }

        foreach (var (name, known) in Entities)
        {
            if (entity.SequenceEqual(name))
            {
                character = known;
                return true;
            }
        }

        character = default;
        return false;
    }

    private static bool TryCode(ReadOnlySpan<char> digits, NumberStyles style, out char character)
    {
        var isCode = ushort.TryParse(digits, style, CultureInfo.InvariantCulture, out var code);
        character = (char)code;
        return isCode;
    }

    private static bool IsOfBase64(char character) => MessageRedactor.IsToken(character) || character is '/' or '=';

    private static int LineBreak(ReadOnlySpan<char> text) => text.IndexOfAnyExcept('\r', '\n') is >= 0 and var end ? end : text.Length;

    private readonly record struct Line(int Length, int Characters, bool IsPadded, bool IsPath);
}
