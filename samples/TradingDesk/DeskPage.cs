using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace TradingDesk;

/// <summary>The page with the sliders.</summary>
internal static class DeskPage
{
    // A page of another origin cannot send it unasked.
    private const string Header = "X-Trading-Desk";

    public static void Map(IEndpointRouteBuilder app)
    {
        var bot = app.ServiceProvider.GetRequiredService<Bot>();
        var troublemaker = app.ServiceProvider.GetRequiredService<Troublemaker>();
        var page = Read("desk.html");

        app.MapGet("/", context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(page);
        });
        app.MapGet("/desk/tally", context => context.Response.WriteAsJsonAsync(bot.Tally, DeskJson.Default.Tally));
        app.MapGet("/desk/trouble", context => context.Response.WriteAsJsonAsync(troublemaker.Current, DeskJson.Default.Trouble));
        app.MapPost("/desk/trouble", async context =>
        {
            if (IsOwn(context) && await ReadAsync(context.Request) is { } trouble)
            {
                troublemaker.Set(trouble);
                await context.Response.WriteAsJsonAsync(troublemaker.Current, DeskJson.Default.Trouble);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        });
        app.MapPost("/desk/accidents/{name}", context =>
        {
            context.Response.StatusCode = IsOwn(context) && troublemaker.Cause((string)context.GetRouteValue("name")!) ? StatusCodes.Status204NoContent : StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
    }

    private static bool IsOwn(HttpContext context) => context.Request.Headers.ContainsKey(Header);

    private static async Task<Trouble?> ReadAsync(HttpRequest request)
    {
        try
        {
            return await request.ReadFromJsonAsync(DeskJson.Default.Trouble);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(DeskPage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
