namespace ExchangeResilience.PostgreSql;

/// <summary>The first version of the store. The rules of the journal are functions in the database, so that a batch of calls needs one round trip, whatever each of them finds.</summary>
internal static class SchemaVersion1
{
    // The names of states, kinds and lanes are stored, not their numbers. Only finished entries have a finished_at. Every time is the database's own but until_exchange_ms.
    public const string Sql = """
        CREATE TABLE "{schema}".members (
            id text PRIMARY KEY,
            name text NOT NULL,
            started timestamptz NOT NULL DEFAULT clock_timestamp(),
            lease interval NOT NULL,
            lease_until timestamptz NOT NULL
        );
        CREATE TABLE "{schema}".entries (
            seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text NOT NULL UNIQUE,
            environment text NOT NULL,
            account text NOT NULL,
            symbol text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            holder text NOT NULL,
            fence bigint NOT NULL DEFAULT 0,
            state text NOT NULL,
            finished_at timestamptz,
            document jsonb NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX entries_by_key ON "{schema}".entries (name, symbol, kind, account, environment, seq);
        CREATE INDEX entries_finished ON "{schema}".entries (finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX entries_unfinished ON "{schema}".entries (holder, seq) WHERE finished_at IS NULL;
        CREATE TABLE "{schema}".holds (
            environment text NOT NULL,
            lane text NOT NULL,
            scope text NOT NULL,
            code int NOT NULL,
            until_exchange_ms bigint NOT NULL,
            ends_at timestamptz NOT NULL,
            told_to text NOT NULL,
            told_to_name text NOT NULL,
            PRIMARY KEY (environment, lane, scope)
        );

        -- Whoever checks and writes about a key has it alone until its transaction ends. In one order, so that no two wait for each other.
        -- A process that writes lives, and need not wait for its next heartbeat where its lease has nearly run out.
        CREATE FUNCTION "{schema}".begin_commit(p_locks bigint[], p_member text) RETURNS void LANGUAGE plpgsql AS $fn$
        BEGIN
            IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
                PERFORM set_config('synchronous_commit', 'on', true);
            END IF;
            PERFORM pg_advisory_xact_lock(k) FROM (SELECT DISTINCT k FROM unnest(p_locks) AS k ORDER BY k) AS keys;
            UPDATE "{schema}".members SET lease_until = clock_timestamp() + lease
                WHERE id = p_member AND isfinite(lease_until) AND lease_until < clock_timestamp() + lease / 3;
        END $fn$;

        CREATE FUNCTION "{schema}".record_entry(
            p_member text, p_fence bigint, p_id text, p_environment text, p_account text, p_symbol text, p_kind text, p_name text, p_state text, p_is_finished boolean, p_supersedes text, p_document jsonb)
            RETURNS jsonb LANGUAGE plpgsql AS $fn$
        DECLARE
            own "{schema}".entries;
            other "{schema}".entries;
        BEGIN
            SELECT * INTO own FROM "{schema}".entries WHERE id = p_id FOR UPDATE;
            IF own.id IS NOT NULL AND (own.state <> 'Open' OR own.holder <> p_member OR own.fence <> p_fence) THEN
                RETURN own.document;
            END IF;
            SELECT * INTO other FROM "{schema}".entries
                WHERE name = p_name AND symbol = p_symbol AND kind = p_kind AND account = p_account AND environment = p_environment AND id <> p_id
                ORDER BY seq DESC LIMIT 1;
            IF other.id IS NOT NULL AND other.state <> 'NotExecuted' AND NOT (other.state = 'Executed' AND other.document ->> 'run' = p_document ->> 'run') AND other.id IS DISTINCT FROM p_supersedes THEN
                RETURN other.document;
            END IF;
            IF own.id IS NULL THEN
                INSERT INTO "{schema}".entries (id, environment, account, symbol, kind, name, holder, fence, state, finished_at, document)
                    VALUES (p_id, p_environment, p_account, p_symbol, p_kind, p_name, p_member, p_fence, p_state, CASE WHEN p_is_finished THEN clock_timestamp() END, p_document);
            ELSE
                UPDATE "{schema}".entries SET state = p_state, finished_at = CASE WHEN p_is_finished THEN clock_timestamp() END, document = p_document WHERE id = p_id;
            END IF;
            RETURN NULL;
        END $fn$;

        -- What is unsettled is its holder's alone; a verdict is final; what everybody may add to one is that it was heard.
        CREATE FUNCTION "{schema}".settle_entry(p_member text, p_fence bigint, p_id text, p_state text, p_is_finished boolean, p_is_heard boolean, p_document jsonb)
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
                PERFORM pg_notify('{schema}', 'settled ' || p_id);
            END IF;
            RETURN true;
        END $fn$;

        -- A maximum that only rises, in the exchange's time and in the database's. The same hold written twice ends a little later by the database's clock the second time, which is no news.
        CREATE FUNCTION "{schema}".hold_lane(p_environment text, p_lane text, p_scope text, p_code int, p_until_exchange_ms bigint, p_left double precision, p_member text, p_member_name text)
            RETURNS void LANGUAGE plpgsql AS $fn$
        DECLARE
            new_end timestamptz := clock_timestamp() + make_interval(secs => p_left);
            kept "{schema}".holds;
        BEGIN
            INSERT INTO "{schema}".holds VALUES (p_environment, p_lane, p_scope, p_code, p_until_exchange_ms, new_end, p_member, p_member_name) ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM pg_notify('{schema}', 'hold');
                RETURN;
            END IF;
            SELECT * INTO kept FROM "{schema}".holds WHERE environment = p_environment AND lane = p_lane AND scope = p_scope FOR UPDATE;
            IF p_until_exchange_ms > kept.until_exchange_ms OR new_end > kept.ends_at + interval '1 second' THEN
                UPDATE "{schema}".holds SET code = p_code, until_exchange_ms = greatest(kept.until_exchange_ms, p_until_exchange_ms), ends_at = greatest(kept.ends_at, new_end),
                    told_to = p_member, told_to_name = p_member_name
                    WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
                PERFORM pg_notify('{schema}', 'hold');
            ELSIF new_end > kept.ends_at THEN
                UPDATE "{schema}".holds SET ends_at = new_end WHERE environment = p_environment AND lane = p_lane AND scope = p_scope;
            END IF;
        END $fn$;

        CREATE FUNCTION "{schema}".renew_lease(p_member text, p_name text, p_lease interval) RETURNS void LANGUAGE sql AS $fn$
            INSERT INTO "{schema}".members (id, name, lease, lease_until) VALUES (p_member, p_name, p_lease, clock_timestamp() + p_lease)
                ON CONFLICT (id) DO UPDATE SET name = p_name, lease = p_lease, lease_until = clock_timestamp() + p_lease;
        $fn$;

        -- After a restart of the database every lease has run out, through no fault of the members': each is given its length to come back. Infinitely long ago is a lease that its member ended.
        CREATE FUNCTION "{schema}".has_left(p_lease interval, p_lease_until timestamptz) RETURNS boolean LANGUAGE sql VOLATILE AS $fn$
            SELECT p_lease_until IS NULL OR NOT isfinite(p_lease_until)
                OR (p_lease_until < clock_timestamp() AND clock_timestamp() - pg_postmaster_start_time() > p_lease);
        $fn$;

        -- Only what the heir can ask the exchange about, else it would hold what another could settle. A verdict stays the run's that gave it: the heir's own orders must still meet it.
        CREATE FUNCTION "{schema}".take_over(p_member text, p_most int, p_clients text[], p_accounts text[]) RETURNS void LANGUAGE sql AS $fn$
            WITH orphans AS (
                SELECT e.seq FROM "{schema}".entries e LEFT JOIN "{schema}".members m ON m.id = e.holder
                    WHERE e.finished_at IS NULL AND e.holder <> p_member
                        AND (p_clients IS NULL OR (e.document ->> 'clientName', e.account) IN (SELECT * FROM unnest(p_clients, p_accounts)))
                        AND "{schema}".has_left(m.lease, m.lease_until)
                    ORDER BY e.seq LIMIT p_most FOR UPDATE OF e SKIP LOCKED
            )
            UPDATE "{schema}".entries e SET holder = p_member, fence = e.fence + 1,
                    document = CASE WHEN e.state IN ('Executed', 'NotExecuted') THEN e.document ELSE jsonb_set(e.document, '{run}', to_jsonb(p_member)) END
                FROM orphans WHERE e.seq = orphans.seq;
        $fn$;

        -- Members that are gone and hold nothing, entries that are long finished, holds that are long over.
        CREATE FUNCTION "{schema}".sweep(p_retention interval, p_most int) RETURNS void LANGUAGE sql AS $fn$
            DELETE FROM "{schema}".members WHERE id IN (
                SELECT id FROM "{schema}".members m WHERE "{schema}".has_left(m.lease, m.lease_until)
                    AND NOT EXISTS (SELECT FROM "{schema}".entries e WHERE e.holder = m.id AND e.finished_at IS NULL) FOR UPDATE SKIP LOCKED);
            DELETE FROM "{schema}".entries WHERE seq IN (
                SELECT seq FROM "{schema}".entries WHERE finished_at < clock_timestamp() - p_retention ORDER BY finished_at LIMIT p_most FOR UPDATE SKIP LOCKED);
            DELETE FROM "{schema}".holds WHERE (environment, lane, scope) IN (
                SELECT environment, lane, scope FROM "{schema}".holds WHERE ends_at < clock_timestamp() - p_retention FOR UPDATE SKIP LOCKED);
        $fn$;
        """;
}
