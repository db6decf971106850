namespace ExchangeResilience.PostgreSql;

/// <summary>The sixth version of the store: what stands behind an order of other terms is judged as well, back to an equal order of the account or one that the same member has executed.</summary>
internal static class SchemaVersion6
{
    public const string Sql = """
        -- As in the fourth version. An order of other terms that was not executed means nothing to the core. Orders that differ in nothing that the core looks at are of one sort, of which the newest is judged for all.
        CREATE OR REPLACE FUNCTION "{schema}".record_entry(
            p_member text, p_fence bigint, p_id text, p_environment text, p_account text, p_symbol text, p_kind text, p_name text, p_state text, p_is_finished boolean, p_supersedes text[],
            p_document jsonb, p_seen text[], p_likeness bigint, OUT o_own text, OUT o_others text[], OUT o_seen text[])
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        DECLARE
            own "{schema}".entries;
            own_likeness text := "{schema}".likeness(p_document);
            own_run text := p_document ->> 'run';
            own_terms text := p_document ->> 'fingerprint';
            other record;
            sort text;
            ends boolean;
            sorts text[] := '{}';
        BEGIN
            SELECT * INTO own FROM "{schema}".entries WHERE id = p_id FOR UPDATE;
            IF own.id IS NOT NULL AND (own.state <> 'Open' OR own.holder <> p_member OR own.fence <> p_fence) THEN
                o_own := own.document::text;
                PERFORM "{schema}".await_verdict(p_member, own.seq);
                RETURN;
            END IF;
            FOR other IN
                SELECT e.seq, e.document, "{schema}".likeness(e.document) AS likeness, e.state,
                        coalesce((e.document ->> 'heard')::boolean, false) AS is_heard,
                        e.document ->> 'fingerprint' IS NOT DISTINCT FROM own_terms AS is_equal,
                        (e.state = 'Executed' AND e.document ->> 'run' IS NOT DISTINCT FROM own_run) AS is_own,
                        (e.state = 'NotExecuted' OR (e.state = 'Executed' AND e.document ->> 'run' = own_run) OR e.id = ANY(p_supersedes)) IS TRUE AS is_over
                    FROM "{schema}".entries e WHERE e.name = p_name AND e.symbol = p_symbol AND e.kind = p_kind AND e.id <> p_id
                        AND (e.state <> 'NotExecuted' OR e.document ->> 'fingerprint' IS NOT DISTINCT FROM own_terms) ORDER BY e.seq DESC LOOP
                ends := other.likeness = own_likeness AND (other.is_equal OR other.is_own);
                EXIT WHEN o_seen IS NULL AND other.is_over AND ends;
                sort := jsonb_build_array(other.is_over, other.is_equal, other.is_own, other.is_heard, other.state, other.likeness)::text;
                IF sort <> ALL(sorts) THEN
                    sorts := sorts || sort;
                    o_others := o_others || other.document::text;
                    o_seen := o_seen || (other.seq || sort);
                    PERFORM "{schema}".await_verdict(p_member, other.seq);
                END IF;
                EXIT WHEN ends;
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
        """;
}
