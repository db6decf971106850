using System.Text.Json;
using Azure;
using Azure.Core;

namespace Benchmarks.Calls;

/// <summary>How a client library on Azure.Core tells the pipeline's exception what its service's error bodies say.</summary>
internal sealed class ExchangeErrors : RequestFailedDetailsParser
{
    public static ExchangeErrors Parser { get; } = new();

    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        data = null;
        error = null;
        try
        {
            using var body = JsonDocument.Parse(response.Content);
            error = new ResponseError(body.RootElement.GetProperty("code").GetRawText(), body.RootElement.GetProperty("msg").GetString());
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
