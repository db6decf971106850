using ExchangeResilience.Tests.Policies;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Tests.Signing;

/// <summary>What is wrong with the section that holds the keys is said without showing what stands in it.</summary>
public sealed class SigningSectionReaderTests
{
    [Theory]
    [InlineData("RecvWindow", "my-secret")]
    [InlineData("RecvWindow", "1234567890123456")]
    [InlineData("ApiKey:Value", "my-secret")]
    [InlineData("Secrets", "my-secret")]
    public void A_value_in_the_wrong_place_is_not_repeated(string key, string value)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new($"ExchangeSigning:{key}", value)]).Build().GetSection("ExchangeSigning");
        var faults = new List<string>();

        SigningSectionReader.Read(section, new ExchangeSigningOptions(), faults);

        var fault = faults.ShouldHaveSingleItem();
        fault.ShouldStartWith($"ExchangeSigning:{key.Split(':')[0]}");
        fault.ShouldNotContain(value);
    }

    [Theory]
    [InlineData("hunter2-and-more", "x", "ExchangeSigning: holds an unknown key")]
    [InlineData("Hosts:hunter2-and-more", "x", "ExchangeSigning:Hosts: holds an unknown key")]
    [InlineData("TotalTimeout", "hunter2-and-more", "ExchangeSigning:TotalTimeout: unknown key; it belongs to ExchangeErrorHandling, the section of AddExchangeErrorHandling")]
    [InlineData("Samples", "hunter2-and-more", "ExchangeSigning:Samples: unknown key; it belongs to ExchangeErrorHandling:Clock, the section of AddExchangeErrorHandling")]
    [InlineData("Secre", "x", "ExchangeSigning:Secre: unknown key; did you mean 'Secret'?")]
    public void A_secret_that_stands_where_a_key_should_is_not_repeated(string key, string value, string expected)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new($"ExchangeSigning:{key}", value)]).Build().GetSection("ExchangeSigning");
        var faults = new List<string>();

        SigningSectionReader.Read(section, new ExchangeSigningOptions(), faults);

        var fault = faults.ShouldHaveSingleItem();
        fault.ShouldStartWith(expected);
        fault.ShouldNotContain("hunter2-and-more");
    }

    [Theory]
    [InlineData("Secret:hunter2-and-more", "ExchangeSigning:Secret: holds an unknown key, which is not repeated: it may be a secret in the wrong place; a value has none below it")]
    [InlineData("RecvWindow:TotalTimeout", "ExchangeSigning:RecvWindow:TotalTimeout: unknown key; it belongs to ExchangeErrorHandling, the section of AddExchangeErrorHandling")]
    [InlineData("Hosts:0:hunter2-and-more", "ExchangeSigning:Hosts:0: holds an unknown key, which is not repeated: it may be a secret in the wrong place; a value has none below it")]
    public void A_key_below_a_value_is_unknown(string key, string expected)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ExchangeSigning:Secret", "text"), new("ExchangeSigning:RecvWindow", "5s"), new("ExchangeSigning:Hosts:0", "host"), new($"ExchangeSigning:{key}", "hunter2-and-more")])
            .Build().GetSection("ExchangeSigning");
        var faults = new List<string>();

        SigningSectionReader.Read(section, new ExchangeSigningOptions(), faults);

        faults.ShouldHaveSingleItem().ShouldBe(expected);
    }

    [Fact]
    public void An_empty_item_is_no_host()
    {
        var section = Json.Parse("""{ "ExchangeSigning": { "ApiKey": "key", "Hosts": [ null ] } }""").GetSection("ExchangeSigning");
        var faults = new List<string>();

        SigningSectionReader.Read(section, new ExchangeSigningOptions(), faults);

        faults.ShouldHaveSingleItem().ShouldStartWith("ExchangeSigning:Hosts:0: is empty");
    }
}
