using Microsoft.AspNetCore.Builder;

namespace ExchangeResilience.Dashboard.Tests.Docs;

/// <summary>The code shown in the package's page, compiled.</summary>
internal static class DashboardSnippets
{
    public static void Map(WebApplicationBuilder builder)
    {
        #region dashboard
        var app = builder.Build();
        app.MapExchangeResilience("/exchange");
        #endregion
    }

    public static void MapForOnCall(WebApplication app)
    {
        #region dashboard-policy
        app.MapExchangeResilience("/exchange").RequireAuthorization("on-call");
        #endregion
    }
}
