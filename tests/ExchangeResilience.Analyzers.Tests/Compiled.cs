using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ExchangeResilience.Analyzers.Tests;

/// <summary>A piece of a user's program, compiled as the compiler of his machine does it: with the framework, and with the package or without.</summary>
internal static class Compiled
{
    private static readonly ImmutableArray<MetadataReference> Framework =
    [
        .. from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
           where Path.GetFileName(path) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll")
           select MetadataReference.CreateFromFile(path),
    ];

    private static readonly MetadataReference Package = MetadataReference.CreateFromFile(typeof(ExchangeError).Assembly.Location);

    // What a library around the package may have.
    private const string Methods = """
        Task<ExchangeResult> BuyAsync() => throw new NotSupportedException();
                Task<ExchangeResult<int>> SellAsync() => throw new NotSupportedException();
                ValueTask<ExchangeResult> CloseAsync() => throw new NotSupportedException();
                ExchangeResult Last() => throw new NotSupportedException();
                ExchangeResult Logged(ExchangeResult result) => result;
                Task<ExchangeResult[]> AllAsync() => throw new NotSupportedException();
        """;

    /// <summary>The warnings within the body of a method that has a client named <c>http</c> and a message named <c>order</c> from its caller, in a class with methods that return results.</summary>
    public static async Task<ImmutableArray<Diagnostic>> WarningsOf(string body, bool withPackage = true)
    {
        var program = $$"""
            using System;
            using System.Net.Http;
            using System.Net.Http.Json;
            using System.Threading;
            using System.Threading.Tasks;
            {{(withPackage ? "using ExchangeResilience;" : "")}}

            class Client(HttpClient http)
            {
                HttpResponseMessage? last;
                {{(withPackage ? Methods : "")}}

                async Task<object?> RunAsync(HttpRequestMessage order)
                {
                    {{body}}
                    return last;
                }
            }
            """;
        var compilation = CSharpCompilation.Create(
            "Program", [CSharpSyntaxTree.ParseText(program)], withPackage ? Framework.Add(Package) : Framework, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        compilation.GetDiagnostics().Where(static told => told.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        return await compilation.WithAnalyzers([new IgnoredOutcomeAnalyzer()]).GetAnalyzerDiagnosticsAsync();
    }
}
