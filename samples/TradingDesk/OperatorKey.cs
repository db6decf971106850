using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TradingDesk;

/// <summary>Who opens an address that the desk has printed is its operator from then on, as long as the desk runs. A program of your own signs its people in as it does elsewhere.</summary>
internal sealed class OperatorKey
{
    public const string Policy = "operator";

    private const string Parameter = "key";

    private readonly string _key = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public string AddTo(string address) => $"{address}?{Parameter}={_key}";

    public static void AddServices(IServiceCollection services)
    {
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(static cookie =>
        {
            cookie.Cookie.Name = "desk";
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Events.OnRedirectToLogin = static context =>
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return context.Response.WriteAsync("Open the address that the desk has printed.");
            };
        });
        services.AddAuthorization(static options => options.AddPolicy(Policy, static policy => policy.RequireAuthenticatedUser()));
    }

    public void Use(WebApplication app)
    {
        app.UseAuthentication();
        app.Use(async (context, next) =>
        {
            if (context.Request.Query[Parameter] is [{ } given] && IsKey(given))
            {
                await context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "operator")], CookieAuthenticationDefaults.AuthenticationScheme)));
                context.Response.Redirect(context.Request.PathBase + context.Request.Path);
                return;
            }

            await next(context);
        });
        app.UseAuthorization();
    }

    private bool IsKey(string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(_key));
}
