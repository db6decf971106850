using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Builds every client's settings before the host starts anything, so that faulty ones stop the program at once. <c>ValidateOnStart</c> is not used:
/// it brings in <see cref="IOptionsMonitor{TOptions}"/>, which throws into the code that reloads configuration with a fault in it.
/// </summary>
internal sealed class SettingsStartupCheck(
    ClientSettingsRegistry registry,
    IEnumerable<IConfigureOptions<ExchangeErrorHandlingOptions>> settings,
    IEnumerable<IPostConfigureOptions<ExchangeErrorHandlingOptions>> changes,
    IHostEnvironment? environment = null) : StartingService
{
    private const string File = "appsettings.json";

    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        ThrowIfAny([.. NamesSet().Except(registry.Names, StringComparer.Ordinal).Select(OfNoClient), .. FailuresOf(registry.Names, registry.For).Select(WithPlaceOfFile)]);
        return Task.CompletedTask;
    }

    // Settings for every client, and those of another kind, have no name.
    private IEnumerable<string> NamesSet() =>
        settings.Select(static set => set is ConfigureNamedOptions<ExchangeErrorHandlingOptions> named ? named.Name : null)
            .Concat(changes.Select(static change => change is PostConfigureOptions<ExchangeErrorHandlingOptions> named ? named.Name : null))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    // The commonest reason for a section that is not there: a host reads the file from its content root, and passes over one that it does not find.
    private OptionsValidationException WithPlaceOfFile(OptionsValidationException failure) =>
        environment is null || !failure.Failures.Any(static fault => fault.Contains(ErrorHandlingSectionReader.Missing, StringComparison.Ordinal)) || System.IO.File.Exists(Path.Combine(environment.ContentRootPath, File))
            ? failure
            : new OptionsValidationException(
                failure.OptionsName,
                failure.OptionsType,
                [
                    .. failure.Failures,
                    $"There is no {File} in '{environment.ContentRootPath}', the folder that is searched. Start the program in the folder of the file; or copy the file beside the program, " +
                        $"with <None Update=\"{File}\" CopyToOutputDirectory=\"PreserveNewest\" /> in the project file, and have it searched there, with ContentRootPath = AppContext.BaseDirectory",
                ]);

    private OptionsValidationException OfNoClient(string name) => new(
        name,
        typeof(ExchangeErrorHandlingOptions),
        [$"Error handling settings are made in code for a client '{name}', and no client of that name has AddExchangeErrorHandling(), so they do nothing ({Names.Suggest(name, registry.Names)}). " +
            "A typed client has the name of its type; ConfigureExchangeErrorHandling() on the client's builder needs no name, and ConfigureAll() sets every client."]);
}
