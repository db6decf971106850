using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace ExchangeResilience.Analyzers;

/// <summary>Warns where a caller sends an order, or another request that changes something, and never checks its outcome: a refusal is a reply like any other, and throws nothing by itself.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IgnoredOutcomeAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The rule's id, as in <c>dotnet_diagnostic.EXR0001.severity</c>.</summary>
    public const string Id = "EXR0001";

    private static readonly ImmutableHashSet<string> Mutations =
        ImmutableHashSet.Create(StringComparer.Ordinal, "PostAsync", "PutAsync", "PatchAsync", "DeleteAsync", "SendAsync", "PostAsJsonAsync", "PutAsJsonAsync", "PatchAsJsonAsync");

    private static readonly DiagnosticDescriptor Rule = new(
        Id,
        "The outcome of a request that changes something is not checked",
        "The outcome of this '{0}' is not checked, and the exchange may have refused it: {1}",
        "Reliability",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A refused order is a reply like any other: it throws only where ThrowOnError is set. What is not asked is taken for done.",
        // There is no site of the project: this is the page in the package, as ExchangeError.HelpLink gives it.
        "docs/errors.md#exr0001");

    /// <inheritdoc />
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc />
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            // Elsewhere an HttpClient calls servers of which this knows nothing.
            if (start.Compilation.GetTypeByMetadataName("ExchangeResilience.ExchangeResponseExtensions") is not null)
            {
                start.RegisterOperationAction(Check, OperationKind.Invocation);
            }
        });
    }

    private static void Check(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        var isResult = GivesResult(call);
        if ((isResult || IsMutation(call.TargetMethod)) && Outcome.IsIgnored(call) && !Request.IsQuery(call) && !Request.Throws(call))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rule,
                call.Syntax.GetLocation(),
                call.TargetMethod.Name,
                isResult ? "look at Execution of its result" : "look at GetExchangeError(), call EnsureExchangeSuccess(), or send it with SendExchangeAsync"));
        }
    }

    private static bool IsMutation(IMethodSymbol method) =>
        Mutations.Contains(method.Name) && method.ContainingType is { Name: "HttpClient" or "HttpClientJsonExtensions" } type && IsOfHttp(type);

    // A caller that hands a result in and gets it back, as from WaitAsync or a logger of its own, has had it: the call that it came from is the one to look at.
    private static bool GivesResult(IInvocationOperation call) =>
        IsResult(call.TargetMethod.ReturnType) && call.TargetMethod.Name != "GetResult" && !IsResult(call.Instance?.Type) && !call.Arguments.Any(static argument => IsResult(argument.Value.Type));

    private static bool IsResult(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { Name: "Task" or "ValueTask", TypeArguments: { Length: 1 } awaited } => IsResult(awaited[0]),
        { Name: "ExchangeResult", ContainingNamespace: { Name: "ExchangeResilience", ContainingNamespace.IsGlobalNamespace: true } } => true,
        _ => false,
    };

    private static bool IsOfHttp(INamedTypeSymbol type) => type.ContainingNamespace.ToDisplayString() is "System.Net.Http" or "System.Net.Http.Json";
}
