namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The fuzzer itself: it makes the same inputs again, and finds what is there to be found.</summary>
public sealed class EngineTests
{
    [Fact]
    public void A_seed_and_an_index_make_the_same_input_again()
    {
        var mutator = new Mutator(new RepliesTarget());

        for (var index = 0; index < 1_000; index++)
        {
            mutator.Make(3, index).ShouldBe(new Mutator(new RepliesTarget()).Make(3, index));
        }

        Enumerable.Range(0, 1_000).Select(index => Convert.ToBase64String(mutator.Make(3, index))).Distinct().Count().ShouldBeGreaterThan(800);
    }

    [Theory]
    [InlineData(Fault.Throws, "throws FormatException in PlantedTarget.Act")]
    [InlineData(Fault.Allocates, "allocates too much")]
    [InlineData(Fault.Lies, "a success that is none")]
    public void A_planted_fault_is_found_and_made_as_small_as_it_can_be(Fault fault, string rule)
    {
        using var run = new FuzzRun(new PlantedTarget(fault), seed: 5);

        run.Run(0, 20_000);

        var find = run.Finds.ShouldHaveSingleItem();
        find.Trouble.Rule.ShouldBe(rule);
        System.Text.Encoding.ASCII.GetString(find.Input).ShouldBe("-1007");
        new PlantedTarget(fault).Try(find.Input)!.Rule.ShouldBe(rule);
        find.ToString().ShouldContain("build/fuzz.sh --target planted --replay LTEwMDc=");
        find.ToString().ShouldContain($"seed 5, index {find.Index}");
    }

    [Fact]
    public void A_target_without_a_fault_has_no_finds()
    {
        using var run = new FuzzRun(new PlantedTarget(Fault.None), seed: 5);

        run.Run(0, 2_000).ShouldBeTrue();

        run.Finds.ShouldBeEmpty();
    }

    [Fact]
    public void An_exception_that_is_allowed_is_no_fault()
    {
        using var run = new FuzzRun(new PlantedTarget(Fault.Refuses), seed: 5);

        run.Run(0, 20_000).ShouldBeTrue();

        run.Finds.ShouldBeEmpty();
    }

    public enum Fault
    {
        None,
        Throws,
        Refuses,
        Allocates,
        Lies,
    }

    private sealed class PlantedTarget(Fault fault) : FuzzTarget<bool>
    {
        public override string Name => "planted";

        public override int Inputs => 1;

        public override IReadOnlyList<byte[]> Seeds { get; } = [Bytes("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}")];

        public override (long Base, long PerByte) Allocation => (4 * 1024, 0);

        protected override bool Act(byte[] input)
        {
            var isMet = input.AsSpan().IndexOf("-1007"u8) >= 0;
            return isMet && fault switch
            {
                Fault.Throws => throw new FormatException(),
                Fault.Refuses => throw new JournalException("refused"),
                Fault.Allocates => GC.AllocateUninitializedArray<byte>(100_000).Length > 0,
                _ => true,
            };
        }

        protected override bool Allows(Exception error) => error is JournalException;

        protected override string? Judge(byte[] input, bool outcome) => fault == Fault.Lies && outcome ? "a success that is none" : null;
    }
}
