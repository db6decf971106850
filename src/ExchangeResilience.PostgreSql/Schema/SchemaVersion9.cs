namespace ExchangeResilience.PostgreSql;

/// <summary>The ninth version of the store: nothing is kept back for a member that is gone.</summary>
internal static class SchemaVersion9
{
    public const string Sql = """
        -- As in the eighth version. What a member wanted in the window before is kept back for it while it lives: a process that takes the place of one that has ended may use all of it.
        CREATE OR REPLACE FUNCTION "{schema}".grant_budget(
            p_member text, p_environment text, p_lane text, p_scope text, p_interval_ms bigint, p_window bigint,
            p_need int, p_need_cap int, p_wish int, p_wish_cap int, p_observed int, p_taken int,
            OUT o_granted int, OUT o_committed int, OUT o_members int)
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        DECLARE
            kept "{schema}".budgets;
            own int;
            sharers int;
            share int;
            wish int := p_wish;
            reserved int;
            wanted int;
            room int;
            alive text[] := "{schema}".living();
        BEGIN
            o_members := greatest(1, cardinality(alive));
            SELECT * INTO kept FROM "{schema}".budgets b
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO "{schema}".budgets AS b (environment, lane, scope, interval_ms, window_number) VALUES (p_environment, p_lane, p_scope, p_interval_ms, p_window)
                    ON CONFLICT ON CONSTRAINT budgets_key DO UPDATE SET granted = b.granted RETURNING b.* INTO kept;
                DELETE FROM "{schema}".budgets WHERE ctid = ANY(ARRAY(
                    SELECT b.ctid FROM "{schema}".budgets b
                        WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number < p_window - 1 FOR UPDATE SKIP LOCKED));
                DELETE FROM "{schema}".budget_shares WHERE ctid = ANY(ARRAY(
                    SELECT s.ctid FROM "{schema}".budget_shares s
                        WHERE s.environment = p_environment AND s.lane = p_lane AND s.scope = p_scope AND s.interval_ms = p_interval_ms AND s.window_number < p_window - 1 FOR UPDATE SKIP LOCKED));
                DELETE FROM "{schema}".budget_bounds WHERE ctid = ANY(ARRAY(
                    SELECT g.ctid FROM "{schema}".budget_bounds g
                        WHERE g.environment = p_environment AND g.lane = p_lane AND g.scope = p_scope AND g.interval_ms = p_interval_ms AND g.made < (
                            SELECT n.made FROM "{schema}".budget_bounds n
                                WHERE n.environment = p_environment AND n.lane = p_lane AND n.scope = p_scope AND n.interval_ms = p_interval_ms ORDER BY n.made DESC OFFSET 20 LIMIT 1)
                        FOR UPDATE SKIP LOCKED));
            END IF;
            IF kept.bound < 0 THEN
                kept.bound := coalesce((
                    SELECT g.most FROM "{schema}".budget_bounds g
                        WHERE g.environment = p_environment AND g.lane = p_lane AND g.scope = p_scope AND g.interval_ms = p_interval_ms AND g.window_number = p_window), 0);
                kept.granted := greatest(kept.granted, kept.bound);
            END IF;
            kept.granted := kept.granted + p_taken;
            kept.used_by_others := greatest(kept.used_by_others, p_observed - kept.granted);
            o_committed := kept.granted + kept.used_by_others;

            SELECT count(DISTINCT s.member) + CASE WHEN bool_or(s.member = p_member) THEN 0 ELSE 1 END, coalesce(sum(s.granted) FILTER (WHERE s.member = p_member AND s.window_number = p_window), 0)
                INTO sharers, own FROM "{schema}".budget_shares s
                WHERE s.environment = p_environment AND s.lane = p_lane AND s.scope = p_scope AND s.interval_ms = p_interval_ms AND s.window_number IN (p_window - 1, p_window)
                    AND (s.member = p_member OR s.member IN (SELECT unnest(alive)));
            share := p_wish_cap / sharers;
            IF 8 * p_wish >= 7 * share THEN
                wish := greatest(p_wish, share + 1 - own);
            END IF;
            SELECT coalesce(sum(greatest(0, least(b.wanted, share) - coalesce(n.granted, 0))), 0) INTO reserved
                FROM "{schema}".budget_shares b LEFT JOIN "{schema}".budget_shares n
                    ON n.environment = b.environment AND n.lane = b.lane AND n.scope = b.scope AND n.interval_ms = b.interval_ms AND n.window_number = p_window AND n.member = b.member
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window - 1 AND b.member <> p_member AND b.member IN (SELECT unnest(alive));

            room := greatest(0, p_wish_cap - o_committed - reserved);
            o_granted := least(wish, p_wish_cap - o_committed, greatest(share - own, least(share - own + 1, room), room / 2));
            IF p_need > o_granted AND p_need <= p_need_cap - o_committed AND (p_need_cap > p_wish_cap OR p_need <= greatest(room, share - own)) THEN
                o_granted := p_need;
            END IF;
            o_granted := greatest(0, o_granted);
            o_committed := o_committed + o_granted;

            -- Who was given less than it asked for would have used any amount.
            wanted := CASE WHEN o_granted < greatest(p_need, p_wish) THEN p_wish_cap ELSE own + greatest(p_need, p_wish) + p_taken END;
            IF kept.granted + o_granted > kept.bound THEN
                kept.bound := kept.granted + o_granted + p_wish_cap / 8;
                INSERT INTO "{schema}".budget_bounds AS g (environment, lane, scope, interval_ms, window_number, most) VALUES (p_environment, p_lane, p_scope, p_interval_ms, p_window, kept.bound)
                    ON CONFLICT ON CONSTRAINT budget_bounds_key DO UPDATE SET most = greatest(g.most, excluded.most);
            END IF;
            UPDATE "{schema}".budgets b SET granted = kept.granted + o_granted, used_by_others = kept.used_by_others, bound = kept.bound
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window;
            INSERT INTO "{schema}".budget_shares AS s VALUES (p_environment, p_lane, p_scope, p_interval_ms, p_window, p_member, o_granted + p_taken, wanted)
                ON CONFLICT ON CONSTRAINT budget_shares_key DO UPDATE SET granted = s.granted + excluded.granted, wanted = excluded.wanted;

            -- Nothing more is there for this member: it need not ask again before the window is over.
            IF own + o_granted BETWEEN share AND share + 1 AND p_wish_cap - o_committed - reserved < least(sharers, p_wish_cap / 8) THEN
                o_committed := greatest(o_committed, p_wish_cap);
            ELSIF (p_need > o_granted AND p_need_cap <= p_wish_cap) OR (own + o_granted >= share AND p_wish_cap - o_committed <= reserved) THEN
                o_committed := greatest(o_committed, least(p_wish_cap, o_committed + reserved));
            END IF;
        END $fn$;
        """;
}
