namespace ExchangeResilience.PostgreSql;

/// <summary>The seventh version of the store: no statement calls a function for each member, nor compares each unfinished order with each member.</summary>
internal static class SchemaVersion7
{
    // The functions that asked has_left() of every row took 0.1 s at ten thousand members, and a takeover seconds. It stays for members of the first two versions.
    public const string Sql = """
        -- Plans must not depend on what was finished when ANALYZE last ran: where nothing was, the index of what is finished seems to be empty, and orders would be searched for in it. Without
        -- statistics, hardly anything is taken to be unfinished. Statistics that say otherwise go with the column's type.
        DO $do$ BEGIN
            IF EXISTS (SELECT FROM pg_catalog.pg_stats s WHERE s.schemaname = '{schema}' AND s.tablename = 'entries' AND s.attname = 'finished_at' AND s.null_frac > 0.1) THEN
                ALTER TABLE "{schema}".entries ALTER COLUMN finished_at TYPE timestamptz;
            END IF;
        END $do$;
        ALTER TABLE "{schema}".entries ALTER COLUMN finished_at SET STATISTICS 0;

        -- Who is alive, by one reading of the clock. What has_left() says of a row, of all.
        CREATE OR REPLACE FUNCTION "{schema}".living() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        DECLARE
            moment timestamptz := clock_timestamp();
            up interval := moment - pg_postmaster_start_time();
        BEGIN
            RETURN ARRAY(SELECT m.id FROM "{schema}".members m WHERE isfinite(m.lease_until) AND (m.lease_until >= moment OR m.lease >= up));
        END $fn$;

        -- As in the fifth version. The living are a table that is looked up in: an array is compared with one by one. Which orders come first does not matter, and must not: in the order of
        -- their numbers they could be searched for among all that are finished.
        CREATE OR REPLACE FUNCTION "{schema}".take_over(p_member text, p_most int, p_likenesses text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM "{schema}".entries o
                    WHERE o.finished_at IS NULL AND o.holder <> p_member AND o.holder NOT IN (SELECT unnest("{schema}".living()))
                        AND (p_likenesses IS NULL OR "{schema}".likeness(o.document) = ANY(p_likenesses))) THEN
                RETURN;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('{schema}'), hashtext('take_over'));
            UPDATE "{schema}".entries e SET holder = p_member, fence = e.fence + 1,
                    document = CASE WHEN e.state IN ('Executed', 'NotExecuted') THEN e.document ELSE jsonb_set(e.document, '{run}', to_jsonb(p_member)) END
                WHERE e.seq = ANY(ARRAY(
                    SELECT o.seq FROM "{schema}".entries o
                        WHERE o.finished_at IS NULL AND o.holder <> p_member AND o.holder NOT IN (SELECT unnest("{schema}".living()))
                            AND (p_likenesses IS NULL OR "{schema}".likeness(o.document) = ANY(p_likenesses))
                        LIMIT p_most FOR UPDATE SKIP LOCKED));
        END $fn$;

        CREATE OR REPLACE FUNCTION "{schema}".orphans(p_member text) RETURNS TABLE (o_likeness text, o_document jsonb) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
            SELECT DISTINCT ON (1) "{schema}".likeness(e.document), e.document FROM "{schema}".entries e
                WHERE e.finished_at IS NULL AND e.holder <> p_member AND e.holder NOT IN (SELECT unnest("{schema}".living()));
        $fn$;

        -- As in the fourth version. A lease that is renewed meanwhile is looked at again, in its row.
        CREATE OR REPLACE FUNCTION "{schema}".sweep(p_retention interval, p_most int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        DECLARE
            moment timestamptz := clock_timestamp();
            up interval := moment - pg_postmaster_start_time();
            bound timestamptz := moment - p_retention;
        BEGIN
            DELETE FROM "{schema}".members WHERE id = ANY(ARRAY(
                SELECT m.id FROM "{schema}".members m WHERE (NOT isfinite(m.lease_until) OR (m.lease_until < moment AND m.lease < up))
                    AND NOT EXISTS (SELECT FROM "{schema}".entries e WHERE e.holder = m.id AND e.finished_at IS NULL) FOR UPDATE SKIP LOCKED));
            DELETE FROM "{schema}".holds WHERE (environment, lane, scope) IN (
                SELECT h.environment, h.lane, h.scope FROM "{schema}".holds h WHERE h.ends_at < bound FOR UPDATE SKIP LOCKED);
            PERFORM "{schema}".sweep_entries(p_retention, p_most);
        END $fn$;

        -- As in the fourth version. Who wants about its share is given all of it at once, and one more while no other's share is touched: what a division leaves is no reason to ask again.
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
            UPDATE "{schema}".budgets b SET granted = kept.granted + o_granted, used_by_others = kept.used_by_others
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
