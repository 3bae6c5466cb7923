-- Stand-in of pgarchitect for shadow databases: the names, types and volatility of uuid-ossp 1.1, little of its code.
\echo Use "CREATE EXTENSION "uuid-ossp"" to load this file. \quit

CREATE FUNCTION uuid_nil() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT '00000000-0000-0000-0000-000000000000'::uuid$$;
-- Of RFC 9562, section 6.6.
CREATE FUNCTION uuid_ns_dns() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid$$;
CREATE FUNCTION uuid_ns_url() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid$$;
CREATE FUNCTION uuid_ns_oid() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid$$;
CREATE FUNCTION uuid_ns_x500() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid$$;
CREATE FUNCTION uuid_generate_v4() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
    AS $$SELECT pg_catalog.gen_random_uuid()$$;

DO $make$
DECLARE
    signature text;
    body text := 'BEGIN RAISE EXCEPTION USING ERRCODE = ''feature_not_supported'', MESSAGE = '
        '''this shadow database has a stand-in of uuid-ossp, which makes random ones only; name a server that has uuid-ossp''; END';
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'uuid_generate_v1() RETURNS uuid VOLATILE STRICT PARALLEL SAFE',
        'uuid_generate_v1mc() RETURNS uuid VOLATILE STRICT PARALLEL SAFE',
        'uuid_generate_v3(namespace uuid, name text) RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE',
        'uuid_generate_v5(namespace uuid, name text) RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE'
    ]
    LOOP
        EXECUTE format('CREATE FUNCTION %s LANGUAGE plpgsql AS %L', signature, body);
    END LOOP;
END
$make$;
