using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Handling;

/// <summary>What may stand where between the caller and the wire, and what registration refuses.</summary>
public sealed class HandlerOrderTests
{
    private const string Client = "futures";

    [Fact]
    public void A_retry_below_the_middleware_is_refused_when_the_client_is_first_made()
    {
        using var services = Services(static builder => builder.AddExchangeErrorHandling().AddHttpMessageHandler(static () => new InnerRetry()));

        var refusal = Should.Throw<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient(Client));

        ShouldNameTypeAndRemedy(refusal);
    }

    [Fact]
    public async Task A_retry_below_the_middleware_is_refused_when_the_host_starts()
    {
        var host = Host.CreateEmptyApplicationBuilder(settings: null);
        host.Services.AddHttpClient(Client).AddExchangeErrorHandling().AddHttpMessageHandler(static () => new InnerRetry());
        using var built = host.Build();

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => built.StartAsync());

        ShouldNameTypeAndRemedy(refusal);
    }

    [Fact]
    public void A_retry_inside_the_primary_handler_is_refused_too()
    {
        using var services = Services(static builder => builder.AddExchangeErrorHandling().ConfigurePrimaryHttpMessageHandler(static () => new InnerRetry { InnerHandler = new SocketsHttpHandler() }));

        var refusal = Should.Throw<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient(Client));

        ShouldNameTypeAndRemedy(refusal);
    }

    [Fact]
    public async Task A_host_without_such_handlers_starts()
    {
        var host = Host.CreateEmptyApplicationBuilder(settings: null);
        host.Services.AddHttpClient(Client).AddHttpMessageHandler(static () => new InnerRetry()).AddExchangeErrorHandling();
        using var built = host.Build();

        await built.StartAsync();
        await built.StopAsync();
    }

    [Fact]
    public void A_handler_below_that_is_trusted_is_allowed()
    {
        using var services = Services(static builder => builder
            .AddExchangeErrorHandling(static options =>
            {
                options.Account = "desk";
                options.TrustedInnerHandlers.Add(typeof(InnerRetry).FullName!);
            })
            .AddHttpMessageHandler(static () => new InnerRetry()));

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client).ShouldNotBeNull();
    }

    [Fact]
    public void A_client_that_has_lost_its_error_handling_is_refused()
    {
        using var services = Services(static builder => builder.AddExchangeErrorHandling().ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear()));

        Should.Throw<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient(Client)).Message.ShouldContain(Client);
    }

    [Fact]
    public void Other_clients_are_none_of_our_business()
    {
        using var services = Services(static builder =>
        {
            builder.AddExchangeErrorHandling();
            builder.Services.AddHttpClient("other").AddHttpMessageHandler(static () => new InnerRetry());
        });

        services.GetRequiredService<IHttpClientFactory>().CreateClient("other").Timeout.ShouldBe(TimeSpan.FromSeconds(100));
    }

    public static TheoryData<string> Registrations => [.. Orders.Keys];

    private static readonly Dictionary<string, Action<IHttpClientBuilder, Action<IHttpClientBuilder>>> Orders = new(StringComparer.Ordinal)
    {
        ["handling, signing, handler"] = static (builder, spy) => { Handle(builder); Sign(builder); spy(builder); },
        ["signing, handling, handler"] = static (builder, spy) => { Sign(builder); Handle(builder); spy(builder); },
        ["handling, handler, signing"] = static (builder, spy) => { Handle(builder); spy(builder); Sign(builder); },
        ["signing, handler, handling"] = static (builder, spy) => { Sign(builder); spy(builder); Handle(builder); },
    };

    [Theory]
    [MemberData(nameof(Registrations))]
    public async Task Signing_stands_next_to_the_wire_whatever_the_order_of_registration(string order)
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        var spy = new Spy();
        using var services = Services(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
            Orders[order](builder, it => it.AddHttpMessageHandler(() => spy));
        });
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
        client.BaseAddress = SimulatedExchange.Address;

        var told = await time.RunAsync(() => Told.HearAsync(client.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        spy.Seen.ShouldNotBeEmpty();
        spy.Seen.ShouldAllBe(static address => !address.Query.Contains("signature"));
        exchange.Seen(ExchangeLooks.Place).Single().Parameters.ContainsKey("signature").ShouldBeTrue();
    }

    [Fact]
    public void Automatic_redirects_are_off_on_every_handler_of_the_platform()
    {
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = true };
        var client = new HttpClientHandler { AllowAutoRedirect = true };
        using var services = Services(builder =>
        {
            builder.AddExchangeErrorHandling().ConfigurePrimaryHttpMessageHandler(() => sockets);
            builder.Services.AddHttpClient("older").AddExchangeErrorHandling().ConfigurePrimaryHttpMessageHandler(() => client);
        });

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
        services.GetRequiredService<IHttpClientFactory>().CreateClient("older");

        sockets.AllowAutoRedirect.ShouldBeFalse();
        client.AllowAutoRedirect.ShouldBeFalse();
    }

    [Fact]
    public async Task Two_clients_may_share_a_primary_handler_that_has_started()
    {
        using var shared = new SocketsHttpHandler();
        using var services = Sharing(shared);

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client).ShouldNotBeNull();
        await StartAsync(shared);

        services.GetRequiredService<IHttpClientFactory>().CreateClient("older").ShouldNotBeNull();
    }

    public static TheoryData<string> SharedHandlers => ["SocketsHttpHandler", "HttpClientHandler", "one within another"];

    [Theory]
    [MemberData(nameof(SharedHandlers))]
    public async Task A_primary_handler_that_has_started_serves_if_it_is_safe_and_is_refused_if_not(string kind)
    {
        foreach (var follows in new[] { false, true })
        {
            using HttpMessageHandler shared = kind switch
            {
                "SocketsHttpHandler" => new SocketsHttpHandler { AllowAutoRedirect = follows },
                "HttpClientHandler" => new HttpClientHandler { AllowAutoRedirect = follows },
                _ => new InnerRetry { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = follows } },
            };
            using var services = Sharing(shared);
            var factory = services.GetRequiredService<IHttpClientFactory>();
            factory.CreateClient("unprotected").ShouldNotBeNull();
            await StartAsync(shared);

            if (!follows)
            {
                factory.CreateClient(Client).ShouldNotBeNull();
                continue;
            }

            var refusal = Should.Throw<InvalidOperationException>(() => factory.CreateClient(Client));
            refusal.Message.ShouldStartWith($"The client '{Client}' has a primary handler that follows redirects");
            refusal.Message.ShouldEndWith($"Set AllowAutoRedirect = false on the {(kind == "HttpClientHandler" ? kind : "SocketsHttpHandler")} where it is made.");
        }
    }

    [Fact]
    public async Task A_primary_handler_that_started_before_the_client_factory_had_it_is_refused_by_name()
    {
        using var shared = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var services = Sharing(shared);
        await StartAsync(shared);

        var refusal = Should.Throw<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient(Client));

        refusal.Message.ShouldContain($"'{Client}'");
        refusal.Message.ShouldContain("or set MeterFactory on the SocketsHttpHandler where it is made");
    }

    [Theory]
    [InlineData(-0.001, 5)]
    [InlineData(2, 2)]
    [InlineData(60, 60)]
    public void Connecting_takes_five_seconds_at_most_unless_the_user_says_otherwise(double set, double expected)
    {
        var sockets = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(set) };
        using var services = Services(builder => builder.AddExchangeErrorHandling().ConfigurePrimaryHttpMessageHandler(() => sockets));

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);

        sockets.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Fact]
    public void A_reload_cannot_take_trust_from_a_handler_that_stands_by_it()
    {
        var exchange = new SimulatedExchange();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Exchange:TrustedInnerHandlers:0", (string?)typeof(Spy).FullName)]).Build();
        using var services = Services(builder => Sign(builder
            .AddExchangeErrorHandling(configuration.GetSection("Exchange"))
            .AddHttpMessageHandler(static () => new Spy())
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler())));
        var factory = services.GetRequiredService<IHttpMessageHandlerFactory>();
        factory.CreateHandler(Client).ShouldNotBeNull();
        var source = services.GetRequiredService<ClientSettingsRegistry>().For(Client);

        configuration["Exchange:TrustedInnerHandlers:0"] = "Somebody.Else";
        configuration["Exchange:MaxWait"] = "10s";
        configuration.Reload();

        source.LastReload.ShouldNotBeNull().Faults.ShouldHaveSingleItem().ShouldBe(
            $"Exchange:TrustedInnerHandlers: '{typeof(Spy).FullName}' is missing, and stands between exchange error handling and the wire; name it, or restart the program without that handler");
        source.Current.Options.MaxWait.ShouldBe(TimeSpan.FromSeconds(60));

        configuration["Exchange:TrustedInnerHandlers:1"] = typeof(Spy).FullName;
        configuration.Reload();

        source.LastReload.ShouldNotBeNull().Accepted.ShouldBeTrue();
        source.Current.Options.MaxWait.ShouldBe(TimeSpan.FromSeconds(10));
        Should.NotThrow(() => services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Client));
    }

    [Fact]
    public async Task A_question_for_which_no_handlers_can_be_made_is_answered_with_the_reason()
    {
        using var services = Services(static builder => builder.AddExchangeErrorHandling().AddHttpMessageHandler(static () => throw new FormatException("no such proxy")));

        var answer = await services.GetRequiredService<IInternalRequestSender>().AskAsync(Client, HttpMethod.Get, new Uri(SimulatedExchange.Address, "/fapi/v1/time"), CancellationToken.None);

        answer.Error.ShouldNotBeNull().Message.ShouldBe(nameof(FormatException), "its words may hold anything");
    }

    [Fact]
    public async Task A_redirected_order_reaches_no_other_host_and_is_unknown()
    {
        var elsewhere = new SimulatedExchange();
        await using var other = await elsewhere.ListenAsync();
        var exchange = new SimulatedExchange();
        exchange.Faults.Next(ExchangeLooks.Place, Fault.Redirect307(new Uri(other.Address, "/fapi/v1/order").ToString()));
        await using var server = await exchange.ListenAsync();
        using var services = Services(static builder =>
        {
            Handle(builder, static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(2));
            Sign(builder);
        });
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
        client.BaseAddress = server.Address;

        var told = await Told.HearAsync(client.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void Registered_twice_is_refused_at_once()
    {
        var builder = new ServiceCollection().AddHttpClient(Client).AddExchangeErrorHandling();

        Should.Throw<InvalidOperationException>(() => builder.AddExchangeErrorHandling()).Message.ShouldContain($"twice on the client '{Client}'");
    }

    [Fact]
    public void Two_clients_may_each_have_it()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("one").AddExchangeErrorHandling();

        Should.NotThrow(() => services.AddHttpClient("two").AddExchangeErrorHandling());
    }

    public static TheoryData<double?, bool, double, bool> Timeouts => new()
    {
        // Nobody set it; longer, endless, as long; shorter.
        { null, false, 40, false },
        { 200, false, 200, false },
        { -0.001, false, -0.001, false },
        { 30, false, 30, false },
        { 5, false, 5, true },
        { 5, true, 5, true },
        { 200, true, 200, false },
    };

    [Theory]
    [MemberData(nameof(Timeouts))]
    public void The_clients_timeout_is_a_backstop_and_a_shorter_one_earns_a_warning(double? seconds, bool afterwards, double expected, bool warns)
    {
        using var log = new CollectedLog();
        using var services = Services(builder =>
        {
            builder.Services.AddLogging(log.Register);
            if (!afterwards)
            {
                Set();
            }

            builder.AddExchangeErrorHandling();
            if (afterwards)
            {
                Set();
            }

            void Set()
            {
                if (seconds is { } value)
                {
                    builder.ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(value));
                }
            }
        });

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client).Timeout.ShouldBe(TimeSpan.FromSeconds(expected));

        log.Of("TimeoutTooShort").Count().ShouldBe(warns ? 1 : 0);
        log.Of("TimeoutTooShort").ShouldAllBe(static line => line.Level == LogLevel.Warning);
    }

    [Theory]
    [InlineData(null, 64 * 1024 * 1024)]
    [InlineData(1000, 1000)]
    public void A_client_keeps_no_more_of_a_reply_in_memory_than_any_reply_needs_or_its_user_says(int? set, int expected)
    {
        using var services = Services(builder =>
        {
            builder.AddExchangeErrorHandling();
            if (set is { } bytes)
            {
                builder.ConfigureHttpClient(client => client.MaxResponseContentBufferSize = bytes);
            }
        });

        services.GetRequiredService<IHttpClientFactory>().CreateClient(Client).MaxResponseContentBufferSize.ShouldBe(expected);
    }

    [Fact]
    public async Task A_client_without_a_key_is_told_of_at_start()
    {
        using var log = new CollectedLog();
        var host = Host.CreateEmptyApplicationBuilder(settings: null);
        host.Services.AddLogging(log.Register);
        host.Services.AddHttpClient(Client).AddExchangeErrorHandling();
        using var built = host.Build();

        await built.StartAsync();
        await built.StopAsync();

        log.Of("NoCredentials").Single().Text.ShouldContain(Client);
    }

    /// <summary>Two accounts that are signed for below could use equal ids, and nothing would tell their orders apart.</summary>
    [Theory]
    [InlineData(null, false, false)]
    [InlineData("desk", false, true)]
    [InlineData(null, true, true)]
    public async Task A_client_that_may_be_signed_below_is_refused_at_startup_unless_its_account_is_named(string? account, bool signs, bool starts)
    {
        var host = Host.CreateEmptyApplicationBuilder(settings: null);
        var client = host.Services.AddHttpClient(Client)
            .AddExchangeErrorHandling(options =>
            {
                options.Account = account;
                options.TrustedInnerHandlers.Add(typeof(InnerRetry).FullName!);
            })
            .AddHttpMessageHandler(static () => new InnerRetry());
        if (signs)
        {
            Sign(client);
        }

        using var built = host.Build();
        if (starts)
        {
            await built.StartAsync();
            await built.StopAsync();
            return;
        }

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => built.StartAsync());
        refusal.Message.ShouldContain($"'{Client}'");
        refusal.Message.ShouldContain(typeof(InnerRetry).FullName!);
        refusal.Message.ShouldContain("Name the account in Account");
    }

    private static void ShouldNameTypeAndRemedy(InvalidOperationException refusal)
    {
        refusal.Message.ShouldContain($"'{Client}'");
        refusal.Message.ShouldContain(typeof(InnerRetry).FullName!);
        refusal.Message.ShouldContain("before AddExchangeErrorHandling()");
        refusal.Message.ShouldContain("ConfigureAdditionalHttpMessageHandlers");
        refusal.Message.ShouldContain("TrustedInnerHandlers");
    }

    private static void Handle(IHttpClientBuilder builder) => Handle(builder, static _ => { });

    private static void Handle(IHttpClientBuilder builder, Action<ExchangeErrorHandlingOptions> configure) => builder.AddExchangeErrorHandling(options =>
    {
        options.TrustedInnerHandlers.Add(typeof(Spy).FullName!);
        options.Account = "desk";
        configure(options);
    });

    private static void Sign(IHttpClientBuilder builder) => builder.AddExchangeSigning(static options =>
    {
        options.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
        options.Secret = SimulatedExchangeOptions.DefaultApiSecret;
    });

    private static ServiceProvider Services(Action<IHttpClientBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddHttpClient(Client));
        return services.BuildServiceProvider();
    }

    private static ServiceProvider Sharing(HttpMessageHandler shared) => Services(builder =>
    {
        Share(builder);
        Share(builder.Services.AddHttpClient("older"));
        builder.Services.AddHttpClient("unprotected").ConfigurePrimaryHttpMessageHandler(() => shared);

        void Share(IHttpClientBuilder client) => client
            .AddExchangeErrorHandling(static options =>
            {
                options.Account = "desk";
                options.TrustedInnerHandlers.Add(typeof(InnerRetry).FullName!);
            })
            .ConfigurePrimaryHttpMessageHandler(() => shared);
    });

    /// <summary>What has sent a request cannot be set any more.</summary>
    private static async Task StartAsync(HttpMessageHandler handler)
    {
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Wire.WireFixture.FreePort()}");
        await Should.ThrowAsync<HttpRequestException>(() => invoker.SendAsync(request, CancellationToken.None));
    }

    private sealed class InnerRetry : DelegatingHandler;

    private sealed class Spy : DelegatingHandler
    {
        public List<Uri> Seen { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Seen.Add(request.RequestUri!);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
