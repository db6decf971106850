using System.Text;

namespace Benchmarks.Errors;

/// <summary>What an exchange answers when it refuses, and what its load balancer answers when it cannot.</summary>
internal static class Bodies
{
    public const string Json = "400 with a code in JSON";
    public const string Html = "503 with a page in HTML";

    private static readonly byte[] JsonBytes = Encoding.UTF8.GetBytes("""{"code":-1121,"msg":"Invalid symbol."}""");
    private static readonly byte[] HtmlBytes = Encoding.UTF8.GetBytes(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>503 Service Temporarily Unavailable</title></head>
        <body>
        <center><h1>503 Service Temporarily Unavailable</h1></center>
        <hr><center>openresty</center>
        </body>
        </html>
        """);

    public static (int Status, byte[] Body) Of(string name) => name == Json ? (400, JsonBytes) : (503, HtmlBytes);
}
