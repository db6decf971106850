namespace ExchangeResilience;

/// <summary>The settings of one named client as they are in force: checked, compiled and never changed. A reload makes a new one.</summary>
/// <param name="Name">The client's name.</param>
/// <param name="Options">The options, which are read-only from now on.</param>
/// <param name="Matrix">What happens next, for every error.</param>
/// <param name="Endpoints">What every path does: the venue's rows with the program's own over them.</param>
/// <param name="Version">1 for the settings the program started with, one more for each reload that was accepted.</param>
internal sealed record ClientSettings(string Name, ExchangeErrorHandlingOptions Options, PolicyMatrix Matrix, EndpointTable Endpoints, int Version);
