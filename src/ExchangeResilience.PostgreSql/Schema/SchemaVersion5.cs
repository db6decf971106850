namespace ExchangeResilience.PostgreSql;

/// <summary>The fifth version of the store: members take over one after another, so that an entry never passes from a running member to another that did not see it join.</summary>
internal static class SchemaVersion5
{
    // A row that another transaction changes meanwhile is checked again in its newest version, but against the members of the old snapshot: an heir that has just joined is not among those.
    // A replaced function keeps its grants and loses its settings.
    public const string Sql = """
        -- The second look is a statement of its own, and sees all that was committed before the lock was given. Who is alive is asked once a statement, and in the same one: entries read
        -- later than members could be those of a member that joined in between.
        CREATE OR REPLACE FUNCTION "{schema}".take_over(p_member text, p_most int, p_likenesses text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM "{schema}".entries o
                    WHERE o.finished_at IS NULL AND o.holder <> p_member AND o.holder <> ALL((SELECT "{schema}".living())::text[])
                        AND (p_likenesses IS NULL OR "{schema}".likeness(o.document) = ANY(p_likenesses))) THEN
                RETURN;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('{schema}'), hashtext('take_over'));
            UPDATE "{schema}".entries e SET holder = p_member, fence = e.fence + 1,
                    document = CASE WHEN e.state IN ('Executed', 'NotExecuted') THEN e.document ELSE jsonb_set(e.document, '{run}', to_jsonb(p_member)) END
                WHERE e.seq = ANY(ARRAY(
                    SELECT o.seq FROM "{schema}".entries o
                        WHERE o.finished_at IS NULL AND o.holder <> p_member AND o.holder <> ALL((SELECT "{schema}".living())::text[])
                            AND (p_likenesses IS NULL OR "{schema}".likeness(o.document) = ANY(p_likenesses))
                        ORDER BY o.seq LIMIT p_most FOR UPDATE SKIP LOCKED));
        END $fn$;

        -- What members of the first two versions call.
        CREATE OR REPLACE FUNCTION "{schema}".take_over(p_member text, p_most int, p_clients text[], p_accounts text[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
            SELECT "{schema}".take_over(p_member, p_most, CASE WHEN p_clients IS NOT NULL THEN ARRAY(
                SELECT DISTINCT "{schema}".likeness(e.document) FROM "{schema}".entries e
                    WHERE e.finished_at IS NULL AND (e.document ->> 'clientName', e.account) IN (SELECT * FROM unnest(p_clients, p_accounts))) END);
        $fn$;

        CREATE OR REPLACE FUNCTION "{schema}".orphans(p_member text) RETURNS TABLE (o_likeness text, o_document jsonb) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
            SELECT DISTINCT ON (1) "{schema}".likeness(e.document), e.document FROM "{schema}".entries e
                WHERE e.finished_at IS NULL AND e.holder <> p_member AND e.holder <> ALL((SELECT "{schema}".living())::text[]);
        $fn$;
        """;
}
