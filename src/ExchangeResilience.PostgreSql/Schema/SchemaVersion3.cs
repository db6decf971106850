namespace ExchangeResilience.PostgreSql;

/// <summary>The third version of the store: an order keeps its identity however its account, client and environment are named. Whether two accounts are one is decided by the core.</summary>
internal static class SchemaVersion3
{
    // The functions of earlier versions stay, for members that were running before.
    public const string Sql = """
        DROP INDEX "{schema}".entries_by_key;
        CREATE INDEX entries_by_name ON "{schema}".entries (name, symbol, kind, seq);

        -- All that the core compares to tell whether two orders of one name are of one account. Entries alike in this are.
        CREATE FUNCTION "{schema}".likeness(p_document jsonb) RETURNS text LANGUAGE sql STABLE AS $fn$
            SELECT jsonb_build_array(p_document -> 'path', p_document -> 'host', p_document #> '{key,account}', p_document -> 'keyHash', p_document -> 'accountCode',
                p_document -> 'accountName', p_document -> 'isForeignKey')::text;
        $fn$;

        -- Either the entry is written, or o_own is what has become of it, or o_others are to be judged: of the namesakes back to the newest that is alike the newest of each sort,
        -- for those of one sort are judged alike. Whoever has judged them comes again with o_seen, and is let pass where nothing has changed meanwhile.
        CREATE FUNCTION "{schema}".record_entry(
            p_member text, p_fence bigint, p_id text, p_environment text, p_account text, p_symbol text, p_kind text, p_name text, p_state text, p_is_finished boolean, p_supersedes text[],
            p_document jsonb, p_seen text[], OUT o_own text, OUT o_others text[], OUT o_seen text[])
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
                END IF;
                EXIT WHEN other.likeness = own_likeness;
            END LOOP;
            IF o_seen IS DISTINCT FROM p_seen AND o_seen IS NOT NULL THEN
                RETURN;
            END IF;
            IF own.id IS NULL THEN
                INSERT INTO "{schema}".entries (id, environment, account, symbol, kind, name, holder, fence, state, finished_at, document)
                    VALUES (p_id, p_environment, p_account, p_symbol, p_kind, p_name, p_member, p_fence, p_state, CASE WHEN p_is_finished THEN clock_timestamp() END, p_document);
            ELSE
                UPDATE "{schema}".entries SET state = p_state, finished_at = CASE WHEN p_is_finished THEN clock_timestamp() END, document = p_document WHERE id = p_id;
            END IF;
            o_others := NULL;
            o_seen := NULL;
        END $fn$;

        -- The accounts of what nobody holds any more: an entry of each, by which a member tells whether it can ask about such.
        CREATE FUNCTION "{schema}".orphans(p_member text) RETURNS TABLE (o_likeness text, o_document jsonb) LANGUAGE sql AS $fn$
            SELECT DISTINCT ON (1) "{schema}".likeness(e.document), e.document
                FROM "{schema}".entries e LEFT JOIN "{schema}".members m ON m.id = e.holder
                WHERE e.finished_at IS NULL AND e.holder <> p_member AND "{schema}".has_left(m.lease, m.lease_until);
        $fn$;

        -- Only what the heir can ask the exchange about, else it would hold what another could settle. A verdict stays the run's that gave it: the heir's own orders must still meet it.
        CREATE FUNCTION "{schema}".take_over(p_member text, p_most int, p_likenesses text[]) RETURNS void LANGUAGE sql AS $fn$
            WITH orphans AS (
                SELECT e.seq FROM "{schema}".entries e LEFT JOIN "{schema}".members m ON m.id = e.holder
                    WHERE e.finished_at IS NULL AND e.holder <> p_member
                        AND (p_likenesses IS NULL OR "{schema}".likeness(e.document) = ANY(p_likenesses))
                        AND "{schema}".has_left(m.lease, m.lease_until)
                    ORDER BY e.seq LIMIT p_most FOR UPDATE OF e SKIP LOCKED
            )
            UPDATE "{schema}".entries e SET holder = p_member, fence = e.fence + 1,
                    document = CASE WHEN e.state IN ('Executed', 'NotExecuted') THEN e.document ELSE jsonb_set(e.document, '{run}', to_jsonb(p_member)) END
                FROM orphans WHERE e.seq = orphans.seq;
        $fn$;
        """;
}
