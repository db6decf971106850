namespace ExchangeResilience.PostgreSql;

/// <summary>
/// The eighth version of the store: a crash of the server does not have a window given twice, and a hold is also known by the uptime of the machine whose process the exchange answered with it.
/// </summary>
internal static class SchemaVersion8
{
    public const string Sql = """
        -- How much of a window may have been given, which no crash forgets. As a sequence does, it is written ahead, an eighth of the window at a time, so that few grants wait for the disk.
        -- What is old goes by the order in which it was made: a member whose clock is ahead must not have the window at hand forgotten.
        CREATE TABLE "{schema}".budget_bounds (
            environment text NOT NULL,
            lane text NOT NULL,
            scope text NOT NULL,
            interval_ms bigint NOT NULL,
            window_number bigint NOT NULL,
            most int NOT NULL,
            made bigint GENERATED ALWAYS AS IDENTITY,
            CONSTRAINT budget_bounds_key PRIMARY KEY (environment, lane, scope, interval_ms, window_number)
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
        -- The bound of the window; below zero until a member's grant has read it, once the row is made.
        ALTER TABLE "{schema}".budgets ADD COLUMN bound int NOT NULL DEFAULT -1;

        -- As in the seventh version. A row of budgets that is new, be it that a crash has emptied the table, begins at what may have been given before it.
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
        BEGIN
            o_members := greatest(1, cardinality("{schema}".living()));
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
                WHERE s.environment = p_environment AND s.lane = p_lane AND s.scope = p_scope AND s.interval_ms = p_interval_ms AND s.window_number IN (p_window - 1, p_window);
            share := p_wish_cap / sharers;
            IF 8 * p_wish >= 7 * share THEN
                wish := greatest(p_wish, share + 1 - own);
            END IF;
            SELECT coalesce(sum(greatest(0, least(b.wanted, share) - coalesce(n.granted, 0))), 0) INTO reserved
                FROM "{schema}".budget_shares b LEFT JOIN "{schema}".budget_shares n
                    ON n.environment = b.environment AND n.lane = b.lane AND n.scope = b.scope AND n.interval_ms = b.interval_ms AND n.window_number = p_window AND n.member = b.member
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window - 1 AND b.member <> p_member;

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

        -- Its end by the uptime of a machine, and the boot that this counts from.
        ALTER TABLE "{schema}".holds ADD COLUMN boot text, ADD COLUMN until_uptime_ms bigint;

        -- As in the fourth version. The end by an uptime is one more that only rises; of two boots the one that was told last is kept.
        CREATE FUNCTION "{schema}".hold_lane(
            p_environment text, p_lane text, p_scope text, p_code int, p_until_exchange_ms bigint, p_left double precision, p_member text, p_member_name text, p_boot text, p_until_uptime_ms bigint)
            RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        DECLARE
            left_of_it interval := make_interval(secs => p_left);
            new_end timestamptz := clock_timestamp() + left_of_it;
            kept "{schema}".holds;
        BEGIN
            INSERT INTO "{schema}".holds (environment, lane, scope, code, until_exchange_ms, ends_at, told_to, told_to_name, lasts, boot, until_uptime_ms)
                VALUES (p_environment, p_lane, p_scope, p_code, p_until_exchange_ms, new_end, p_member, p_member_name, left_of_it, p_boot, p_until_uptime_ms) ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM pg_notify('{schema}', 'hold');
                RETURN;
            END IF;
            SELECT * INTO kept FROM "{schema}".holds WHERE environment = p_environment AND lane = p_lane AND scope = p_scope FOR UPDATE;
            IF p_until_exchange_ms > kept.until_exchange_ms OR new_end > kept.ends_at + interval '1 second' THEN
                UPDATE "{schema}".holds SET code = p_code, until_exchange_ms = greatest(kept.until_exchange_ms, p_until_exchange_ms), ends_at = greatest(kept.ends_at, new_end),
                    told_to = p_member, told_to_name = p_member_name,
                    lasts = CASE WHEN p_until_exchange_ms >= kept.until_exchange_ms THEN left_of_it ELSE greatest(kept.lasts, left_of_it) END,
                    boot = coalesce(p_boot, kept.boot),
                    until_uptime_ms = CASE WHEN p_boot IS NULL THEN kept.until_uptime_ms WHEN p_boot = kept.boot THEN greatest(kept.until_uptime_ms, p_until_uptime_ms) ELSE p_until_uptime_ms END
                    WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
                PERFORM pg_notify('{schema}', 'hold');
            ELSIF new_end > kept.ends_at THEN
                UPDATE "{schema}".holds SET ends_at = new_end WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
            END IF;
        END $fn$;

        -- What members of earlier versions call.
        CREATE OR REPLACE FUNCTION "{schema}".hold_lane(p_environment text, p_lane text, p_scope text, p_code int, p_until_exchange_ms bigint, p_left double precision, p_member text, p_member_name text)
            RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
            SELECT "{schema}".hold_lane(p_environment, p_lane, p_scope, p_code, p_until_exchange_ms, p_left, p_member, p_member_name, NULL, NULL);
        $fn$;

        -- A role that may execute the earlier one may execute the new one.
        DO $do$
        DECLARE
            caller record;
        BEGIN
            REVOKE ALL ON FUNCTION "{schema}".hold_lane(text, text, text, int, bigint, double precision, text, text, text, bigint) FROM PUBLIC;
            FOR caller IN
                SELECT DISTINCT r.rolname FROM pg_catalog.pg_proc p CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
                    WHERE p.oid = '"{schema}".hold_lane(text, text, text, int, bigint, double precision, text, text)'::pg_catalog.regprocedure AND a.privilege_type = 'EXECUTE' LOOP
                EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION "{schema}".hold_lane(text, text, text, int, bigint, double precision, text, text, text, bigint) TO %I', caller.rolname);
            END LOOP;
        END $do$;
        """;
}
