using System.Globalization;
using System.Text;

namespace ExchangeResilience;

/// <summary>
/// Writes timestamp, recvWindow and signature into a request, once each and the signature last, whatever it carried of them before.
/// All other parameters stay where and as they are, apart from characters that may not be sent raw.
/// </summary>
internal readonly struct RequestSigner(IExchangeSigner signer, TimeSpan recvWindow)
{
    private const string Timestamp = "timestamp";
    private const string Signature = "signature";

    /// <summary>
    /// Signs. What is signed is the text of the query followed by that of the body, with nothing between them (Binance USD-M general
    /// info, "mixed query string and request body"). The new parameters join the body if it has any, else the query.
    /// </summary>
    /// <param name="address">The absolute address.</param>
    /// <param name="body">The form body; null if the request has none, or one the exchange takes no parameters from.</param>
    /// <param name="stampMs">The timestamp, in milliseconds since 1970.</param>
    public SignedRequest Sign(Uri address, string? body, long stampMs)
    {
        var draft = DraftOf(address, body, stampMs);
        return draft.With(signer.Sign(draft.Payload));
    }

    /// <summary>Signs as <see cref="Sign"/> does, and waits for a signer of the program's own no longer than it may.</summary>
    public ValueTask<SignedRequest> SignAsync(Uri address, string? body, long stampMs, TimeSpan within, TimeProvider time, CancellationToken cancellationToken) => signer is PatientSigner patient
        ? FinishAsync(patient, DraftOf(address, body, stampMs), within, time, cancellationToken)
        : new(Sign(address, body, stampMs));

    private static async ValueTask<SignedRequest> FinishAsync(PatientSigner signer, Draft draft, TimeSpan within, TimeProvider time, CancellationToken cancellationToken) =>
        draft.With(await signer.SignAsync(draft.Payload, within, time, cancellationToken).ConfigureAwait(false));

    private Draft DraftOf(Uri address, string? body, long stampMs)
    {
        var original = new RequestParameters(address.Query, body);
        var windowMs = ReceiveWindow.MillisecondsOf(original, recvWindow);
        var windowGiven = Strip(original, out var query, out var form);

        var target = form.Length > 0 ? form : query;
        if (!windowGiven)
        {
            Append(target, ReceiveWindow.Parameter, windowMs);
        }

        Append(target, Timestamp, stampMs);
        return new Draft(address, query, body is null ? null : form, target, windowMs, Encoding.ASCII.GetBytes($"{query}{form}"));
    }

    private static bool Strip(RequestParameters original, out StringBuilder query, out StringBuilder form)
    {
        query = new StringBuilder();
        form = new StringBuilder();
        var windowGiven = false;
        foreach (var parameter in original)
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

            ParameterText.AppendLegal(Separate(parameter.InQuery ? query : form), parameter.Raw);
        }

        return windowGiven;
    }

    private static void Append(StringBuilder text, string name, long value) =>
        Separate(text).Append(name).Append('=').Append(CultureInfo.InvariantCulture, $"{value}");

    private static StringBuilder Separate(StringBuilder text) => text.Length == 0 ? text : text.Append('&');

    /// <summary>All but the signature, which is put at the end of <paramref name="Target"/>.</summary>
    private readonly record struct Draft(Uri Address, StringBuilder Query, StringBuilder? Form, StringBuilder Target, long RecvWindowMs, byte[] Payload)
    {
        /// <exception cref="NotSignedException">There is no signature.</exception>
        public SignedRequest With(string? signature)
        {
            if (string.IsNullOrWhiteSpace(signature))
            {
                throw new NotSignedException("The signer returned no signature. Let IExchangeSigner.Sign return its text, or throw.");
            }

            Separate(Target).Append(Signature).Append('=').Append(Uri.EscapeDataString(signature));
            return new SignedRequest(ParameterText.WithQuery(Address, Query.ToString()), Form?.ToString(), RecvWindowMs);
        }
    }
}
