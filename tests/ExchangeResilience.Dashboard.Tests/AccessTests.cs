using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>Who is let in.</summary>
public sealed class AccessTests
{
    private const string Scheme = "test";

    public static TheoryData<string, string> Doors => new()
    {
        { "GET", "/exchange" }, { "GET", "/exchange/state" }, { "GET", "/exchange/events" }, { "POST", "/exchange/actions/stop" },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Another_machine_is_refused_where_no_policy_is_attached(string method, string path)
    {
        foreach (var remote in (string[])["10.0.0.7", "192.168.1.20", "2001:db8::7"])
        {
            await using var world = await DashboardWorld.StartAsync(remote: remote);
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
        await using var world = await DashboardWorld.StartAsync(remote: remote);

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
        await using var world = await DashboardWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state");
        request.Headers.Add(header, value);

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_request_in_the_version_of_plain_proxies_is_refused()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state") { Version = HttpVersion.Version10, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task An_address_that_a_header_claims_is_not_where_the_request_comes_from(string method, string path)
    {
        await using var world = await DashboardWorld.StartAsync(
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
        await using var world = await DashboardWorld.StartAsync(
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
        await using var world = await DashboardWorld.StartAsync();
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
            await using var world = await WithPolicyAsync(remote, static mapped => mapped.RequireAuthorization());

            using var stranger = await AskAsync(world, method, path);
            stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path} from {remote}");

            world.Page.DefaultRequestHeaders.Add("X-Test-User", "ann");
            using var known = await AskAsync(world, method, path);
            known.StatusCode.ShouldBe(method == "POST" ? HttpStatusCode.BadRequest : HttpStatusCode.OK, $"{method} {path} from {remote}");
        }
    }

    [Fact]
    public async Task A_policy_that_lets_everybody_in_is_none()
    {
        await using var world = await WithPolicyAsync("10.0.0.7", static mapped => mapped.RequireAuthorization().AllowAnonymous());

        (await world.Page.GetAsync("/exchange/state")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
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

    private static Task<DashboardWorld> WithPolicyAsync(string remote, Action<IEndpointConventionBuilder> map) => DashboardWorld.StartAsync(
        map,
        static app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
        },
        static services =>
        {
            services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(Scheme, configureOptions: null);
            services.AddAuthorization();
        },
        remote);

    private sealed record PeerFeature(Socket Socket) : IConnectionSocketFeature;

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers.TryGetValue("X-Test-User", out var user)
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim(ClaimTypes.Name, user!)], Scheme.Name)), Scheme.Name))
                : AuthenticateResult.NoResult());
    }
}
