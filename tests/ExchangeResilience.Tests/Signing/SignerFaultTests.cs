using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Signing;

/// <summary>A signer of the program's own, which asks a vault: it may throw, take its time, or never return.</summary>
public sealed class SignerFaultTests : IDisposable
{
    private const string Balance = "/fapi/v2/balance";

    private readonly Vault _vault = new();
    private readonly SimulatedExchange _exchange;
    private readonly ManualTimeProvider _time = new();
    private readonly ProtectedClient _client;

    public SignerFaultTests()
    {
        _exchange = new SimulatedExchange(new SimulatedExchangeOptions(), _time);
        _client = new ProtectedClient(_exchange.CreateHandler(), configure: null, _time, signed: false, outer: builder =>
            builder.AddExchangeSigning(keys => (keys.ApiKey, keys.Signer) = (SimulatedExchangeOptions.DefaultApiKey, _vault)));
    }

    public void Dispose()
    {
        _client.Dispose();
        _vault.Dispose();
    }

    [Fact]
    public async Task An_order_is_found_although_a_question_could_not_be_signed()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        _vault.FailAfter(1);

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.ExecutionsOf("a").Count.ShouldBe(1);
        _vault.Refusals.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_that_finds_no_order_is_told_so_although_the_look_up_could_not_be_signed()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _vault.FailAfter(1);

        var told = await RunAsync(() => _client.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=nobody"));

        told.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        _vault.Refusals.ShouldBe(1);
    }

    [Fact]
    public async Task Margin_whose_reply_was_lost_is_found_although_a_question_could_not_be_signed()
    {
        await RunAsync(() => _client.Http.PostAsync("/fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED", content: null));
        await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("p", 0.1m), content: null));
        _exchange.Faults.Next("POST /fapi/v1/positionMargin", Fault.ExecuteThenDrop);
        _vault.FailAfter(1);

        var told = await RunAsync(() => _client.Http.PostAsync("/fapi/v1/positionMargin?symbol=BTCUSDT&amount=100&type=1", content: null));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.Seen("POST /fapi/v1/positionMargin").Count.ShouldBe(1);
        _vault.Refusals.ShouldBe(1);
    }

    [Theory]
    [InlineData("POST", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a")]
    [InlineData("POST", "/fapi/v1/leverage?symbol=BTCUSDT&leverage=5")]
    [InlineData("GET", Balance)]
    public async Task What_cannot_be_signed_is_not_sent_and_ends_as_the_contract_says(string method, string path)
    {
        _vault.FailAfter(0);

        var told = await RunAsync(() => _client.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_SENT");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Thrown.ShouldNotBeNull().InnerException.ShouldBeOfType<VaultSealedException>();
        _exchange.Seen($"{method} {path.Split('?')[0]}").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signer_that_is_cancelled_by_itself_cancels_nothing_of_ours()
    {
        _vault.FailAfter(0, new TaskCanceledException("the vault's own timeout"));

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_SENT");
    }

    [Fact]
    public async Task An_order_waits_for_a_signature_no_longer_than_it_may_and_one_that_comes_later_is_not_sent()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        var before = _time.Elapsed;
        _vault.Close();

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Error.ShouldNotBeNull().Name.ShouldBe("TIME_SPENT");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (_time.Elapsed - before).ShouldBe(TimeSpan.FromSeconds(5), tolerance: TimeSpan.FromMilliseconds(1));
        _vault.Open();
        (await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("b"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.ExecutionsOf("a").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t")]
    public async Task Without_a_signature_nothing_is_sent(string? signature)
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        var before = _exchange.Requests.Count;
        _vault.Instead.Enqueue(signature);

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_SENT");
        told.Thrown.ShouldNotBeNull().ToString().ShouldContain("IExchangeSigner.Sign");
        _exchange.Requests.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_query_waits_for_a_signature_no_longer_than_an_attempt_lasts()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _vault.Close();

        var told = await RunAsync(() => _client.Http.GetAsync(Balance));

        told.Error.ShouldNotBeNull().Name.ShouldBe("TIME_SPENT");
        _exchange.Seen($"GET {Balance}").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_the_signer_hangs_was_not_executed()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _vault.Close();
        using var gone = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null, gone.Token));

        told.Thrown.ShouldNotBeNull();
        ExchangeOperationCanceledException.Find(told.Thrown).ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Theory]
    [InlineData("POST", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a")]
    [InlineData("GET", Balance)]
    public async Task What_was_banned_while_it_was_signed_does_not_leave(string method, string path)
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromMinutes(10)));
        _vault.Meanwhile = async () => (await _client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT")).Dispose();
        var before = _exchange.Requests.Count;

        var told = await RunAsync(() => _client.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        _exchange.Requests.Count.ShouldBe(before + 1, "nothing but the query that was banned");
    }

    [Fact]
    public async Task An_order_that_was_stopped_while_it_was_signed_does_not_leave()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        _vault.Meanwhile = () =>
        {
            _client.Get<ITradingHalt>().StopOrders("operator", "test");
            return Task.CompletedTask;
        };

        var told = await RunAsync(() => _client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));

        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        _exchange.ExecutionsOf("a").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_leaves_in_a_later_window_than_it_was_counted_in_is_counted_there()
    {
        await RunAsync(() => _client.Http.GetAsync(Balance));
        await _time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(57 - _time.GetUtcNow().Second), _time));
        _vault.Meanwhile = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return Task.CompletedTask;
        };

        (await RunAsync(() => _client.Http.GetAsync(Balance))).Status.ShouldBe(200);

        _client.Get<GateRegistry>().Snapshot().Single(static lane => lane.Lane == TrafficLane.Ip).Usage[0].Used.ShouldBe(5);
        _vault.Signatures.ShouldBe(3, "the first of the two was thrown away");
    }

    [Fact]
    public async Task A_signer_that_never_returns_is_given_only_so_many_threads()
    {
        var signer = new PatientSigner(_vault);
        _vault.Close();
        for (var signature = 0; signature < 16; signature++)
        {
            await Should.ThrowAsync<StampRefusedException>(() => signer.SignAsync([1], TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        }

        await Should.ThrowAsync<NotSignedException>(() => signer.SignAsync([1], TimeSpan.FromDays(1), TimeProvider.System, CancellationToken.None));

        _vault.Open();
        while (true)
        {
            try
            {
                (await signer.SignAsync([1], TimeSpan.FromDays(1), TimeProvider.System, CancellationToken.None)).ShouldNotBeEmpty();
                return;
            }
            catch (NotSignedException)
            {
                await Task.Yield();
            }
        }
    }

    private Task<Told> RunAsync(Func<Task<HttpResponseMessage>> send) => _time.RunAsync(() => Told.HearAsync(send()));

    private sealed class VaultSealedException() : Exception("the vault did not answer");

    private sealed class Vault : IExchangeSigner, IDisposable
    {
        private readonly ManualResetEventSlim _isOpen = new(initialState: true);
        private Exception _failure = new VaultSealedException();
        private int _left = int.MaxValue;

        public int Refusals { get; private set; }

        public int Signatures { get; private set; }

        /// <summary>What happens, once, while it signs.</summary>
        public Func<Task>? Meanwhile { get; set; }

        /// <summary>What it returns, once each, in the place of signatures.</summary>
        public Queue<string?> Instead { get; } = [];

        public void FailAfter(int signatures, Exception? failure = null) => (_left, _failure) = (signatures, failure ?? _failure);

        public void Close() => _isOpen.Reset();

        public void Open() => _isOpen.Set();

        // Whoever still waits is let go; the event itself has nothing to give back.
        public void Dispose()
        {
            _isOpen.Set();
            _isOpen.Dispose();
        }

        public string Sign(ReadOnlySpan<byte> payload)
        {
            _isOpen.Wait();
            Signatures++;
            var meanwhile = Meanwhile;
            Meanwhile = null;
            meanwhile?.Invoke().GetAwaiter().GetResult();
            if (Interlocked.Decrement(ref _left) == -1)
            {
                Refusals++;
                throw _failure;
            }

            return Instead.TryDequeue(out var other) ? other! : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SimulatedExchangeOptions.DefaultApiSecret), payload));
        }
    }
}
