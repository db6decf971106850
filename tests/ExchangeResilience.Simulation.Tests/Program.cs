using ExchangeResilience.Simulation.Tests.Running;

namespace ExchangeResilience.Simulation.Tests;

/// <summary>The test runner, unless the first argument is <c>simulate</c>: then the simulation itself, in a process of its own whose thread pool has one thread.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["simulate", .. var rest])
        {
            return CommandLine.Run(rest);
        }

        return args.Any(static argument => argument is "--server" or "--internal-msbuild-node")
            ? Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions).GetAwaiter().GetResult()
            : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult();
    }
}
