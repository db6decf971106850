using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>What an act plays with: the exchange, the clients, and the voices it speaks in.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private const string Symbol = "BTCUSDT";

    private readonly Lock _gate = new();
    private readonly Action<Step> _show;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly HashSet<int> _heard = [];
    private Stage? _stage;
    private bool _failed;
    private bool _checked;

    private Scene(Action<Step> show) => _show = show;

    public SimulatedExchange Exchange => _stage!.Exchange;

    public Uri Address => _stage!.Address;

    public FuturesClient Client => _stage!.Client;

    public FuturesClient SecondClient => _stage!.SecondClient;

    public SettingsCopy Settings => _stage!.Settings;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_began);

    /// <summary>Something was checked, and all that was held.</summary>
    public bool Passed => _checked && !_failed;

    public static async Task<Scene> OpenAsync(Action<Step> show)
    {
        var scene = new Scene(show);
        scene._stage = await Stage.OpenAsync(scene.Hear);
        return scene;
    }

    /// <summary>Plays an act on a scene of its own.</summary>
    public static async Task<ActResult> PlayAsync(IAct act, Action<Step> show, CancellationToken cancellationToken)
    {
        await using var scene = await OpenAsync(show);
        try
        {
            await act.PlayAsync(scene, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped, not broken.
            throw;
        }
#pragma warning disable CA1031 // Whatever breaks an act fails that act, and the others go on.
        catch (Exception failure)
        {
            scene.Fail($"the act broke off: {failure.GetType().Name}: {failure.Message}");
        }
#pragma warning restore CA1031

        return new ActResult(act.Title, scene.Passed, scene.Elapsed);
    }

    /// <summary>The bot says what it does, or what came of it.</summary>
    public void Bot(string text) => Speak(Voice.Bot, text);

    /// <summary>The exchange is told how to behave.</summary>
    public void Script(string text) => Speak(Voice.Exchange, text);

    /// <summary>Holds what happened against the truth.</summary>
    public void Check(string truth, bool holds)
    {
        _checked = true;
        _failed |= !holds;
        Speak(holds ? Voice.Pass : Voice.Fail, truth);
    }

    /// <summary>Makes a market order and says so; the act awaits the outcome.</summary>
    public async Task<ExchangeError?> PlaceAsync(NewOrder order, CancellationToken cancellationToken)
    {
        Bot($"places {order.Side} {order.Quantity} {order.Symbol} as {order.ClientOrderId}");
        try
        {
            var placed = await Client.PlaceAsync(order, cancellationToken);
            Bot($"{order.ClientOrderId}: executed, order {placed.OrderId}");
            return null;
        }
        catch (ExchangeErrorException failure)
        {
            Bot($"{order.ClientOrderId}: {failure.Error}");
            return failure.Error;
        }
    }

    public static NewOrder Buy(string id, decimal quantity = 0.001m) => NewOrder.Market(Symbol, "BUY", quantity) with { ClientOrderId = id };

    /// <summary>How often a request of this kind reached the exchange.</summary>
    public int Seen(string method, string path, string? clientOrderId = null) => Requests(method, path, clientOrderId).Count();

    public IEnumerable<ReceivedRequest> Requests(string method, string path, string? clientOrderId = null) =>
        Exchange.Requests.Where(request => request.Method == method && request.Path == path
            && (clientOrderId is null || request.Parameters.GetValueOrDefault("newClientOrderId") == clientOrderId));

    /// <summary>Waits until something has happened; false if it does not within ten seconds.</summary>
    public static async Task<bool> UntilAsync(Func<bool> happened, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!happened())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(10))
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        return true;
    }

    /// <summary>Waits until the library has finished what it does beside the calls, such as measuring the clock more finely.</summary>
    public async Task UntilQuietAsync(CancellationToken cancellationToken)
    {
        int seen;
        do
        {
            seen = Exchange.Requests.Count;
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
        }
        while (Exchange.Requests.Count != seen);
    }

    /// <summary>Whether the library has logged an event since this was last asked.</summary>
    public bool Heard(int eventId)
    {
        lock (_gate)
        {
            return _heard.Remove(eventId);
        }
    }

    public void Fail(string why) => Check(why, holds: false);

    public ValueTask DisposeAsync() => _stage!.DisposeAsync();

    private void Hear(EventId id, string text)
    {
        // What is said while the stage is set belongs to no act.
        if (_stage is null)
        {
            return;
        }

        Speak(Voice.Library, text);
        lock (_gate)
        {
            _heard.Add(id.Id);
        }
    }

    // One at a time, so that the times shown never run backwards.
    private void Speak(Voice voice, string text)
    {
        lock (_gate)
        {
            _show(new Step(Elapsed, voice, text));
        }
    }
}
