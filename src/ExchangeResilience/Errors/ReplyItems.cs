using System.Text.Json;

namespace ExchangeResilience;

/// <summary>The items of a reply that is a well-formed array, one by one, without copies. Any other reply has none.</summary>
internal ref struct ReplyItems
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _start;
    private readonly ReplyVocabulary _vocabulary;
    private Utf8JsonReader _reader;
    private bool _hasMore;

    public ReplyItems(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _hasMore = ErrorReader.Read(body, vocabulary).Shape == BodyShape.Array;
        if (_hasMore)
        {
            _start = body.IndexOf((byte)'[');
            _text = body[_start..];
            _reader = new Utf8JsonReader(_text, isFinalBlock: false, default);
            _hasMore = _reader.Read();
        }
    }

    /// <summary>What the item says; its message is in the whole body's bytes.</summary>
    public ErrorReading Current { get; private set; }

    /// <summary>The item's position in the body.</summary>
    public Range Bytes { get; private set; }

    public readonly ReplyItems GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_hasMore || !_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            return _hasMore = false;
        }

        var first = _start + (int)_reader.TokenStartIndex;
        _hasMore = ErrorReader.TryReadItem(ref _reader, _text, _start, _vocabulary, out var item);
        Current = item;
        Bytes = first..(_start + (int)_reader.BytesConsumed);
        return _hasMore;
    }
}
