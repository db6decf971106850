using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>The way of a request through the exchange: limits, faults, checks, engine, reply. Not thread-safe: the exchange uses it under its lock.</summary>
internal sealed class RequestPipeline(SimulatedExchangeOptions options, ExchangeClock clock, MatchingEngine engine, FaultScript faults, RequestLog log)
{
    private readonly RateLimits _limits = new(options);

    /// <summary>Takes a request through limits, faults and checks. It is answered there, or goes on to the engine.</summary>
    public PendingRequest Receive(WireRequest request)
    {
        var moment = clock.Read();
        engine.Settle(moment);
        var parameters = Parameters.Parse(request.Query, request.Body, out var hasDuplicates);
        var route = Routes.Find(request.Method, request.Path);
        var key = request.ApiKey is { } name ? engine.FindKey(name) : null;
        var account = key is null ? engine.Nobody : engine.AccountOf(key);
        var violation = _limits.FindViolation(request.Address, account, route is { CountsOrders: true }, moment);
        var pending = new PendingRequest(request, route, new Call(engine, account, parameters, moment) { Number = log.NextNumber }) { Weight = route?.WeightOf(parameters) ?? 1 };
        Note(pending, violation);
        if (_limits.Admit(request.Address, pending.Weight, violation, moment) is { } refused)
        {
            return pending with { Answered = Refuse(pending, refused) };
        }

        var fault = faults.Choose(Describe(request, parameters, moment));
        pending = pending with { Fault = fault, Call = pending.Call with { ItemFaults = fault.Items } };
        if (fault != Fault.None)
        {
            log.Change(pending.Call.Number, request => request with { Fault = fault });
        }

        if (fault.BanDuration is { } ban)
        {
            return pending with { Answered = Refuse(pending, _limits.Ban(request.Address, ban, fault.BanTellsRetryAfter, moment)) };
        }

        if (fault.Effect == FaultEffect.None)
        {
            return pending with { Answered = Deliver(pending, answer: null, moment) };
        }

        if (RequestChecks.Check(route, key, request, pending.Call, hasDuplicates) is { } refusal)
        {
            // A reply made up for an executed request would hide that this one never was.
            var shown = fault.Ending == FaultEnding.Reply ? pending with { Fault = Fault.None } : pending;
            return pending with { Answered = Deliver(shown, refusal, moment) };
        }

        return Admit(pending, route!, moment);
    }

    /// <summary>What has passed the checks takes its order counts, and its way to the engine.</summary>
    private PendingRequest Admit(PendingRequest pending, Route route, Moment moment)
    {
        if (route.CountsOrders && _limits.AdmitOrders(pending.Request.Address, pending.Call.Account, route.OrdersPer10Seconds, route.OrdersPerMinute, moment) is { } tooMany)
        {
            return pending with { Answered = Refuse(pending, tooMany) };
        }

        if (pending.Fault.Effect == FaultEffect.Late)
        {
            engine.Schedule(moment.Before(-pending.Fault.EngineDelay), due => RunLate(pending, due));
            return pending with { Answered = Deliver(pending, answer: null, moment) };
        }

        return pending with { EngineDelay = pending.Fault.EngineDelay + (route.EngineChecksWindow ? options.EngineDelay : TimeSpan.Zero) };
    }

    private void Note(PendingRequest pending, Violation? violation)
    {
        var (request, call) = (pending.Request, pending.Call);
        log.Add(new ReceivedRequest
        {
            Number = call.Number,
            Time = call.Moment.Now,
            Elapsed = call.Moment.Elapsed,
            Address = request.Address,
            Method = request.Method,
            Path = request.Path,
            Query = request.Query,
            Body = Encoding.UTF8.GetString(request.Body),
            ApiKey = request.ApiKey,
            Parameters = call.Parameters.Values,
            IntoHold = violation?.Since,
            ToldBy = violation?.ToldBy,
        });
    }

    public Delivery Execute(PendingRequest pending)
    {
        var moment = clock.Read();
        engine.Settle(moment);
        return Deliver(pending, Run(pending, moment), moment);
    }

    private static Answer Run(PendingRequest pending, Moment moment)
    {
        var call = pending.Call with { Moment = moment };
        return pending.Route!.EngineChecksWindow && RequestChecks.IsPast(call.Parameters, moment) ? Refusal.EngineWindow : pending.Route.Run(call);
    }

    private void RunLate(PendingRequest pending, Moment due)
    {
        var answer = Run(pending, due);
        if (pending.Fault.Reply is null)
        {
            log.Change(pending.Call.Number, request => request with { Status = answer.Refusal?.Status ?? 200, Code = answer.Refusal?.Code ?? 0 });
        }
    }

    private FaultContext Describe(WireRequest request, Parameters parameters, Moment moment)
    {
        var id = parameters["newClientOrderId"] ?? parameters["origClientOrderId"] ?? parameters["clientAlgoId"];
        var key = id ?? $"{parameters["symbol"]}|{parameters["side"]}|{parameters["type"]}|{parameters["price"]}|{parameters["quantity"]}|{parameters["batchOrders"]}";
        var attempt = log.CountAttempt(request.Method, request.Path, key, moment.Elapsed);
        return new FaultContext(request.Method, request.Path, id, attempt, parameters.Values) { Key = key };
    }

    private Delivery Refuse(PendingRequest pending, Refused refused) => Finish(
        pending,
        FaultEnding.Reply,
        Replies.Of(refused.Refusal, refused.RetryAfter),
        refused.Refusal.Code,
        refused.Hold,
        pending.Call.Moment);

    /// <summary>The reply a fault made up, or the exchange's own, on the way the fault sends it.</summary>
    private Delivery Deliver(PendingRequest pending, Answer? answer, Moment moment)
    {
        var fault = pending.Fault;
        if (fault.Reply is { } canned)
        {
            if (fault.Effect == FaultEffect.None && canned.Status >= 500)
            {
                // The documentation says of overload and "Service Unavailable." that they do not count.
                _limits.Refund(pending.Request.Address, pending.Weight, moment);
            }

            var spelled = canned.Message is null ? canned with { Message = Refusal.Weight(pending.Request.Address, options.WeightPerMinute).Message } : canned;
            return Finish(pending, fault.Ending, Replies.Of(spelled, pending.Request.Path, moment), canned.Code ?? 0, HoldAskedFor(pending, canned, moment), moment);
        }

        // Without an answer yet the fault loses the reply, so that no client sees this one.
        var own = answer ?? new Answer(new JsonObject(), null);
        return Finish(pending, fault.Ending, Replies.Of(own), own.Refusal?.Code ?? 0, hold: null, moment);
    }

    private Hold? HoldAskedFor(PendingRequest pending, CannedReply canned, Moment moment)
    {
        if (canned.Status is not (429 or 418))
        {
            return null;
        }

        var header = pending.Fault.Headers.LastOrDefault(static header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value;
        var wait = RetryConditionHeaderValue.TryParse(header, out var parsed) && parsed.Delta is { } delta && delta > TimeSpan.Zero ? delta : _limits.LeftOfMinute(pending.Request.Address, moment);
        return _limits.Hold(pending.Request.Address, canned.Code == -1015 ? pending.Call.Account : null, wait, moment);
    }

    private Delivery Finish(PendingRequest pending, FaultEnding ending, WireReply reply, int code, Hold? hold, Moment moment)
    {
        log.Change(pending.Call.Number, request => request with { Status = reply.Status, Code = code });
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Date"] = moment.Now.ToString("R", CultureInfo.InvariantCulture),
            ["x-mbx-used-weight-1m"] = Text(_limits.UsedWeight(pending.Request.Address, moment)),
        };
        if (pending.Route is { CountsOrders: true } && (reply.Status < 300 || code == -1015))
        {
            headers["x-mbx-order-count-10s"] = Text(pending.Call.Account.Orders10Seconds.At(moment).Used);
            headers["x-mbx-order-count-1m"] = Text(pending.Call.Account.OrdersMinute.At(moment).Used);
        }

        foreach (var (name, value) in reply.Headers.Concat(pending.Fault.Headers))
        {
            headers[name] = value;
        }

        return new Delivery(ending, reply with { Headers = headers }, pending.Fault.Interval) { OnSent = () => Tell(hold, pending.Call.Number) };

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private void Tell(Hold? hold, long by)
    {
        hold?.Announced ??= (clock.Read().Elapsed, by);
    }
}
