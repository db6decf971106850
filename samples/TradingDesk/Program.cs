using System.Globalization;
using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TradingDesk;

try
{
    var options = DeskOptions.Parse(args);
    if (options.Help)
    {
        Console.WriteLine(DeskOptions.HelpText);
        return 0;
    }

    var exchange = new SimulatedExchange();
    await using var server = await exchange.ListenAsync();

    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
    builder.Configuration.Sources.Clear();
    builder.Configuration.AddInMemoryCollection().AddJsonFile(options.Settings, optional: false, reloadOnChange: true);
    // A host that does not start says why below, in a sentence.
    builder.Logging.ClearProviders().AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "yyyy-MM-dd HH:mm:ss'Z' ", true)).SetMinimumLevel(LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.None).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port}"));

    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddSingleton(exchange);
    builder.Services.AddSingleton(new Troublemaker(exchange, seed: 1));
    builder.Services.AddSingleton<Bot>();
    builder.Services.AddHostedService(services => services.GetRequiredService<Bot>());
    OperatorKey.AddServices(builder.Services);
    builder.Services.AddHttpClient<FuturesClient>(http => http.BaseAddress = server.Address)
        .AddExchangeErrorHandling(builder.Configuration.GetSection("ExchangeErrorHandling"))
        .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret));

    await using var app = builder.Build();
    var key = new OperatorKey();
    key.Use(app);
    app.MapExchangeResilience("/exchange").RequireAuthorization(OperatorKey.Policy);
    DeskPage.Map(app);
    await app.StartAsync();

    var address = app.Urls.First();
    Console.WriteLine($"The desk:       {key.AddTo($"{address}/")}");
    Console.WriteLine($"The dashboard:  {key.AddTo($"{address}/exchange")} (whoever has the key may act on it)");
    Console.WriteLine($"The settings:   {options.Settings} (edit and save it)");
    Console.WriteLine("Ctrl+C ends it.");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (UsageException mistake)
{
    Console.Error.WriteLine($"TradingDesk: {mistake.Message}");
    return 2;
}
catch (OptionsValidationException faulty)
{
    Console.Error.WriteLine($"TradingDesk: the settings cannot be used.\n  {string.Join("\n  ", faulty.Failures)}");
    return 2;
}
catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine("TradingDesk: the port is taken. Write --port 0 for a free one.");
    return 2;
}
