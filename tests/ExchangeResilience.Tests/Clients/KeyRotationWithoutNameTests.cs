using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>The settings name no account. Another key takes the place of the first where the exchange shows both to be of one account; where it does not, the first stays.</summary>
public sealed class KeyRotationWithoutNameTests : RotatedKeys
{
    private static readonly TimeSpan UntilItIsAskedAgain = TimeSpan.FromSeconds(31);

    [Fact]
    public async Task A_key_that_the_exchange_shows_to_be_of_the_account_signs_from_then_on()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Unnamed);
        await BuyAsync(http, "a");

        await ChangeAsync(settings, Hmac("new-key"));
        Revoked = "old-key";

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("new-key");
        ReloadOf(services).Accepted.ShouldBeTrue();
        Log.Of("KeysInForce").ShouldHaveSingleItem().Text.ShouldNotContain("new-key");
        Log.Of("KeysRefused").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_in_doubt_under_the_earlier_key_is_found_with_it()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Brief);
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 3)]);
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        await ChangeAsync(settings, Hmac("new-key"));
        Revoked = "old-key";
        await LetPassAsync(TimeSpan.FromMinutes(1));

        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
        Log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain(nameof(ExecutionStatus.Executed));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_of_another_account_is_refused_and_orders_in_doubt_are_found_with_the_first()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Brief);
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 3)]);
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        await ChangeAsync(settings, Hmac("other-key"));
        await LetPassAsync(TimeSpan.FromMinutes(2));

        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldStartWith("ApiKey: is of another account than the one before; ");
        Log.Of("KeysRefused").ShouldHaveSingleItem();
        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("old-key");
    }

    [Fact]
    public async Task A_key_that_may_not_read_the_balance_is_refused_until_it_may()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Unnamed);
        ReadsNothing = "new-key";

        await ChangeAsync(settings, Hmac("new-key"));
        await LetPassAsync(UntilItIsAskedAgain * 2);

        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldStartWith("ApiKey: is another, and the exchange does not show that it is of the same account");
        Log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain("name the account in Account");
        Log.Of("SignedRequestsFail").ShouldBeEmpty("a key that is tried out is not in force");
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("old-key");

        ReadsNothing = null;
        await LetPassAsync(UntilItIsAskedAgain);

        ReloadOf(services).Accepted.ShouldBeTrue();
        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("new-key");
    }

    [Fact]
    public async Task Where_the_first_shows_nothing_any_more_its_order_in_doubt_stays_listed_with_what_to_do_and_stops_no_other()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Brief);
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 5)]);
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        ReadsNothing = "old-key";
        await ChangeAsync(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(15));

        var inDoubt = services.GetRequiredService<IInDoubtOrders>();
        var order = inDoubt.List().ShouldHaveSingleItem();
        order.State.ShouldBe(InDoubtState.CredentialsRefused);
        Log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain("settle orders in doubt through IInDoubtOrders");
        Log.Of("Unresolved").ShouldHaveSingleItem();
        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        inDoubt.Settle(order, ExecutionStatus.Executed, "op", "seen at the exchange").ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_learned_of_the_first_while_it_was_good_is_enough_once_it_is_revoked()
    {
        var (http, settings, services) = Start(Hmac("old-key"), Unnamed);
        await ChangeAsync(settings, Hmac("other-key"));
        ReloadOf(services).Accepted.ShouldBeFalse();

        Revoked = "old-key";
        await ChangeAsync(settings, Hmac("new-key"));

        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("new-key");
    }

    [Fact]
    public async Task Another_private_key_of_the_same_key_needs_no_name()
    {
        await File.WriteAllTextAsync(KeyFile, First.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, _) = Start(Pem(), Unnamed);
        ReadsNothing = "rsa-key";

        await File.WriteAllTextAsync(KeyFile, Second.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        Registered = Second;
        await LetPassAsync(UntilItIsAskedAgain);

        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        Log.Of("KeysInForce").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_hold_of_the_accounts_orders_outlives_the_change()
    {
        var (http, settings, _) = Start(Hmac("old-key"), Unnamed);
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS.").WithHeader("Retry-After", "600"));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.NotExecuted);

        await ChangeAsync(settings, Hmac("new-key"));

        (await BuyAsync(http, "b")).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    private static void Unnamed(ExchangeErrorHandlingOptions options) => options.Account = null;

    private static void Brief(ExchangeErrorHandlingOptions options)
    {
        options.Account = null;
        options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1);
    }
}
