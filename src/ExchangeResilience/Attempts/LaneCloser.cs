using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Closes lanes for every client that shares them, once the exchange has asked one attempt to wait.</summary>
internal sealed class LaneCloser(ExchangeServices services)
{
    /// <summary>Closes the row's lane for every client, unless the refusal says nothing about others: the limit spares this call, or a firewall refuses this one request.</summary>
    public Hold? Close(Call call, PolicyRow row, ErrorDefinition definition, HttpResponseMessage? response, HoldHint hint)
    {
        var status = (int?)response?.StatusCode ?? 0;
        var lane = LaneOf(row, definition.Category, status);
        if (lane == TrafficLane.None || (call.Options.Mode == HandlingMode.Observe && status is not (418 or 429))
            || (lane == TrafficLane.Host && call.TrafficClass is TrafficClass.ReducingOrder or TrafficClass.Cancel)
            || (definition.Category == ErrorCategory.Blocked && !MeansTheAddress(call)))
        {
            return null;
        }

        // Our clock stopped if the machine was suspended; a Date alone does not prove that.
        var clock = call.Route.Clock;
        var saidMs = (hint.SaidAt ?? clock.AfterSuspension(hint.Date))?.ToUnixTimeMilliseconds();
        var hold = call.Route.Gate.Close(lane, new HoldRequest(
            definition.Code, status, hint.RetryAfter, hint.BannedUntilMs, hint.Date, clock.IsSynchronised ? Math.Max(clock.StampMs, saidMs ?? 0) : saidMs, row.BaseDelay, row.MaxDelay,
            lane == TrafficLane.Orders ? hint.Window : null, response is not null && UsageHeader.ShowsRoom(response.Headers, lane, hint.Window, call.TrafficRequest),
            definition is { Code: not 0, Category: ErrorCategory.RateLimited }));
        if (hold.Extended)
        {
            var scope = call.Route.Gate.KeyOf(lane);
            services.Journal.Held(new JournalHold(
                call.Route.Environment, lane, scope, hold.Code == 0 ? status : hold.Code,
                Math.Max(clock.IsSynchronised ? clock.NowMs : call.Route.Gate.ExchangeNow(), saidMs ?? 0) + (long)hold.Remaining.TotalMilliseconds, hold.RetryAt)
            {
                UntilUptime = services.Time.Uptime() + hold.Remaining,
                Boot = MachineBoot.Id,
            });
            services.Metrics.Hold(hold, definition);
            Log.LaneClosed(
                services.Logger, hold.IsNews ? LogLevel.Warning : LogLevel.Debug, lane, call.Route.Environment, scope, hold.Remaining.TotalSeconds, hold.RetryAt,
                definition.Code == 0 ? definition.Name : $"{definition.Code} {definition.Name}", new BanLabel(hold.BannedUntil));
        }

        return hold;
    }

    /// <summary>An item's error can ask to wait as a request's can, and that binds every client alike.</summary>
    public TrafficLane CloseForItems(Call call, HttpResponseMessage response, DateTimeOffset? date, byte[] body)
    {
        var closed = TrafficLane.None;
        var status = (int)response.StatusCode;
        for (var items = new ReplyItems(body, call.Options.Venue.Errors.Vocabulary); items.MoveNext();)
        {
            if (ReplyClassifier.ClassifyItem(status, body, items.Current, ErrorReader.ItemProof, call.Options.Venue.Errors).Definition is { } definition
                && Close(call, call.Settings.Matrix.Find(definition, null), definition, response, HintOf(call, response, date, body[items.Bytes])) is { } hold)
            {
                closed = hold.Lane;
            }
        }

        return closed;
    }

    /// <summary>
    /// While the body is awaited, which may never come, other requests would leave. An order's 429 closes what it binds either way, the account's orders; the body says whether it means the
    /// address, which waits for that a moment, and is closed if nothing comes.
    /// </summary>
    public async ValueTask CloseByHeadAsync(Call call, HttpResponseMessage response, DateTimeOffset? date, Task<(byte[] Bytes, bool IsWhole, Exception? Break)> body)
    {
        var status = (int)response.StatusCode;
        if (status is not (418 or 429))
        {
            return;
        }

        if (status == 429 && call.Operation.Endpoint is not { OrdersPer10Seconds: 0, OrdersPerMinute: 0 })
        {
            CloseBy(ReplyErrors.OrderRateLimited429);
            call.Route.Gate.Close(TrafficLane.Ip, default);
            await Task.WhenAny(body, Task.Delay(Lane.Margin, services.Time, call.CancellationToken)).ConfigureAwait(false);
            if (body.IsCompletedSuccessfully && (await body.ConfigureAwait(false)).Break is null)
            {
                return;
            }
        }

        CloseBy(ReplyErrors.OfStatus(status));

        void CloseBy(ErrorDefinition definition) => Close(call, call.Settings.Matrix.Find(definition, status), definition, response, HintOf(call, response, date, []));
    }

    /// <summary>How long a hold keeps the call itself.</summary>
    public static TimeSpan OpensIn(Call call, Hold? hold) =>
        hold is { } closed && TrafficRule.Of(call.TrafficClass).Travels(closed.Lane) ? closed.Remaining : TimeSpan.Zero;

    public static HoldHint HintOf(Call call, HttpResponseMessage response, DateTimeOffset? date, ReadOnlySpan<byte> body) =>
        HoldHint.Read(response.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.ToString() : null, date, body, call.Options.Venue.Errors.Vocabulary, call.Route.Clock.AfterSuspension(date) ?? call.Route.Gate.EarliestNow(date));

    private bool MeansTheAddress(Call call) =>
        services.Firewall.MeanTheAddress(call.Route.Gate.Scope, $"{call.Message.Method} {call.Message.RequestUri!.AbsolutePath}", call.Operation.Endpoint.IsListed);

    // A row decides for its own call. What the exchange bans or limits is closed for all, regardless of the row: the address by 418 and 429, or the account's orders where those are too many.
    private static TrafficLane LaneOf(PolicyRow row, ErrorCategory category, int status) => (status, category) switch
    {
        (418, _) => TrafficLane.Ip,
        (_, ErrorCategory.OrderRateLimited) when row.Lane != TrafficLane.Ip => TrafficLane.Orders,
        (429, _) or (_, ErrorCategory.RateLimited or ErrorCategory.OrderRateLimited) => TrafficLane.Ip,
        _ => row.Action == RecoveryAction.BackOff ? row.Lane : TrafficLane.None,
    };
}
