namespace ExchangeResilience.PostgreSql;

/// <summary>The second version of the store: what a fleet shares of the exchange's limits.</summary>
internal static class SchemaVersion2
{
    // Unlogged: a grant matters for a minute at most, must not wait for the disk, and what a crash forgets is seen again in the exchange's own counters.
    // Old windows go as new ones begin. The one before the newest stays, for members whose view of the exchange's clock is a little behind. No time here is the database's own.
    public const string Sql = """
        CREATE UNLOGGED TABLE "{schema}".budgets (
            environment text NOT NULL,
            lane text NOT NULL,
            scope text NOT NULL,
            interval_ms bigint NOT NULL,
            window_number bigint NOT NULL,
            granted int NOT NULL DEFAULT 0,
            used_by_others int NOT NULL DEFAULT 0,
            CONSTRAINT budgets_key PRIMARY KEY (environment, lane, scope, interval_ms, window_number)
        ) WITH (fillfactor = 50);

        CREATE FUNCTION "{schema}".grant_budget(
            p_environment text, p_lane text, p_scope text, p_interval_ms bigint, p_window bigint,
            p_need int, p_need_cap int, p_wish int, p_wish_cap int, p_observed int, p_taken int,
            OUT o_granted int, OUT o_committed int, OUT o_members int)
            LANGUAGE plpgsql AS $fn$
        DECLARE
            kept "{schema}".budgets;
        BEGIN
            SELECT greatest(1, count(*)) INTO o_members FROM "{schema}".members m WHERE NOT "{schema}".has_left(m.lease, m.lease_until);
            SELECT * INTO kept FROM "{schema}".budgets b
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO "{schema}".budgets AS b (environment, lane, scope, interval_ms, window_number) VALUES (p_environment, p_lane, p_scope, p_interval_ms, p_window)
                    ON CONFLICT ON CONSTRAINT budgets_key DO UPDATE SET granted = b.granted RETURNING b.* INTO kept;
                DELETE FROM "{schema}".budgets WHERE ctid = ANY(ARRAY(
                    SELECT b.ctid FROM "{schema}".budgets b
                        WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number < p_window - 1 FOR UPDATE SKIP LOCKED));
            END IF;
            kept.granted := kept.granted + p_taken;
            kept.used_by_others := greatest(kept.used_by_others, p_observed - kept.granted);
            o_committed := kept.granted + kept.used_by_others;
            o_granted := greatest(0, CASE WHEN p_need <= p_need_cap - o_committed THEN p_need ELSE 0 END, least(p_wish, (p_wish_cap - o_committed) / (2 * o_members)));
            o_committed := o_committed + o_granted;
            UPDATE "{schema}".budgets b SET granted = kept.granted + o_granted, used_by_others = kept.used_by_others
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window;
        END $fn$;
        """;
}
