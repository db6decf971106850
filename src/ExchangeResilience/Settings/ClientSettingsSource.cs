using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ExchangeResilience;

/// <summary>
/// Keeps the settings of one named client. Whenever configuration changes, new settings are built and checked, and only then take the place of the old;
/// settings that fail leave the last good ones in force, and the next change is tried like any other.
/// </summary>
internal sealed class ClientSettingsSource : IDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly IOptionsFactory<ExchangeErrorHandlingOptions> _factory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SettingsInUse _inUse;
    private readonly IReceiveWindows? _windows;
    private readonly SettingsProviders? _providers;
    private readonly Lock _building = new();
    private readonly List<IDisposable> _subscriptions = [];
    private volatile ClientSettings? _current;
    private volatile SettingsReload? _lastReload;
    private volatile bool _isWatchBroken;

    /// <exception cref="OptionsValidationException">The first settings are faulty; it names every fault.</exception>
    public ClientSettingsSource(
        string name,
        IOptionsFactory<ExchangeErrorHandlingOptions> factory,
        IEnumerable<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>> changes,
        TimeProvider time,
        ILogger logger,
        SettingsInUse inUse,
        IReceiveWindows? windows,
        SettingsProviders? providers)
    {
        _name = name;
        _factory = factory;
        _time = time;
        _logger = logger;
        _inUse = inUse;
        _windows = windows;
        _providers = providers;

        // Subscribed before the first build, so that no change falls between the two; the lock makes it wait for its turn.
        lock (_building)
        {
            foreach (var change in changes)
            {
                if (string.Equals(change.Name ?? Options.DefaultName, name, StringComparison.Ordinal))
                {
                    _subscriptions.Add(ChangeToken.OnChange(() => TokenOf(change), Reload));
                }
            }

            try
            {
                Enforce(Build(version: 1));
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    public ClientSettings Current => _current!;

    /// <summary>How the latest reload went; null before the first.</summary>
    public SettingsReload? LastReload => _lastReload;

    public void Dispose() => _subscriptions.ForEach(static subscription => subscription.Dispose());

    /// <summary>The token of the next change. A source that throws must neither take down the code that reloads nor end the watch: it is read again later.</summary>
    private IChangeToken? TokenOf(IOptionsChangeTokenSource<ExchangeErrorHandlingOptions> source)
    {
        try
        {
            var token = source.GetChangeToken();
            _isWatchBroken = false;
            return token;
        }
#pragma warning disable CA1031 // As below.
        catch (Exception exception)
        {
            if (!_isWatchBroken && _current is { } inForce)
            {
                SettingsLog.SettingsRefused(_logger, _name, inForce.Version, $"Their source failed with {exception.GetType().Name} and is asked again every minute.");
            }

            _isWatchBroken = true;
            return new CancellationChangeToken(new CancellationTokenSource(PauseAfterFailure, _time).Token);
        }
#pragma warning restore CA1031
    }

    private void Reload()
    {
        lock (_building)
        {
            // A token that had already fired calls back before the first build, which then sees the change anyway.
            if (_current is not { } last)
            {
                return;
            }

            try
            {
                Enforce(Build(last.Version + 1));
                _lastReload = new(_time.GetUtcNow(), Accepted: true, []);
            }
            catch (OptionsValidationException exception)
            {
                Refuse(last, [.. exception.Failures]);
            }
#pragma warning disable CA1031 // The user's own configuration code may throw anything, and must not take down the thread that watches files.
            catch (Exception exception)
            {
                Refuse(last, [$"{exception.GetType().Name}: {exception.Message}"]);
            }
#pragma warning restore CA1031
        }
    }

    private ClientSettings Build(int version)
    {
        var faults = new List<string>(_providers?.Faults() ?? []);
        var options = Create(faults);
        var matrix = PolicyMatrix.Compile(options.Policies, options.Venue.Errors, options.Venue.Policies, faults);
        var endpoints = EndpointRules.Compile(options, faults);
        faults.AddRange(_inUse.Faults(_name, options));

        // The factory has validated already, unless the program took the validator out of the container.
        return faults.Count == 0
            ? new(_name, options, matrix, endpoints, version)
            : throw new OptionsValidationException(_name, typeof(ExchangeErrorHandlingOptions), faults);
    }

    /// <exception cref="OptionsValidationException">They are faulty; it names every fault, those given first.</exception>
    private ExchangeErrorHandlingOptions Create(List<string> faults)
    {
        try
        {
            return _factory.Create(_name);
        }
        catch (OptionsValidationException exception) when (faults.Count > 0)
        {
            throw new OptionsValidationException(_name, exception.OptionsType, [.. faults, .. exception.Failures]);
        }
    }

    private void Enforce(ClientSettings settings)
    {
        var changes = _current is { } last ? SettingsChanges.Between(last.Options, settings.Options) : "";
        _current = settings;
        _inUse.Note(_name, settings.Options);
        _providers?.Accept();
        var rows = settings.Matrix.Rows;
        SettingsLog.SettingsInForce(_logger, _name, settings.Version, rows.Count(row => row.IsOverridden), rows.Count, changes);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            SettingsLog.MatrixInForce(_logger, _name, settings.Matrix.ToMarkdown());
        }

        if (settings.Matrix.Idle.Sentences() is { Count: > 0 } idle)
        {
            SettingsLog.PoliciesWithoutEffect(_logger, _name, string.Join(" | ", idle));
        }

        WarnOfResend(settings.Options);
    }

    /// <summary>No fault: a request may have a longer <c>SendBefore</c> of its own.</summary>
    private void WarnOfResend(ExchangeErrorHandlingOptions options)
    {
        if (options is { AfterProvenAbsent: AfterProvenAbsent.Resend, Mode: HandlingMode.Enforce }
            && _windows?.Of(_name) is { } window && options.SendBefore <= window + options.Reconciliation.SettleMargin)
        {
            SettingsLog.ResendNeverLeaves(
                _logger, _name, DurationText.Format(options.SendBefore), DurationText.Format(window), DurationText.Format(options.Reconciliation.SettleMargin));
        }
    }

    private void Refuse(ClientSettings inForce, IReadOnlyList<string> faults)
    {
        // Watchers report one save more than once; the same refusal is logged once.
        var isNews = _lastReload is not { Accepted: false } last || !last.Faults.SequenceEqual(faults, StringComparer.Ordinal);
        _lastReload = SettingsReload.Refused(_time.GetUtcNow(), faults, _lastReload);
        if (isNews)
        {
            SettingsLog.SettingsRefused(_logger, _name, inForce.Version, string.Join(" | ", faults));
        }
    }
}
