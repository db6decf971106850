using System.Text;
using Spectre.Console;

namespace TradingBot;

/// <summary>Chooses how to tell the story.</summary>
internal static class Screens
{
    /// <param name="options">What was asked for.</param>
    public static IScreen For(Options options)
    {
        if (options.Json)
        {
            return new SilentScreen();
        }

        // With a real exchange stdout belongs to the JSON line.
        var toError = options.Exchange is not null;
        var output = toError ? Console.Error : Console.Out;
        if (toError ? Console.IsErrorRedirected : Console.IsOutputRedirected)
        {
            return new PlainScreen(output);
        }

        if (!toError)
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        return console.Profile.Capabilities.Ansi ? new RichScreen(console) : new PlainScreen(output);
    }
}
