namespace ExchangeResilience.PostgreSql;

/// <summary>
/// The fourth version of the store: the schema itself refuses a second holder of an order, no statement's cost grows with what is finished, room is shared fairly, and nothing
/// that another schema or role has made runs in the name of a member.
/// </summary>
internal static class SchemaVersion4
{
    // The functions of earlier versions stay, for members that were running before. What is new of a table is null, or of no meaning, where they write.
    public const string Sql = """
        -- A number for what the core calls likeness: two unsettled entries of one name and likeness are one order with two holders. Those that are there already stay.
        ALTER TABLE "{schema}".entries ADD COLUMN likeness bigint, ADD COLUMN awaited_by text[];
        CREATE UNIQUE INDEX entries_one_holder ON "{schema}".entries (name, symbol, kind, likeness) WHERE state IN ('Open', 'Unresolved');
        -- How long it was to last when it was told. An end by a clock that was set since may be wrong by anything.
        ALTER TABLE "{schema}".holds ADD COLUMN lasts interval;

        -- By a share of the table, nothing would be cleaned for days.
        ALTER TABLE "{schema}".entries SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
        ALTER TABLE "{schema}".members SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
        ALTER TABLE "{schema}".budgets SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

        -- What each member was given of a window.
        CREATE UNLOGGED TABLE "{schema}".budget_shares (
            environment text NOT NULL,
            lane text NOT NULL,
            scope text NOT NULL,
            interval_ms bigint NOT NULL,
            window_number bigint NOT NULL,
            member text NOT NULL,
            granted int NOT NULL,
            wanted int NOT NULL,
            CONSTRAINT budget_shares_key PRIMARY KEY (environment, lane, scope, interval_ms, window_number, member)
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

        CREATE OR REPLACE FUNCTION "{schema}".has_left(p_lease interval, p_lease_until timestamptz) RETURNS boolean LANGUAGE sql VOLATILE AS $fn$
            SELECT p_lease_until IS NULL OR NOT isfinite(p_lease_until)
                OR (p_lease_until < clock_timestamp() AND clock_timestamp() - pg_postmaster_start_time() > p_lease);
        $fn$;

        -- A session that is not the one the member has set up, be it that a pooler has put another in its place, writes nothing; nor does one whose rules are others than those the functions are made for.
        CREATE FUNCTION "{schema}".begin_commit(p_locks bigint[], p_member text, p_session int) RETURNS void LANGUAGE plpgsql AS $fn$
        BEGIN
            IF p_session <> pg_backend_pid() OR current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'not the session that was set up' USING ERRCODE = 'ER001';
            END IF;
            PERFORM pg_advisory_xact_lock(k) FROM (SELECT DISTINCT k FROM unnest(p_locks) AS k ORDER BY k) AS keys;
            UPDATE "{schema}".members SET lease_until = clock_timestamp() + lease
                WHERE id = p_member AND isfinite(lease_until) AND lease_until < clock_timestamp() + lease / 3;
        END $fn$;

        -- As in the third version. Who is told of an order that is not settled is told its verdict as well.
        CREATE FUNCTION "{schema}".record_entry(
            p_member text, p_fence bigint, p_id text, p_environment text, p_account text, p_symbol text, p_kind text, p_name text, p_state text, p_is_finished boolean, p_supersedes text[],
            p_document jsonb, p_seen text[], p_likeness bigint, OUT o_own text, OUT o_others text[], OUT o_seen text[])
            LANGUAGE plpgsql AS $fn$
        DECLARE
            own "{schema}".entries;
            own_likeness text := "{schema}".likeness(p_document);
            own_run text := p_document ->> 'run';
            other record;
            sort text;
            sorts text[] := '{}';
        BEGIN
            SELECT * INTO own FROM "{schema}".entries WHERE id = p_id FOR UPDATE;
            IF own.id IS NOT NULL AND (own.state <> 'Open' OR own.holder <> p_member OR own.fence <> p_fence) THEN
                o_own := own.document::text;
                PERFORM "{schema}".await_verdict(p_member, own.seq);
                RETURN;
            END IF;
            FOR other IN
                SELECT e.seq, e.document, "{schema}".likeness(e.document) AS likeness,
                        (e.state = 'NotExecuted' OR (e.state = 'Executed' AND e.document ->> 'run' = own_run) OR e.id = ANY(p_supersedes)) IS TRUE AS is_over
                    FROM "{schema}".entries e WHERE e.name = p_name AND e.symbol = p_symbol AND e.kind = p_kind AND e.id <> p_id ORDER BY e.seq DESC LOOP
                EXIT WHEN o_seen IS NULL AND other.is_over AND other.likeness = own_likeness;
                sort := other.is_over || other.likeness;
                IF sort <> ALL(sorts) THEN
                    sorts := sorts || sort;
                    o_others := o_others || other.document::text;
                    o_seen := o_seen || (other.seq || sort);
                    PERFORM "{schema}".await_verdict(p_member, other.seq);
                END IF;
                EXIT WHEN other.likeness = own_likeness;
            END LOOP;
            IF o_seen IS DISTINCT FROM p_seen AND o_seen IS NOT NULL THEN
                RETURN;
            END IF;
            UPDATE "{schema}".entries SET likeness = NULL WHERE id = ANY(p_supersedes) AND likeness IS NOT NULL AND state IN ('Open', 'Unresolved');
            IF own.id IS NULL THEN
                INSERT INTO "{schema}".entries (id, environment, account, symbol, kind, name, holder, fence, state, finished_at, document, likeness)
                    VALUES (p_id, p_environment, p_account, p_symbol, p_kind, p_name, p_member, p_fence, p_state, CASE WHEN p_is_finished THEN clock_timestamp() END, p_document, p_likeness);
            ELSE
                UPDATE "{schema}".entries SET state = p_state, finished_at = CASE WHEN p_is_finished THEN clock_timestamp() END, document = p_document WHERE id = p_id;
            END IF;
            o_others := NULL;
            o_seen := NULL;
        END $fn$;

        CREATE FUNCTION "{schema}".await_verdict(p_member text, p_seq bigint) RETURNS void LANGUAGE sql AS $fn$
            UPDATE "{schema}".entries SET awaited_by = array_append(awaited_by, p_member)
                WHERE seq = p_seq AND holder <> p_member AND state NOT IN ('Executed', 'NotExecuted') AND (p_member = ANY(awaited_by)) IS NOT TRUE;
        $fn$;

        CREATE FUNCTION "{schema}".namesakes(p_member text, p_name text, p_symbol text, p_kind text) RETURNS text[] LANGUAGE sql AS $fn$
            SELECT "{schema}".await_verdict(p_member, e.seq) FROM "{schema}".entries e
                WHERE e.name = p_name AND e.symbol = p_symbol AND e.kind = p_kind AND e.state NOT IN ('Executed', 'NotExecuted') AND e.holder <> p_member;
            SELECT ARRAY(SELECT e.document::text FROM "{schema}".entries e WHERE e.name = p_name AND e.symbol = p_symbol AND e.kind = p_kind ORDER BY e.seq DESC);
        $fn$;

        -- As in the first version. Only who waits for the verdict is notified: a notification costs every session of the database, and lets no two commits pass at once.
        CREATE OR REPLACE FUNCTION "{schema}".settle_entry(p_member text, p_fence bigint, p_id text, p_state text, p_is_finished boolean, p_is_heard boolean, p_document jsonb)
            RETURNS boolean LANGUAGE plpgsql AS $fn$
        DECLARE
            own "{schema}".entries;
        BEGIN
            SELECT * INTO own FROM "{schema}".entries WHERE id = p_id FOR UPDATE;
            IF own.id IS NULL OR (own.state IN ('Executed', 'NotExecuted') AND own.state <> p_state) THEN
                RETURN false;
            END IF;
            IF own.holder <> p_member OR own.fence <> p_fence THEN
                IF own.state NOT IN ('Executed', 'NotExecuted') OR NOT p_is_heard THEN
                    RETURN false;
                END IF;
                UPDATE "{schema}".entries SET document = jsonb_set(own.document, '{heard}', 'true') WHERE id = p_id AND NOT coalesce((own.document ->> 'heard')::boolean, false);
                RETURN true;
            END IF;
            IF EXISTS (SELECT jsonb_array_elements(own.document -> 'attempts') EXCEPT SELECT jsonb_array_elements(p_document -> 'attempts')) THEN
                RETURN false;
            END IF;
            UPDATE "{schema}".entries SET state = p_state, document = p_document,
                finished_at = CASE WHEN p_is_finished THEN coalesce(own.finished_at, clock_timestamp()) END WHERE id = p_id;
            IF own.state NOT IN ('Executed', 'NotExecuted') AND p_state IN ('Executed', 'NotExecuted') THEN
                PERFORM pg_notify('exchange_resilience ' || w, 'settled ' || p_id) FROM unnest(own.awaited_by) AS w WHERE length(w) < 40;
            END IF;
            RETURN true;
        END $fn$;

        CREATE OR REPLACE FUNCTION "{schema}".hold_lane(p_environment text, p_lane text, p_scope text, p_code int, p_until_exchange_ms bigint, p_left double precision, p_member text, p_member_name text)
            RETURNS void LANGUAGE plpgsql AS $fn$
        DECLARE
            left_of_it interval := make_interval(secs => p_left);
            new_end timestamptz := clock_timestamp() + left_of_it;
            kept "{schema}".holds;
        BEGIN
            INSERT INTO "{schema}".holds (environment, lane, scope, code, until_exchange_ms, ends_at, told_to, told_to_name, lasts)
                VALUES (p_environment, p_lane, p_scope, p_code, p_until_exchange_ms, new_end, p_member, p_member_name, left_of_it) ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM pg_notify('{schema}', 'hold');
                RETURN;
            END IF;
            SELECT * INTO kept FROM "{schema}".holds WHERE environment = p_environment AND lane = p_lane AND scope = p_scope FOR UPDATE;
            IF p_until_exchange_ms > kept.until_exchange_ms OR new_end > kept.ends_at + interval '1 second' THEN
                UPDATE "{schema}".holds SET code = p_code, until_exchange_ms = greatest(kept.until_exchange_ms, p_until_exchange_ms), ends_at = greatest(kept.ends_at, new_end),
                    told_to = p_member, told_to_name = p_member_name,
                    lasts = CASE WHEN p_until_exchange_ms >= kept.until_exchange_ms THEN left_of_it ELSE greatest(kept.lasts, left_of_it) END
                    WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
                PERFORM pg_notify('{schema}', 'hold');
            ELSIF new_end > kept.ends_at THEN
                UPDATE "{schema}".holds SET ends_at = new_end WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
            END IF;
        END $fn$;

        CREATE FUNCTION "{schema}".leave(p_member text) RETURNS void LANGUAGE sql AS $fn$
            UPDATE "{schema}".members SET lease_until = '-infinity' WHERE id = p_member;
            SELECT pg_notify('{schema}', 'left');
        $fn$;

        -- Whether an entry could be written: it is, and taken back.
        CREATE FUNCTION "{schema}".try_write(p_member text) RETURNS void LANGUAGE plpgsql AS $fn$
        BEGIN
            INSERT INTO "{schema}".entries (id, environment, account, symbol, kind, name, holder, state, document)
                VALUES (p_member || ' asks', '', '', '', '', '', p_member, 'NotExecuted', to_jsonb(repeat('x', 1000)));
            RAISE EXCEPTION 'it could' USING ERRCODE = 'ER002';
        EXCEPTION WHEN SQLSTATE 'ER002' THEN
        END $fn$;

        CREATE FUNCTION "{schema}".living() RETURNS text[] LANGUAGE sql STABLE AS $fn$
            SELECT ARRAY(SELECT m.id FROM "{schema}".members m WHERE NOT "{schema}".has_left(m.lease, m.lease_until));
        $fn$;

        -- What nobody holds, found among what is unfinished. A plan that joins could begin with what is finished.
        CREATE OR REPLACE FUNCTION "{schema}".take_over(p_member text, p_most int, p_likenesses text[]) RETURNS void LANGUAGE sql AS $fn$
            UPDATE "{schema}".entries e SET holder = p_member, fence = e.fence + 1,
                    document = CASE WHEN e.state IN ('Executed', 'NotExecuted') THEN e.document ELSE jsonb_set(e.document, '{run}', to_jsonb(p_member)) END
                WHERE e.seq = ANY(ARRAY(
                    SELECT o.seq FROM "{schema}".entries o
                        WHERE o.finished_at IS NULL AND o.holder <> p_member AND o.holder <> ALL("{schema}".living())
                            AND (p_likenesses IS NULL OR "{schema}".likeness(o.document) = ANY(p_likenesses))
                        ORDER BY o.seq LIMIT p_most FOR UPDATE SKIP LOCKED));
        $fn$;

        CREATE OR REPLACE FUNCTION "{schema}".orphans(p_member text) RETURNS TABLE (o_likeness text, o_document jsonb) LANGUAGE sql AS $fn$
            SELECT DISTINCT ON (1) "{schema}".likeness(e.document), e.document FROM "{schema}".entries e
                WHERE e.finished_at IS NULL AND e.holder <> p_member AND e.holder <> ALL("{schema}".living());
        $fn$;

        -- As in the first version, but bounded by a time that stands still while it looks, so that an index leads to what is over.
        CREATE FUNCTION "{schema}".sweep_entries(p_retention interval, p_most int) RETURNS int LANGUAGE plpgsql AS $fn$
        DECLARE
            bound timestamptz := clock_timestamp() - p_retention;
            swept int;
        BEGIN
            DELETE FROM "{schema}".entries WHERE seq = ANY(ARRAY(
                SELECT e.seq FROM "{schema}".entries e WHERE e.finished_at < bound ORDER BY e.finished_at LIMIT p_most FOR UPDATE SKIP LOCKED));
            GET DIAGNOSTICS swept = ROW_COUNT;
            RETURN swept;
        END $fn$;

        CREATE OR REPLACE FUNCTION "{schema}".sweep(p_retention interval, p_most int) RETURNS void LANGUAGE plpgsql AS $fn$
        DECLARE
            bound timestamptz := clock_timestamp() - p_retention;
        BEGIN
            DELETE FROM "{schema}".members WHERE id = ANY(ARRAY(
                SELECT m.id FROM "{schema}".members m WHERE "{schema}".has_left(m.lease, m.lease_until)
                    AND NOT EXISTS (SELECT FROM "{schema}".entries e WHERE e.holder = m.id AND e.finished_at IS NULL) FOR UPDATE SKIP LOCKED));
            DELETE FROM "{schema}".holds WHERE (environment, lane, scope) IN (
                SELECT h.environment, h.lane, h.scope FROM "{schema}".holds h WHERE h.ends_at < bound FOR UPDATE SKIP LOCKED);
            PERFORM "{schema}".sweep_entries(p_retention, p_most);
        END $fn$;

        -- An equal share of the window is each member's that asks, or asked in the window before, as far as it wanted it then; who wants more is given of what remains. What is kept for
        -- others counts as gone, except for what is more urgent than what the room is wished for.
        CREATE FUNCTION "{schema}".grant_budget(
            p_member text, p_environment text, p_lane text, p_scope text, p_interval_ms bigint, p_window bigint,
            p_need int, p_need_cap int, p_wish int, p_wish_cap int, p_observed int, p_taken int,
            OUT o_granted int, OUT o_committed int, OUT o_members int)
            LANGUAGE plpgsql AS $fn$
        DECLARE
            kept "{schema}".budgets;
            own int;
            share int;
            reserved int;
            wanted int;
            room int;
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
                DELETE FROM "{schema}".budget_shares WHERE ctid = ANY(ARRAY(
                    SELECT s.ctid FROM "{schema}".budget_shares s
                        WHERE s.environment = p_environment AND s.lane = p_lane AND s.scope = p_scope AND s.interval_ms = p_interval_ms AND s.window_number < p_window - 1 FOR UPDATE SKIP LOCKED));
            END IF;
            kept.granted := kept.granted + p_taken;
            kept.used_by_others := greatest(kept.used_by_others, p_observed - kept.granted);
            o_committed := kept.granted + kept.used_by_others;

            SELECT p_wish_cap / greatest(1, count(DISTINCT s.member) + CASE WHEN bool_or(s.member = p_member) THEN 0 ELSE 1 END), coalesce(sum(s.granted) FILTER (WHERE s.member = p_member AND s.window_number = p_window), 0)
                INTO share, own FROM "{schema}".budget_shares s
                WHERE s.environment = p_environment AND s.lane = p_lane AND s.scope = p_scope AND s.interval_ms = p_interval_ms AND s.window_number IN (p_window - 1, p_window);
            SELECT coalesce(sum(greatest(0, least(b.wanted, share) - coalesce(n.granted, 0))), 0) INTO reserved
                FROM "{schema}".budget_shares b LEFT JOIN "{schema}".budget_shares n
                    ON n.environment = b.environment AND n.lane = b.lane AND n.scope = b.scope AND n.interval_ms = b.interval_ms AND n.window_number = p_window AND n.member = b.member
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window - 1 AND b.member <> p_member;

            room := greatest(0, p_wish_cap - o_committed - reserved);
            o_granted := least(p_wish, p_wish_cap - o_committed, greatest(share - own, room / 2));
            IF p_need > o_granted AND p_need <= p_need_cap - o_committed AND (p_need_cap > p_wish_cap OR p_need <= greatest(room, share - own)) THEN
                o_granted := p_need;
            END IF;
            o_granted := greatest(0, o_granted);
            o_committed := o_committed + o_granted;

            -- Who was given less than it asked for would have used any amount.
            wanted := CASE WHEN o_granted < greatest(p_need, p_wish) THEN p_wish_cap ELSE own + o_granted + p_taken END;
            UPDATE "{schema}".budgets b SET granted = kept.granted + o_granted, used_by_others = kept.used_by_others
                WHERE b.environment = p_environment AND b.lane = p_lane AND b.scope = p_scope AND b.interval_ms = p_interval_ms AND b.window_number = p_window;
            INSERT INTO "{schema}".budget_shares AS s VALUES (p_environment, p_lane, p_scope, p_interval_ms, p_window, p_member, o_granted + p_taken, wanted)
                ON CONFLICT ON CONSTRAINT budget_shares_key DO UPDATE SET granted = s.granted + excluded.granted, wanted = excluded.wanted;

            -- Nothing more is there for this member: it need not ask again before the window is over.
            IF (p_need > o_granted AND p_need_cap <= p_wish_cap) OR (own + o_granted >= share AND p_wish_cap - o_committed <= reserved) THEN
                o_committed := greatest(o_committed, least(p_wish_cap, o_committed + reserved));
            END IF;
        END $fn$;

        -- Whatever else is in the database, and whichever way its sessions look for names, these run on what PostgreSQL brings. They are the only way to write: whoever may call them needs
        -- no right to the tables but to read them. Whoever could write before can.
        DO $do$
        DECLARE
            made record;
            writer record;
        BEGIN
            FOR made IN
                SELECT p.oid::pg_catalog.regprocedure::text AS name FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = '{schema}' AND p.proname = ANY (ARRAY['await_verdict', 'begin_commit', 'grant_budget', 'has_left', 'hold_lane', 'leave', 'likeness', 'living', 'namesakes',
                        'orphans', 'record_entry', 'renew_lease', 'settle_entry', 'sweep', 'sweep_entries', 'take_over', 'try_write']) LOOP
                EXECUTE 'ALTER FUNCTION ' || made.name || ' SECURITY DEFINER SET search_path = pg_catalog, pg_temp';
                EXECUTE 'REVOKE ALL ON FUNCTION ' || made.name || ' FROM PUBLIC';
                FOR writer IN
                    SELECT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
                        WHERE n.nspname = '{schema}' AND c.relname = 'entries' AND a.privilege_type = 'INSERT'
                    UNION SELECT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
                        WHERE n.nspname = '{schema}' AND c.relname = 'entries' LOOP
                    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO %I', made.name, writer.rolname);
                END LOOP;
            END LOOP;
            FOR made IN
                SELECT c.oid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = '{schema}' AND c.relname = ANY (ARRAY['entries', 'holds', 'members', 'budgets', 'budget_shares', 'schema_version']) LOOP
                FOR writer IN
                    SELECT DISTINCT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
                        WHERE n.nspname = '{schema}' AND c.relname = 'entries' AND a.privilege_type = 'INSERT' LOOP
                    EXECUTE pg_catalog.format('GRANT SELECT ON TABLE %s TO %I', made.name, writer.rolname);
                END LOOP;
            END LOOP;
        END $do$;
        """;
}
