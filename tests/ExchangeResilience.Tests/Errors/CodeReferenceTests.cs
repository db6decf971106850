namespace ExchangeResilience.Tests.Errors;

/// <summary>Where an error is explained.</summary>
public sealed class CodeReferenceTests
{
    [Theory]
    [InlineData(-1021, "INVALID_TIMESTAMP", "code-1021")]
    [InlineData(-1008, "Request Throttled", "code-1008")]
    [InlineData(0, "CONNECTION_LOST", "connection-lost")]
    [InlineData(0, "HTTP_403_FIREWALL", "http-403-firewall")]
    [InlineData(int.MinValue, "UNLISTED_CODE", "code-2147483648")]
    public void An_anchor_is_the_code_or_else_the_name(int code, string name, string anchor)
    {
        var definition = new ErrorDefinition(code, name, ErrorCategory.Unclassified, ExecutionStatus.Unknown, "");

        definition.HelpAnchor.ShouldBe(anchor);
        LocalErrors.ToError(definition).HelpAnchor.ShouldBe(anchor);
        LocalErrors.ToError(definition).HelpLink.ShouldBe($"docs/codes.md#{anchor}");
    }

    [Fact]
    public void Every_code_of_the_table_has_an_anchor_of_its_own() =>
        ExchangeVenue.BinanceUsdFutures.Errors.All.Select(static row => row.HelpAnchor).ShouldBeUnique();

    [Fact]
    public void An_exception_links_to_the_explanation_of_its_error() =>
        new ExchangeErrorException(LocalErrors.ConnectionLost()).HelpLink.ShouldBe("docs/codes.md#connection-lost");
}
