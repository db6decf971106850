namespace ExchangeResilience.Tests.Journal;

/// <summary>Which requests are of one account.</summary>
public sealed class AccountIdentityTests
{
    private readonly AccountBook _book = new();

    [Fact]
    public void One_key_is_one_account_whatever_it_is_called() => Compare(Key("k1") with { Name = "a" }, Key("k1") with { Name = "b" }).ShouldBe(SameAccount.Yes);

    [Fact]
    public void Hosts_of_two_markets_are_two_whatever_else_agrees() =>
        Compare(Key("k1") with { Name = "a", Market = "futures" }, Key("k1") with { Name = "a", Market = "spot" }).ShouldBe(SameAccount.No);

    [Fact]
    public void A_host_that_no_market_lists_tells_nothing() => Compare(Key("k1") with { Market = "futures" }, Key("k1")).ShouldBe(SameAccount.Yes);

    [Theory]
    [InlineData("x", "x", SameAccount.Yes)]
    [InlineData("x", "y", SameAccount.No)]
    public void The_exchanges_own_code_tells_two_keys_together_or_apart_whatever_their_names(string one, string other, object expected)
    {
        _book.Learn("k1", one);

        Compare(Key("k1") with { Name = "a" }, Key("k2") with { Name = expected is SameAccount.No ? "a" : "b", KeptCode = other }).ShouldBe((SameAccount)expected);
    }

    [Fact]
    public void A_code_of_one_alone_tells_nothing()
    {
        _book.Learn("k1", "x");

        Compare(Key("k1"), Key("k2")).ShouldBe(SameAccount.Unclear);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Keys_of_which_one_is_not_ours_are_two_accounts(bool one, bool other) =>
        Compare(Key("k1") with { Name = "a", IsOwnKey = one }, Key("k2") with { Name = "a", IsOwnKey = other }).ShouldBe(SameAccount.No);

    [Fact]
    public void A_rotated_key_is_of_the_account_that_bears_its_name() => Compare(Key("k1") with { Name = "a" }, Key("k2") with { Name = "a" }).ShouldBe(SameAccount.Yes);

    [Fact]
    public void A_name_may_have_been_changed_unless_both_are_in_use()
    {
        Compare(Named("a"), Named("b")).ShouldBe(SameAccount.Unclear);
        Compare(Key("k1") with { Name = "a" }, Key("k2") with { Name = "b" }).ShouldBe(SameAccount.Unclear);

        _book.Use("a");
        Compare(Named("a"), Named("b")).ShouldBe(SameAccount.Unclear);
        _book.Use("b");
        Compare(Named("a"), Named("b")).ShouldBe(SameAccount.No);
        Compare(Key("k1") with { Name = "a" }, Key("k2") with { Name = "b" }).ShouldBe(SameAccount.No);
    }

    [Fact]
    public void Own_keys_without_a_name_are_not_told_apart() => Compare(Key("k1"), Key("k2")).ShouldBe(SameAccount.Unclear);

    [Fact]
    public void Where_nothing_is_known_of_either_they_are_one() => Compare(Nobody(), Nobody()).ShouldBe(SameAccount.Yes);

    [Fact]
    public void What_knows_nothing_of_itself_may_be_anybodys()
    {
        Compare(Nobody(), Key("k1")).ShouldBe(SameAccount.Unclear);
        Compare(Nobody(), Named("a")).ShouldBe(SameAccount.Unclear);
        Compare(Named("a"), Key("k1")).ShouldBe(SameAccount.Unclear);
    }

    [Fact]
    public void An_entry_of_the_journal_knows_no_book_and_is_compared_all_the_same()
    {
        _book.Learn("k1", "x");

        var entry = Key("k0") with { Book = null, KeptCode = "x" };
        Compare(Key("k1"), entry).ShouldBe(SameAccount.Yes);
        Compare(Nobody(), Nobody() with { Book = null }).ShouldBe(SameAccount.Yes);
    }

    [Fact]
    public void Orders_in_doubt_are_counted_by_key_and_else_by_what_the_account_is_called()
    {
        (Key("k1") with { Name = "a" }).Counted.ShouldBe("k1");
        Named("a").Counted.ShouldBe("a");
        Nobody().Counted.ShouldBe(AccountIdentity.Anonymous);
    }

    /// <summary>Whoever asks, the answer is the same.</summary>
    private static SameAccount Compare(AccountIdentity one, AccountIdentity other)
    {
        var answer = one.Compare(other);
        other.Compare(one).ShouldBe(answer);
        return answer;
    }

    private AccountIdentity Nobody() => new() { Label = AccountIdentity.Anonymous, Book = _book };

    private AccountIdentity Named(string name) => new() { Label = name, Name = name, Book = _book };

    private AccountIdentity Key(string hash) => new() { Label = hash, KeyHash = hash, IsOwnKey = true, Book = _book };
}
