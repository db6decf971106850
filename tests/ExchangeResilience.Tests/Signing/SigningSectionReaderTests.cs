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
}
