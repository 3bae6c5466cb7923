-- Stand-in of pgarchitect for shadow databases: the names, types and volatility of pgcrypto 1.4, none of its code.
\echo Use "CREATE EXTENSION pgcrypto" to load this file. \quit

DO $make$
DECLARE
    signature text;
    body text := 'BEGIN RAISE EXCEPTION USING ERRCODE = ''feature_not_supported'', MESSAGE = '
        '''this shadow database has a stand-in of pgcrypto, which computes nothing; name a server that has pgcrypto''; END';
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'digest(text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'digest(bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'hmac(text, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'hmac(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'crypt(text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'gen_salt(text) RETURNS text VOLATILE STRICT PARALLEL SAFE',
        'gen_salt(text, int4) RETURNS text VOLATILE STRICT PARALLEL SAFE',
        'encrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'decrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'gen_random_bytes(int4) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_sym_encrypt(text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_sym_encrypt(text, text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_sym_decrypt(bytea, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_sym_decrypt(bytea, text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_encrypt(text, bytea) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_pub_encrypt(text, bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt(bytea, bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt(bytea, bytea, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_key_id(bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'armor(bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'armor(bytea, text[], text[]) RETURNS text IMMUTABLE STRICT PARALLEL SAFE',
        'dearmor(text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE',
        'pgp_armor_headers(text, OUT key text, OUT value text) RETURNS SETOF record IMMUTABLE STRICT PARALLEL SAFE',
        'fips_mode() RETURNS bool VOLATILE STRICT PARALLEL SAFE'
    ]
    LOOP
        EXECUTE format('CREATE FUNCTION %s LANGUAGE plpgsql AS %L', signature, body);
    END LOOP;
END
$make$;

CREATE FUNCTION gen_random_uuid() RETURNS uuid VOLATILE PARALLEL SAFE LANGUAGE sql
    AS 'SELECT pg_catalog.gen_random_uuid()';
