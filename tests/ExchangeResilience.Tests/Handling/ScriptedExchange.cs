using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>What a scripted exchange received, as the wire would show it.</summary>
internal sealed record SeenRequest(HttpMethod Method, string Path, string Query, string Body, string? ApiKey)
{
    public string? this[string name] => new RequestParameters(Query, Body)[name];

    public int Count(string name) => new RequestParameters(Query, Body).CountOf(name);
}

/// <summary>Answers by rule: the first rule for a method and path that still has answers gives its next one.</summary>
internal sealed class ScriptedExchange : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly List<(string Route, Queue<Func<SeenRequest, CancellationToken, Task<HttpResponseMessage>>> Answers)> _rules = [];
    private readonly List<SeenRequest> _seen = [];

    public IReadOnlyList<SeenRequest> Seen
    {
        get { lock (_lock) { return [.. _seen]; } }
    }

    public IEnumerable<SeenRequest> SeenAt(string route) => Seen.Where(request => $"{request.Method} {request.Path}" == route);

    public ScriptedExchange On(string route, int status, string body, params (string Name, string Value)[] headers) =>
        On(route, (_, _) => Task.FromResult(Reply(status, body, headers)));

    public ScriptedExchange On(string route, Func<SeenRequest, HttpResponseMessage> answer) => On(route, (request, _) => Task.FromResult(answer(request)));

    public ScriptedExchange OnLost(string route, Exception error) => On(route, (_, _) => Task.FromException<HttpResponseMessage>(error));

    public ScriptedExchange On(string route, Func<SeenRequest, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        lock (_lock)
        {
            var rule = _rules.FirstOrDefault(rule => rule.Route == route);
            if (rule.Answers is null)
            {
                rule = (route, new());
                _rules.Add(rule);
            }

            rule.Answers.Enqueue(answer);
        }

        return this;
    }

    public static HttpResponseMessage Reply(int status, string body, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var body = request.Content is null ? "" : Encoding.UTF8.GetString((await BoundedBody.ReadAsync(request.Content, 1024 * 1024, cancellationToken)).Bytes);
        var seen = new SeenRequest(request.Method, uri.AbsolutePath, uri.Query, body, request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) ? string.Join(',', keys) : null);
        Func<SeenRequest, CancellationToken, Task<HttpResponseMessage>> answer;
        lock (_lock)
        {
            _seen.Add(seen);
            var rule = _rules.FirstOrDefault(rule => rule.Route == $"{seen.Method} {seen.Path}");
            answer = rule.Answers is not { Count: > 0 } answers
                ? (_, _) => Task.FromResult(Reply(404, "{\"code\":-5000,\"msg\":\"Path is invalid\"}"))
                : answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        }

        var response = await answer(seen, cancellationToken);
        response.RequestMessage = request;
        return response;
    }
}

/// <summary>A client with the middleware in front of a scripted exchange.</summary>
internal sealed class ProtectedClient : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _name;

    public ProtectedClient(
        HttpMessageHandler exchange,
        Action<ExchangeErrorHandlingOptions>? configure = null,
        TimeProvider? time = null,
        bool signed = true,
        string key = "test-key",
        string secret = "test-secret",
        Action<IHttpClientBuilder>? outer = null,
        Action<IHttpClientBuilder>? inner = null,
        string name = "futures")
    {
        _name = name;
        var services = new ServiceCollection();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        services.AddSingleton(new RandomSource(new Random(1)));
        var builder = services.AddHttpClient(name, client => client.BaseAddress = new Uri("https://fapi.test"));
        outer?.Invoke(builder);
        builder.AddExchangeErrorHandling(configure ?? (static _ => { }));
        if (signed)
        {
            builder.AddExchangeSigning(options =>
            {
                options.ApiKey = key;
                options.Secret = secret;
            });
        }

        inner?.Invoke(builder);
        builder.ConfigurePrimaryHttpMessageHandler(() => exchange);
        _services = services.BuildServiceProvider();
        Http = _services.GetRequiredService<IHttpClientFactory>().CreateClient(name);
    }

    public HttpClient Http { get; }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public HttpClient Another() => Get<IHttpClientFactory>().CreateClient(_name);

    /// <summary>Ends the program while calls of its clients may be out.</summary>
    public void End() => _services.Dispose();

    public void Dispose()
    {
        Http.Dispose();
        _services.Dispose();
    }
}
