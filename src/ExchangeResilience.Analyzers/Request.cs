using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ExchangeResilience.Analyzers;

/// <summary>What can be seen of the message that a call sends.</summary>
internal static class Request
{
    /// <summary>Whether the message is seen to be made as a query. One that is made elsewhere is not.</summary>
    public static bool IsQuery(IInvocationOperation call)
    {
        var body = call.Body();
        return Creation(Message(call), body) is { } creation && (creation.Arguments.IsEmpty || IsRead(creation.Arguments[0].Value)) && !SetsMethod(body);
    }

    /// <summary>Whether the method asks for exceptions instead of replies.</summary>
    public static bool Throws(IInvocationOperation call) => call.Body().Descendants().OfType<IInvocationOperation>().Any(static other => other.TargetMethod.Name == "SetThrowOnError");

    private static IOperation? Message(IInvocationOperation call)
    {
        var message = call.Arguments.FirstOrDefault(static argument => argument.Parameter?.Type.Name == "HttpRequestMessage")?.Value;

        // The settings of one request hand its message on.
        while (message is IInvocationOperation { TargetMethod: { IsExtensionMethod: true, ReturnType.Name: "HttpRequestMessage" } } setting)
        {
            message = setting.Arguments[0].Value;
        }

        return message;
    }

    private static IObjectCreationOperation? Creation(IOperation? message, IOperation body) => message switch
    {
        IObjectCreationOperation creation => creation,
        ILocalReferenceOperation { Local: var local } => body.Descendants().OfType<IVariableDeclaratorOperation>()
            .FirstOrDefault(declarator => SymbolEqualityComparer.Default.Equals(declarator.Symbol, local))?.Initializer?.Value as IObjectCreationOperation,
        _ => null,
    };

    private static bool IsRead(IOperation method) => method is IPropertyReferenceOperation { Property: { Name: "Get" or "Head" or "Options" or "Trace", ContainingType.Name: "HttpMethod" } };

    private static bool SetsMethod(IOperation body) => body.Descendants().OfType<ISimpleAssignmentOperation>()
        .Any(static assignment => assignment.Target is IPropertyReferenceOperation { Property: { Name: "Method", ContainingType.Name: "HttpRequestMessage" } });
}
