using System.Text;

namespace ExchangeResilience;

/// <summary>What to do about an error, where that depends on the request.</summary>
internal static class RequestAdvice
{
    public static string For(ErrorDefinition definition, ExchangeEndpoint endpoint, HttpRequestMessage request) =>
        definition.Elsewhere is { } other && other.Path == endpoint.Path ? other.Advice
        : definition is { Code: 0, Category: ErrorCategory.Blocked or ErrorCategory.NotSupported } && request.RequestUri is { IsAbsoluteUri: true } target
            ? $"{definition.Advice} It was {request.Method} {Shown(target)}."
        : definition.Advice;

    // An odd path is what is wrong, or holds what must not be shown.
    private static string Shown(Uri target) => MessageRedactor.Decode(Encoding.UTF8.GetBytes(target.AbsolutePath), isJson: false);
}
