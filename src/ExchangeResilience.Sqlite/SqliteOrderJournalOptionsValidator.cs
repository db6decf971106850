using Microsoft.Extensions.Options;

namespace ExchangeResilience.Sqlite;

/// <summary>Refuses settings that cannot work, naming every fault.</summary>
internal sealed class SqliteOrderJournalOptionsValidator : IValidateOptions<SqliteOrderJournalOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteOrderJournalOptions options)
    {
        var faults = SqliteOrderJournalSettings.All.SelectMany(setting => setting.Faults(options)).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
