namespace ExchangeResilience;

/// <summary>Looks into exceptions that others have wrapped.</summary>
internal static class WrappedExceptions
{
    /// <summary>The outermost exception of a type; of several that were thrown together, the first that holds one.</summary>
    public static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            switch (exception)
            {
                case T found:
                    return found;
                case AggregateException several:
                    return several.InnerExceptions.Select(Find<T>).FirstOrDefault(static found => found is not null);
            }
        }

        return null;
    }
}
