using Microsoft.AspNetCore.Builder;

namespace ExchangeResilience.Dashboard.Tests.Conventions;

/// <summary>The code of the package's README.</summary>
internal static class Snippets
{
    public static WebApplication Map(WebApplicationBuilder builder)
    {
        #region map
        var app = builder.Build();
        app.MapExchangeResilience("/exchange").RequireAuthorization("on-call");
        #endregion
        return app;
    }

    public static void Open(WebApplication app)
    {
        #region open
        app.MapExchangeResilience("/exchange").AllowAnonymousReadingOnLoopback();
        #endregion
    }
}
