using System.Net.Http.Headers;
using System.Text;

namespace ExchangeResilience;

/// <summary>Makes a mutation fit to be read, signed and sent more than once.</summary>
internal static class RequestPreparation
{
    /// <summary>The longest content that is kept in memory for repeating.</summary>
    public const int ContentLimit = 1024 * 1024;

    private const string FormMediaType = "application/x-www-form-urlencoded";

    /// <summary>Gives the request content that can be read again, within <c>TotalTimeout</c>, and returns it as text where it is a form.</summary>
    /// <exception cref="ExchangeErrorException">The content cannot be kept, or is of a kind that the exchange reads nothing from.</exception>
    public static async ValueTask<string?> BufferAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Content is not { } content)
        {
            return null;
        }

        try
        {
            await content.LoadIntoBufferAsync(ContentLimit, cancellationToken).WaitAsync(settings.Options.TotalTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // It is the program's own, and may throw anything.
            throw Refused(LocalErrors.ContentNotRepeatable, settings, endpoint, error);
        }

        if (!string.Equals(content.Headers.ContentType?.MediaType, FormMediaType, StringComparison.OrdinalIgnoreCase))
        {
            return endpoint.Security == EndpointSecurity.Signature && content.Headers.ContentLength > 0 ? throw Refused(LocalErrors.BodyNotAForm, settings, endpoint, cause: null) : null;
        }

        // Copied, not read: the content's own stream is handed out once and belongs to the sender.
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(copy.GetBuffer(), 0, (int)copy.Length);
    }

    /// <summary>
    /// Writes a parameter into the caller's own message, so that a handler that sends it again sends the same: where it is, else where the other parameters are.
    /// </summary>
    public static string? Write(HttpRequestMessage request, string? form, string name, string value)
    {
        var uri = request.RequestUri!;
        if (form is { Length: > 0 } && !new RequestParameters(uri.Query, body: null).TryFind(name, out _))
        {
            form = ParameterText.Replace(form, name, value);
            request.Content = FormOf(form, request.Content);
            return form;
        }

        request.RequestUri = ParameterText.WithQuery(uri, ParameterText.Replace(uri.Query.TrimStart('?'), name, value));
        return form;
    }

    /// <summary>A message like the caller's, with another value of one parameter. It can be disposed without touching the caller's.</summary>
    public static HttpRequestMessage CopyWith(HttpRequestMessage request, string? form, string name, string value)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach (var (header, values) in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(header, values);
        }

        foreach (var (key, option) in request.Options)
        {
            ((IDictionary<string, object?>)copy.Options)[key] = option;
        }

        copy.Content = form is null ? null : FormOf(form, request.Content);
        Write(copy, form, name, value);
        return copy;
    }

    private static ExchangeErrorException Refused(ErrorDefinition definition, ClientSettings settings, ExchangeEndpoint endpoint, Exception? cause) =>
        ExchangeErrorException.Refusal(LocalErrors.ToError(definition), $"{settings.Name}: {endpoint.PlainOperation}", cause);

    private static ByteArrayContent FormOf(string form, HttpContent? like)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(form));
        content.Headers.ContentType = like?.Headers.ContentType ?? new MediaTypeHeaderValue(FormMediaType);
        return content;
    }
}
