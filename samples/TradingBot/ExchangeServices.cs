using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>How a program takes the library into use.</summary>
internal static class ExchangeServices
{
    public static IServiceCollection AddExchange(this IServiceCollection services, IConfiguration configuration, Uri exchange, ILoggerProvider log, string? journal = null, bool sharesState = false)
    {
        services.AddLogging(logging => logging.AddProvider(log).AddFilter("System", LogLevel.None).AddFilter("ExchangeResilience", LogLevel.Debug));
        services.AddHttpClient<FuturesClient>(client => client.BaseAddress = exchange)
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        if (journal is not null)
        {
            services.AddSqliteOrderJournal(journal);
        }

        if (sharesState)
        {
            services.AddPostgreSqlExchangeState(configuration.GetSection("ExchangeState"));
        }

        return services;
    }
}
