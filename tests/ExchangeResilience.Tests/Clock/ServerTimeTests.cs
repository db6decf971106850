using System.Text;

namespace ExchangeResilience.Tests.Clock;

/// <summary>How the reply of the time endpoint is read, and what is none.</summary>
public sealed class ServerTimeTests
{
    [Theory]
    [InlineData("{\"serverTime\":1499827319559}")]
    [InlineData("{\"a\":{\"serverTime\":1},\"server\\u0054ime\":1499827319559}")]
    public void The_time_is_the_outermost_serverTime(string body) => ServerTime.Read(Encoding.UTF8.GetBytes(body)).ShouldBe(1499827319559);

    [Theory]
    [InlineData("{\"serv\\uD800\":1,\"serverTime\":1499827319559}")]
    [InlineData("{\"\\uDC00erverTime\":1499827319559}")]
    [InlineData("{\"serverTime\":\"1499827319559\"}")]
    [InlineData("{\"serverTime\":1.5}")]
    [InlineData("{\"serverTime\":")]
    [InlineData("[1499827319559]")]
    [InlineData("")]
    public void What_does_not_say_the_time_is_no_time(string body) => ServerTime.Read(Encoding.UTF8.GetBytes(body)).ShouldBeNull();
}
