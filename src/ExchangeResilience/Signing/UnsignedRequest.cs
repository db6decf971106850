using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>
/// A request as it will be sent but for its signature: with timestamp and recvWindow, once each, and without what it carried of them and of a signature before.
/// All other parameters stay where and as they are, apart from characters that may not be sent raw. It is written once, and signed and sent from there.
/// </summary>
internal sealed class UnsignedRequest : IDisposable
{
    private const string Timestamp = "timestamp";
    private const string Signature = "signature";

    private readonly PooledText _address = new();
    private readonly PooledText? _form;
    private readonly int _pathEnd;
    private readonly long _recvWindowMs;

    public UnsignedRequest(in RequestTarget target, string? body, long stampMs, TimeSpan recvWindow)
    {
        _address.Append(target.Address);
        _pathEnd = _address.Length;
        _form = body is null ? null : new PooledText();

        var given = target.ParametersWith(body);
        if (CopyAllBut(given))
        {
            _recvWindowMs = ReceiveWindow.MillisecondsOf(given, recvWindow);
        }
        else
        {
            Add(ReceiveWindow.Parameter, _recvWindowMs = (long)recvWindow.TotalMilliseconds);
        }

        Add(Timestamp, stampMs);
    }

    // What is added joins the body if that has any, else the query.
    private PooledText Target => _form is { Length: > 0 } ? _form : _address;

    private ReadOnlySpan<char> Query => _pathEnd < _address.Length ? _address.Written[(_pathEnd + 1)..] : [];

    private int PayloadLength => Query.Length + (_form?.Length ?? 0);

    /// <summary>What is signed: the text of the query followed by that of the body, with nothing between them (Binance USD-M general info, "mixed query string and request body").</summary>
    public byte[] Payload()
    {
        var payload = new byte[PayloadLength];
        WritePayload(payload);
        return payload;
    }

    /// <summary>The request with the signature of the payload.</summary>
    /// <exception cref="NotSignedException">There is no signature.</exception>
    public SignedRequest SignedBy(IExchangeSigner signer)
    {
        var length = PayloadLength;
        var payload = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            WritePayload(payload);
            return With(signer is HmacSha256Signer hmac ? hmac.Sign(payload.AsSpan(0, length), stackalloc char[2 * HMACSHA256.HashSizeInBytes]) : signer.Sign(payload.AsSpan(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    /// <summary>The request with its signature, which is its last parameter.</summary>
    /// <exception cref="NotSignedException">There is no signature.</exception>
    public SignedRequest With(ReadOnlySpan<char> signature)
    {
        if (signature.IsWhiteSpace())
        {
            throw new NotSignedException("The signer returned no signature. Let IExchangeSigner.Sign return its text, or throw.");
        }

        Name(Signature);
        ParameterText.AppendEncoded(Target, signature);
        return new SignedRequest(ParameterText.AsWritten(_address.ToString()), _form?.ToString(), _recvWindowMs);
    }

    public void Dispose()
    {
        _address.Dispose();
        _form?.Dispose();
    }

    /// <summary>Whether the request names its window itself.</summary>
    private bool CopyAllBut(RequestParameters given)
    {
        var windowGiven = false;
        foreach (var parameter in given)
        {
            if (parameter.IsNamed(Timestamp) || parameter.IsNamed(Signature))
            {
                continue;
            }

            // The first is the one the exchange would read.
            if (parameter.IsNamed(ReceiveWindow.Parameter))
            {
                if (windowGiven)
                {
                    continue;
                }

                windowGiven = true;
            }

            var target = parameter.InQuery ? _address : _form!;
            Separate(target);
            ParameterText.AppendLegal(target, parameter.Raw);
        }

        return windowGiven;
    }

    private void Add(string name, long value)
    {
        Name(name);
        Target.Append(value);
    }

    private void Name(string name)
    {
        var target = Target;
        Separate(target);
        target.Append(name);
        target.Append('=');
    }

    private void Separate(PooledText target)
    {
        if (target == _address)
        {
            target.Append(target.Length == _pathEnd ? '?' : '&');
        }
        else if (target.Length > 0)
        {
            target.Append('&');
        }
    }

    private void WritePayload(Span<byte> payload)
    {
        var written = Encoding.ASCII.GetBytes(Query, payload);
        if (_form is not null)
        {
            Encoding.ASCII.GetBytes(_form.Written, payload[written..]);
        }
    }
}
