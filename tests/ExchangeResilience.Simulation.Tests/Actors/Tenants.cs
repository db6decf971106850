using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Two tenants and the house trade under equal ids, at times on equal terms, the tenants with keys and signatures of their own, through a client without a key or through the house's.</summary>
internal sealed record Tenants(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var isEqual = dice.Chance(0.4);
        var house = app.InsistAsync(app.Place(Limit()), dice, static () => nameof(Road.Plain), turns: 4);
        await Task.WhenAll(World.TenantKeys.Select((key, index) => PlayTenantAsync(
            app, Dice.For(app.World.Plan.Seed, $"{this} tenant {index}"), key, isEqual ? Limit() : Limit(10 * (index + 1), Id), dice.Chance(0.6) ? LargerPlan.Gateway : nameof(Road.Plain))));
        await house;
    }

    private async Task PlayTenantAsync(Application app, Dice dice, SimulatedApiKey key, OrderTermsWanted terms, string client)
    {
        await app.WaitAsync(dice.Milliseconds(0, 2_000));
        var place = app.Place(terms, key.Account);
        await app.AskAsync(place, client, key: key);
        if (dice.Chance(0.3))
        {
            await app.AskAsync(app.Amend(terms, Price(50 + terms.Number % 100), Quantity(terms.Number % 100 + 5), key.Account), client, key: key);
        }

        if (dice.Chance(0.5))
        {
            await app.InsistAsync(app.Cancel(terms, key.Account), dice, () => client, turns: dice.Int(1, 3), key: key);
        }

        if (dice.Chance(0.5))
        {
            await app.WaitAsync(dice.Milliseconds(0, 20_000));
            await app.LookAsync(place, client, key);
        }
    }
}
