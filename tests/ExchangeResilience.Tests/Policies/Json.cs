using System.Text;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Tests.Policies;

internal static class Json
{
    public static IConfigurationRoot Parse(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
}
