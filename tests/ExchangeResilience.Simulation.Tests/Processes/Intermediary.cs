using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>What stands between all processes and the exchange. It spoils a reply now and then: headers that no exchange sends, a body that stops half way.</summary>
internal sealed class Intermediary(World world)
{
    private const double ShareOfHungBodies = 0.01;
    private const double ShareOfWrongHeaders = 0.05;

    private readonly Dictionary<string, int> _replies = [];

    /// <summary>False where the reply will never be whole.</summary>
    public bool Pass(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (!world.Plan.Kind.IsLarger())
        {
            return true;
        }

        var parameters = new RequestParameters(request.RequestUri!.Query, body: null);
        var what = string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.RequestUri.AbsolutePath} {parameters["newClientOrderId"] ?? parameters["origClientOrderId"] ?? parameters["symbol"]}");
        var number = _replies[what] = _replies.GetValueOrDefault(what) + 1;
        var name = string.Create(CultureInfo.InvariantCulture, $"reply to {what} #{number}");
        if (world.Weather.Strikes($"wrong header of {name}", ShareOfWrongHeaders))
        {
            Spoil(response, Dice.For(world.Plan.Seed, name));
        }

        if (!world.Weather.Strikes($"hung body of {name}", ShareOfHungBodies))
        {
            return true;
        }

        world.Log.Add($"the body of the {name} hangs");
        response.Content = new HungContent(response.Content);
        return false;
    }

    private void Spoil(HttpResponseMessage response, Dice dice)
    {
        // How long a hold lasts must be told, or nobody could keep to it.
        var mayBearRetryAfter = (int)response.StatusCode is not (429 or 418 or 503);
        var (header, value) = dice.Int(1, mayBearRetryAfter ? 4 : 3) switch
        {
            1 => ("Date", dice.Pick("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", world.Exchange.Clock.Now.AddHours(dice.Pick(-1, 1)).ToString("R", CultureInfo.InvariantCulture))),
            2 => ("X-MBX-USED-WEIGHT-1M", dice.Pick("-7", "many", "99999999999999999999", "1", "")),
            3 => ("X-MBX-ORDER-COUNT-10S", dice.Pick("-7", "many", "99999999999999999999", "1", "")),
            _ => ("Retry-After", dice.Pick("soon", "-3", "99999999999999999999", "1e9", "")),
        };
        world.Log.Add($"the next reply says {header}: {value}");
        response.Headers.Remove(header);
        response.Headers.TryAddWithoutValidation(header, value);
    }
}
