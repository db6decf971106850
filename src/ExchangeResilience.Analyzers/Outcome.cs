using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ExchangeResilience.Analyzers;

/// <summary>Follows what a call returned to every use of it. In doubt the outcome counts as checked: what leaves the method, or is used in a way not known here, is for other code to check.</summary>
internal static class Outcome
{
    /// <summary>Whether no use of the returned value can distinguish a success from a refusal.</summary>
    public static bool IsIgnored(IOperation value) => IsIgnored(value, value, []);

    // Each local is followed once, however it is passed around.
    private static bool IsIgnored(IOperation value, IOperation call, HashSet<ISymbol> followed)
    {
        var whole = Whole(value);
        return whole.Parent switch
        {
            IExpressionStatementOperation => true,
            IUsingOperation usage => usage.Resources == whole,
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => IsIgnored(declarator.Symbol, call, followed),
            ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation } => true,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation target, Parent: IExpressionStatementOperation } => IsIgnored(target.Local, call, followed),
            IMemberReferenceOperation member => member.Instance == whole && SaysNothing(member.Member),
            IInvocationOperation { TargetMethod.Name: "Dispose" } => true,
            _ => false,
        };
    }

    private static bool IsIgnored(ILocalSymbol local, IOperation call, HashSet<ISymbol> followed)
    {
        if (!followed.Add(local))
        {
            return true;
        }

        return call.Body().Descendants().OfType<ILocalReferenceOperation>()
            .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local) && !IsWritten(reference))
            .All(reference => IsIgnored(reference, call, followed));
    }

    private static bool IsWritten(ILocalReferenceOperation reference) => reference.Parent is ISimpleAssignmentOperation assignment && assignment.Target == reference;

    // The task and what is awaited of it are one value.
    private static IOperation Whole(IOperation value)
    {
        while (value.Parent is { } parent && (parent is IAwaitOperation or IConversionOperation || IsWait(parent, value)))
        {
            value = parent;
        }

        return value;
    }

    private static bool IsWait(IOperation parent, IOperation value) => parent switch
    {
        IInvocationOperation wait => wait.Instance == value && wait.TargetMethod.Name is "ConfigureAwait" or "WaitAsync" or "GetAwaiter" or "GetResult",
        IPropertyReferenceOperation result => result.Instance == value && result.Property is { Name: "Result", ContainingType.Name: "Task" },
        _ => false,
    };

    // The body of a refusal is read as easily as that of a success.
    private static bool SaysNothing(ISymbol member) =>
        member is { Name: "Content" or "Headers" or "TrailingHeaders" or "Version" or "RequestMessage", ContainingType.Name: "HttpResponseMessage" };
}
