using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>A host may speak one version of HTTP alone, and then answers no question in another.</summary>
public sealed class QuestionVersionTests
{
    [Fact]
    public async Task Questions_leave_by_the_version_that_the_client_is_set_to()
    {
        var seen = new List<(string Path, Version Version, HttpVersionPolicy Policy)>();
        using var world = new SimulatedFixture(
            static options => options.TrustedInnerHandlers.Add(typeof(Recorder).FullName!),
            outer: static builder => builder.ConfigureHttpClient(static http => (http.DefaultRequestVersion, http.DefaultVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)),
            wire: exchange => new Recorder(seen) { InnerHandler = exchange });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)))).Execution.ShouldBe(ExecutionStatus.Executed);

        seen.Select(static request => request.Path).ShouldContain("/fapi/v1/time");
        seen.Count(static request => request.Path == "/fapi/v1/order").ShouldBe(2, "it was looked up");
        seen.ShouldAllBe(static request => request.Version == HttpVersion.Version20 && request.Policy == HttpVersionPolicy.RequestVersionExact);
    }

    private sealed class Recorder(List<(string Path, Version Version, HttpVersionPolicy Policy)> seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Add((request.RequestUri!.AbsolutePath, request.Version, request.VersionPolicy));
            return base.SendAsync(request, cancellationToken);
        }
    }
}
