using System.Net;
using System.Net.Http.Headers;

namespace ExchangeResilience;

/// <summary>
/// Next to the wire: the transport gets a mutation's content once. Left to itself, .NET sends a request again when a connection closes before it has begun the
/// content, when the peer of an HTTP/2 or HTTP/3 connection refuses the stream, and when a server or proxy asks for credentials.
/// </summary>
internal sealed class SendOnceHandler(bool isWatched) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Method == HttpMethod.Get ? base.SendAsync(request, cancellationToken) : SendOnceAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // It would send the head alone and wait, and a head alone is sent again as often as its connection closes.
        request.Headers.Remove("Expect");
        var departure = new Departure { IsWatched = isWatched };
        request.Options.Set(Departure.Key, departure);
        var (content, once) = (request.Content, new OnceContent(request, departure));
        request.Content = once;
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            once.End();
            request.Content = content;
        }
    }

    private sealed class OnceContent : HttpContent
    {
        // .NET refuses to write a header that is not ASCII. HTTP/2 and HTTP/3 send the head before they ask for the content, and so would send a second one.
        private const string Spent = "X-Sent";
        private const string Unwritable = "\u2713";

        private readonly HttpRequestMessage _request;
        private readonly HttpContent? _content;
        private readonly Departure _departure;
        private AuthenticationHeaderValue? _ofServer;
        private AuthenticationHeaderValue? _ofProxy;

        public OnceContent(HttpRequestMessage request, Departure departure)
        {
            (_request, _content, _departure) = (request, request.Content, departure);
            if (_content is null)
            {
                return;
            }

            foreach (var (name, values) in _content.Headers.NonValidated)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        public void End()
        {
            _request.Headers.Remove(Spent);

            // Once it is refused for lack of credentials, and only then, the transport writes new ones into the message.
            _departure.WasChallenged = _departure.HasBegun
                && !(ReferenceEquals(_ofServer, _request.Headers.Authorization) && ReferenceEquals(_ofProxy, _request.Headers.ProxyAuthorization));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _content is null ? 0 : _content.Headers.ContentLength ?? -1;
            return length >= 0;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (_departure.HasBegun)
            {
                throw new HttpRequestException("The transport was about to send again what may have been executed, and was kept from it.");
            }

            _departure.HasBegun = true;
            (_ofServer, _ofProxy) = (_request.Headers.Authorization, _request.Headers.ProxyAuthorization);
            if (_request.Version.Major >= 2 || _request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
            {
                _request.Headers.TryAddWithoutValidation(Spent, Unwritable);
            }

            return _content is null ? Task.CompletedTask : _content.CopyToAsync(stream, context, cancellationToken);
        }
    }
}
