using Microsoft.CodeAnalysis;

namespace ExchangeResilience.Analyzers;

/// <summary>Ways around the tree of operations.</summary>
internal static class OperationExtensions
{
    /// <summary>The method around an operation, whole, with the lambdas and local functions around it.</summary>
    public static IOperation Body(this IOperation operation)
    {
        while (operation.Parent is { } parent)
        {
            operation = parent;
        }

        return operation;
    }
}
