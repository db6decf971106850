namespace ExchangeResilience;

/// <summary>What is known of the account a request is for. A key may be rotated and a name changed; both are of one account as long as something shows it.</summary>
internal sealed record AccountIdentity
{
    /// <summary>What an account is called of which nothing is known.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>What people call it: the name in the settings, else the hash of its key.</summary>
    public required string Label { get; init; }

    /// <summary>The first 16 hexadecimal digits of the API key's SHA-256; null where the key is not visible.</summary>
    public string? KeyHash { get; init; }

    /// <summary>The name in the settings; null where they name none.</summary>
    public string? Name { get; init; }

    /// <summary>The venue's market of the host it is sent to; null where the venue does not list the host.</summary>
    public string? Market { get; init; }

    /// <summary>Whether the venue lists the host it is sent to; null where no host is known.</summary>
    public bool? IsListed { get; init; }

    /// <summary>Whether this library signs with the key.</summary>
    public bool IsOwnKey { get; init; }

    /// <summary>The hash of the exchange's own code of the account, as an earlier run kept it.</summary>
    public string? KeptCode { get; init; }

    /// <summary>What this process has learned of accounts; null in a journal's entry.</summary>
    public AccountBook? Book { get; init; }

    /// <summary>The hash of the exchange's own code of the account; null as long as it was not queried.</summary>
    public string? Code => CodeIn(Book);

    /// <summary>Under which its orders in doubt, settings and cancels are counted together: the first of the keys that took each other's place.</summary>
    public string Counted => KeyHash is null ? Label : Book?.FirstOf(KeyHash) ?? KeyHash;

    /// <summary>Whose order an entry is, as far as it says.</summary>
    public static AccountIdentity Of(JournalEntry entry)
    {
        // Entries of earlier versions have one value for the account: the hash of its key, or its name.
        var word = entry.Key.Account;
        var isHash = word.Length == 16 && word.All(char.IsAsciiHexDigitLower);
        var isOld = entry is { KeyHash: null, AccountName: null };
        var market = ExchangeVenue.Named(entry.Venue).MarketOf(entry.Host);
        return new AccountIdentity
        {
            Label = word,
            KeyHash = entry.KeyHash ?? (isOld && isHash ? word : null),
            Name = entry.AccountName ?? (isOld && !isHash && !string.Equals(word, Anonymous, StringComparison.Ordinal) ? word : null),
            Market = market,
            IsListed = market is not null,
            IsOwnKey = !entry.IsForeignKey,
            KeptCode = entry.AccountCode,
            Book = entry.AccountBook,
        };
    }

    public SameAccount Compare(AccountIdentity other) =>
        ReferenceEquals(this, other) ? SameAccount.Yes
        : Differ(Market, other.Market) ? SameAccount.No
        : CodeIn(Book ?? other.Book) is { } code && other.CodeIn(other.Book ?? Book) is { } theirs ? (Same(code, theirs) ? SameAccount.Yes : SameAccount.No)
        : Same(KeyHash, other.KeyHash) ? SameAccount.Yes
        : KeyHash is not null && other.KeyHash is not null && !(IsOwnKey && other.IsOwnKey) ? SameAccount.No
        : CompareNames(other);

    /// <summary>Whether the exchange itself shows two to be one: by a key, or by its code of the account. A name may be given to one account at each of two exchanges.</summary>
    public bool IsProvenToBe(AccountIdentity other) => Same(KeyHash, other.KeyHash) || Same(Code, other.Code);

    private string? CodeIn(AccountBook? book) => KeptCode ?? (KeyHash is null ? null : book?.CodeOf(KeyHash));

    // A name that only one of the two runs knows may have been changed; names that one program uses side by side mean two accounts.
    private SameAccount CompareNames(AccountIdentity other) =>
        Name is null || other.Name is null ? (this with { Book = null } == other with { Book = null } ? SameAccount.Yes : SameAccount.Unclear)
        : Same(Name, other.Name) ? (IsNameEnough(other) ? SameAccount.Yes : SameAccount.Unclear)
        : (Book ?? other.Book)?.AreInUse(Name, other.Name) == true ? SameAccount.No
        : SameAccount.Unclear;

    // One name may have been given to two accounts, in a section of settings that several clients share. Where two keys could still show that, and where they went to different exchanges
    // as far as hosts show, the name alone proves nothing.
    private bool IsNameEnough(AccountIdentity other) =>
        KeyHash is null || other.KeyHash is null
        || (!(IsListed is { } here && other.IsListed is { } there && here != there) && (Book ?? other.Book)?.MayBeDistinguished(KeyHash, other.KeyHash) != true);

    private static bool Differ(string? one, string? other) => one is not null && other is not null && !Same(one, other);

    private static bool Same(string? one, string? other) => one is not null && string.Equals(one, other, StringComparison.Ordinal);
}
