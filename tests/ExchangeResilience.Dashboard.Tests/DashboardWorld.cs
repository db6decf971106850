using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>A program with one client, the exchange it trades on, and its dashboard on a loopback port.</summary>
internal sealed class DashboardWorld : IAsyncDisposable
{
    public const string ClientName = "futures";
    public const string Operator = "ann";
    public const string Buy = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=";

    private readonly WebApplication _app;

    private DashboardWorld(WebApplication app, SimulatedExchange exchange, LogBook log)
    {
        (_app, Exchange, Log) = (app, exchange, log);
        Page = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), DefaultRequestHeaders = { { HeaderAuthentication.Header, Operator } } };
        Exchanged = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(ClientName);
    }

    public SimulatedExchange Exchange { get; }

    public LogBook Log { get; }

    /// <summary>What a browser would use.</summary>
    public HttpClient Page { get; }

    /// <summary>What the program trades with.</summary>
    public HttpClient Exchanged { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Attaches nothing to the dashboard.</summary>
    public static void Undecided(IEndpointConventionBuilder mapped)
    {
    }

    /// <param name="map">What is done with what <c>MapExchangeResilience</c> returns; by default it requires a user, and whoever uses <see cref="Page"/> is one.</param>
    /// <param name="before">What the program has in front of the dashboard.</param>
    /// <param name="services">More services.</param>
    /// <param name="remote">Where requests seem to come from.</param>
    /// <param name="environment">Where the program runs.</param>
    public static async Task<DashboardWorld> StartAsync(
        Action<IEndpointConventionBuilder>? map = null, Action<WebApplication>? before = null, Action<IServiceCollection>? services = null, string? remote = null, string environment = "Production")
    {
        var exchange = new SimulatedExchange();
        var log = new LogBook();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpClient(ClientName, http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(options =>
            {
                options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(2);
                options.Policies["-1121"] = new ErrorPolicy { Action = RecoveryAction.FailFast };
            })
            .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        builder.Services.AddAuthentication(HeaderAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(HeaderAuthentication.SchemeName, configureOptions: null);
        builder.Services.AddAuthorization();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        if (remote is not null)
        {
            app.Use((context, next) =>
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
                return next(context);
            });
        }

        before?.Invoke(app);
        var mapped = app.MapExchangeResilience("/exchange");
        (map ?? (static dashboard => dashboard.RequireAuthorization()))(mapped);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new DashboardWorld(app, exchange, log);
    }

    public async Task<JsonElement> StateAsync() => await Page.GetFromJsonAsync<JsonElement>("/exchange/state");

    public async Task<(HttpStatusCode Status, bool Done, string Message)> ActAsync(string action, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/exchange/actions/{action}") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Exchange-Dashboard", "1");
        using var response = await Page.SendAsync(request);
        var result = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (response.StatusCode, result.GetProperty("done").GetBoolean(), result.GetProperty("message").GetString()!);
    }

    /// <summary>What a call of the program ends in: null where it succeeded.</summary>
    public async Task<ExchangeError?> CallAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        try
        {
            using var response = await Exchanged.SendAsync(request);
            return response.GetExchangeError();
        }
        catch (ExchangeErrorException failed)
        {
            return failed.Error;
        }
    }

    public Task<ExchangeError?> BuyAsync(string id) => CallAsync(HttpMethod.Post, Buy + id);

    /// <summary>An order that never arrived, and whose call has given up: nobody knows of it for some 15 s.</summary>
    public async Task LoseAsync(string id)
    {
        Exchange.Faults.Next("POST /fapi/v1/order", Fault.DropBeforeExecute);
        (await BuyAsync(id)).ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Page.Dispose();
        Exchanged.Dispose();
        await _app.DisposeAsync();
        Log.Dispose();
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LogBook : ILoggerProvider
{
    private readonly ConcurrentQueue<(string? Event, string Text)> _lines = new();

    public IReadOnlyList<(string? Event, string Text)> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Writer(this);

    public void Dispose()
    {
    }

    private sealed class Writer(LogBook book) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            book._lines.Enqueue((eventId.Name, formatter(state, exception)));
    }
}
