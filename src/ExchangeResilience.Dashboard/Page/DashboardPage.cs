using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>The page, put together once from its three parts. Its policy names the very style and script that stand in it, so that nothing else runs, loads or connects.</summary>
internal static class DashboardPage
{
    private static readonly (byte[] Html, string Policy) Page = Compose();

    public static Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = Page.Html.Length;
        context.Response.Headers.ContentSecurityPolicy = Page.Policy;
        return context.Response.Body.WriteAsync(Page.Html, context.RequestAborted).AsTask();
    }

    private static (byte[] Html, string Policy) Compose()
    {
        var style = Read("page.css");
        var script = Read("page.js");
        var html = Read("page.html").Replace("/*style*/", style, StringComparison.Ordinal).Replace("/*script*/", script, StringComparison.Ordinal);
        return (
            Encoding.UTF8.GetBytes(html),
            $"default-src 'none'; style-src {HashOf(style)}; script-src {HashOf(script)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    // Browsers make one kind of line end of all before they hash.
    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(DashboardPage).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
