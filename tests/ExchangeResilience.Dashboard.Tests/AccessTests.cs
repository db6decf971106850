using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>Who is let in.</summary>
public sealed class AccessTests
{
    public static TheoryData<string, string> Doors => new()
    {
        { "GET", "/exchange" }, { "GET", "/exchange/state" }, { "GET", "/exchange/events" }, { "GET", "/exchange/decisions/1" }, { "POST", "/exchange/actions/stop" },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Another_machine_is_refused_where_no_policy_is_attached(string method, string path)
    {
        foreach (var remote in (string[])["10.0.0.7", "192.168.1.20", "2001:db8::7"])
        {
            await using var world = await InDevelopmentAsync(remote: remote);
            using var response = await AskAsync(world, method, path);

            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path} from {remote}");
            (await response.Content.ReadAsStringAsync()).ShouldContain("RequireAuthorization");
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task This_machine_is_let_in(string remote)
    {
        await using var world = await InDevelopmentAsync(remote: remote);

        (await world.Page.GetAsync("/exchange/state")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.0.0.7")]
    [InlineData("Forwarded", "for=10.0.0.7")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("x-forwarded-port", "443")]
    [InlineData("X-Original-For", "10.0.0.7:1234")]
    [InlineData("X-Original-Host", "trading.example.com")]
    [InlineData("X-Real-IP", "10.0.0.7")]
    [InlineData("Via", "1.1 squid")]
    public async Task A_proxy_on_this_machine_lends_nobody_its_address(string header, string value)
    {
        await using var world = await InDevelopmentAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state");
        request.Headers.Add(header, value);

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_request_in_the_version_of_plain_proxies_is_refused()
    {
        await using var world = await InDevelopmentAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state") { Version = HttpVersion.Version10, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task An_address_that_a_header_claims_is_not_where_the_request_comes_from(string method, string path)
    {
        await using var world = await InDevelopmentAsync(
            before: static app => app.UseForwardedHeaders(),
            services: static services => services.Configure<ForwardedHeadersOptions>(static options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.All;
                options.KnownProxies.Clear();
                options.KnownIPNetworks.Clear();
            }));
        world.Page.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");

        using var response = await AskAsync(world, method, path);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_address_written_over_the_connections_own_opens_nothing()
    {
        // As a middleware of the program may do that leaves no header behind.
        using var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await using var world = await InDevelopmentAsync(
            before: app => app.Use((context, next) =>
            {
                context.Features.Set<IConnectionSocketFeature>(new PeerFeature(peer));
                return next(context);
            }),
            remote: "127.0.0.1");

        (await world.Page.GetAsync("/exchange/state")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    [InlineData("10.0.0.7", HttpStatusCode.Forbidden)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    public async Task A_name_that_somebody_else_resolves_to_this_machine_is_refused(string host, HttpStatusCode expected)
    {
        await using var world = await InDevelopmentAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state");
        request.Headers.Host = host;

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task With_a_policy_the_policy_decides_wherever_the_request_comes_from(string method, string path)
    {
        foreach (var remote in (string[])["127.0.0.1", "10.0.0.7"])
        {
            await using var world = await DashboardWorld.StartAsync(remote: remote);
            world.Page.DefaultRequestHeaders.Remove(HeaderAuthentication.Header);

            using var stranger = await AskAsync(world, method, path);
            stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path} from {remote}");

            world.Page.DefaultRequestHeaders.Add(HeaderAuthentication.Header, DashboardWorld.Operator);
            using var known = await AskAsync(world, method, path);
            known.StatusCode.ShouldBe(path.EndsWith("/1", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK, $"{method} {path} from {remote}");
        }
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Outside_Development_nothing_starts_that_has_not_said_who_may_see_it(string environment)
    {
        foreach (var map in (Action<IEndpointConventionBuilder>[])[DashboardWorld.Undecided, static mapped => mapped.RequireAuthorization().AllowAnonymous()])
        {
            var refusal = (await Should.ThrowAsync<InvalidOperationException>(() => DashboardWorld.StartAsync(map, environment: environment))).Message;

            refusal.ShouldContain("/exchange");
            refusal.ShouldContain(".RequireAuthorization(\"on-call\")");
            refusal.ShouldContain(".AllowAnonymousReadingOnLoopback()");
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task In_a_group_without_a_policy_it_is_shown_to_nobody(string method, string path)
    {
        await using var world = await DashboardWorld.StartAsync(before: static app => app.MapGroup("/inner").MapExchangeResilience("/exchange"));

        using var response = await AskAsync(world, method, "/inner" + path);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_may_be_read_without_a_policy_says_so_by_its_name_and_cannot_be_acted_on()
    {
        await using var world = await DashboardWorld.StartAsync(static mapped => mapped.AllowAnonymousReadingOnLoopback());
        await using var development = await InDevelopmentAsync();
        await using var far = await DashboardWorld.StartAsync(static mapped => mapped.AllowAnonymousReadingOnLoopback(), remote: "10.0.0.7");

        foreach (var near in (DashboardWorld[])[world, development])
        {
            (await near.StateAsync()).GetProperty("mayAct").GetBoolean().ShouldBeFalse();
            using var act = await AskAsync(near, "POST", "/exchange/actions/stop");
            act.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await act.Content.ReadAsStringAsync()).ShouldContain("RequireAuthorization");
            (await near.BuyAsync("a")).ShouldBeNull();
        }

        (await far.Page.GetAsync("/exchange/state")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData(null, "https://evil.example")]
    [InlineData(null, "null")]
    [InlineData("cross-site", "https://evil.example")]
    public async Task A_page_of_another_origin_reads_nothing_and_holds_no_stream(string? site, string? origin)
    {
        await using var world = await DashboardWorld.StartAsync();
        foreach (var path in (string[])["/exchange", "/exchange/state", "/exchange/events", "/exchange/decisions/1"])
        {
            using var response = await world.Page.SendAsync(From(path), HttpCompletionOption.ResponseHeadersRead);

            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        HttpRequestMessage From(string path)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Sec-Fetch-Mode", "cors" } } };
            if (site is not null)
            {
                request.Headers.Add("Sec-Fetch-Site", site);
            }

            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            return request;
        }
    }

    [Fact]
    public async Task A_link_from_anywhere_leads_to_the_page()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange")
        {
            Headers = { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "navigate" }, { "Sec-Fetch-Dest", "document" } },
        };

        (await world.Page.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null, null, null, HttpStatusCode.Forbidden)]
    [InlineData("1", "cross-site", null, HttpStatusCode.Forbidden)]
    [InlineData("1", "same-site", null, HttpStatusCode.Forbidden)]
    [InlineData("1", "none", null, HttpStatusCode.Forbidden)]
    [InlineData("1", null, "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("1", null, "null", HttpStatusCode.Forbidden)]
    [InlineData("1", null, "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("1", "same-origin", "own", HttpStatusCode.Conflict)]
    [InlineData("1", null, null, HttpStatusCode.Conflict)]
    public async Task An_action_comes_from_the_page_itself(string? header, string? site, string? origin, HttpStatusCode expected)
    {
        await using var world = await DashboardWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/exchange/actions/resume") { Content = JsonContent.Create(new { reason = "test" }) };
        Add("X-Exchange-Dashboard", header);
        Add("Sec-Fetch-Site", site);
        Add("Origin", origin == "own" ? world.Page.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(expected);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.Add(name, value);
            }
        }
    }

    [Fact]
    public void A_program_without_a_protected_client_is_told_what_it_lacks()
    {
        var builder = WebApplication.CreateSlimBuilder();
        using var app = (IDisposable)builder.Build();

        Should.Throw<InvalidOperationException>(() => ((WebApplication)app).MapExchangeResilience()).Message.ShouldContain("AddExchangeErrorHandling");
    }

    private static Task<HttpResponseMessage> AskAsync(DashboardWorld world, string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Content = JsonContent.Create(new { });
            request.Headers.Add("X-Exchange-Dashboard", "1");
        }

        return world.Page.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Task<DashboardWorld> InDevelopmentAsync(Action<WebApplication>? before = null, Action<IServiceCollection>? services = null, string? remote = null) =>
        DashboardWorld.StartAsync(DashboardWorld.Undecided, before, services, remote, "Development");

    private sealed record PeerFeature(Socket Socket) : IConnectionSocketFeature;
}
