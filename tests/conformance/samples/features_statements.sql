-- name: user_by_id
SELECT * FROM app.users WHERE id = 77;
-- name: users_of_country
SELECT * FROM app.users WHERE country = 'JP';
-- name: active_of_country
SELECT id FROM app.users WHERE country = 'DE' AND status = 'blocked';
-- name: countries
SELECT country, count(*) FROM app.users GROUP BY country;
-- name: user_by_lower_email
SELECT * FROM app.users WHERE lower(email) = 'user77@x.org';
-- name: user_by_norm
SELECT * FROM app.users WHERE app.norm(name) = 'abc';
-- name: citext_equal
SELECT * FROM app.users WHERE cmail = 'USER5@x.org';
-- name: city_and_zip
SELECT * FROM app.users WHERE city = 'city12' AND zip = 'zip1';
-- name: group_city_zip
SELECT city, zip, count(*) FROM app.users GROUP BY city, zip;
-- name: expression_statistics
SELECT * FROM app.users WHERE attrs ->> 'plan' = 'ent' AND id % 10 = 3;
-- name: length_statistics
SELECT * FROM app.users WHERE length(name) + 1 = 66;
-- name: group_expressions
SELECT attrs ->> 'plan', id % 10, count(*) FROM app.users GROUP BY 1, 2;
-- name: blocked_recent
SELECT * FROM app.users WHERE status = 'blocked' AND created_at > '2024-01-14';
-- name: brin_range
SELECT count(*) FROM app.users WHERE created_at BETWEEN '2024-01-05' AND '2024-01-06';
-- name: gist_range
SELECT * FROM app.users WHERE period && int4range(10, 12);
-- name: range_contains
SELECT count(*) FROM app.users WHERE period @> 500;
-- name: hash_equal
SELECT * FROM app.users WHERE city = 'city500';
-- name: spgist_equal
SELECT * FROM app.users WHERE name = 'abc';
-- name: spgist_prefix
SELECT * FROM app.users WHERE name ^@ 'ab';
-- name: near
SELECT * FROM app.users ORDER BY place <-> point '(5,5)' LIMIT 5;
-- name: inside
SELECT * FROM app.users WHERE place <@ box '((1,1),(5,5))';
-- name: covering
SELECT country FROM app.users WHERE email = 'User77@x.org';
-- name: null_referrers
SELECT count(*) FROM app.users WHERE referrer IS NULL AND status = 'new';
-- name: referred
SELECT * FROM app.users WHERE referrer = 11;
-- name: referrers
SELECT r.id, count(*) FROM app.users u JOIN app.users r ON r.id = u.referrer WHERE u.status = 'new' GROUP BY r.id;
-- name: notes
SELECT * FROM app.users WHERE note = 'nnnnn';
-- name: newest
SELECT * FROM app.users ORDER BY created_at DESC LIMIT 10;
-- name: status_not_active
SELECT id FROM app.users WHERE status <> 'active' ORDER BY created_at LIMIT 20;
-- name: events_of_user
SELECT * FROM app.events WHERE user_id = 77;
-- name: events_of_user_in_may
SELECT * FROM app.events WHERE user_id = 77 AND created_at >= '2024-05-01' AND created_at < '2024-06-01';
-- name: events_of_kind
SELECT count(*) FROM app.events WHERE kind = 'refund' AND created_at >= '2024-03-01';
-- name: events_by_kind
SELECT kind, sum(amount) FROM app.events GROUP BY kind;
-- name: last_events
SELECT * FROM app.events ORDER BY created_at DESC LIMIT 10;
-- name: events_with_users
SELECT u.name, e.amount FROM app.events e JOIN app.users u ON u.id = e.user_id WHERE u.country = 'IN' AND e.kind = 'buy';
-- name: dear_events
SELECT * FROM app.events WHERE amount > 999;
-- name: sales_of_region
SELECT sum(amount) FROM app.sales WHERE region = 'DE' AND amount = 7;
-- name: sales_by_id
SELECT * FROM app.sales WHERE id = 5;
-- name: sales_by_region
SELECT region, count(*) FROM app.sales GROUP BY region;
-- name: inherited
SELECT * FROM app.par WHERE v = 7;
-- name: inherited_by_id
SELECT * FROM app.par WHERE id = 20000;
-- name: child_range
SELECT count(*) FROM app.chi WHERE v < 20 AND w > 50000;
-- name: view_active
SELECT * FROM app.v_active WHERE id < 50;
-- name: view_latest
SELECT * FROM app.v_latest WHERE id = 5;
-- name: materialised
SELECT * FROM app.mv WHERE country = 'FR' AND c > 1;
-- name: materialised_status
SELECT status, sum(c) FROM app.mv WHERE status = 'new' GROUP BY 1;
-- name: quoted
SELECT * FROM "My Schema"."Order Items" WHERE "Unit Price" = 5;
-- name: quoted_by_id
SELECT note FROM "My Schema"."Order Items" WHERE "Order ID" BETWEEN 10 AND 20;
-- name: umlauts
SELECT * FROM app."Größe" WHERE "Straße" = 'Straße 7' AND "größe" = 7;
-- name: japanese
SELECT * FROM app."Größe" WHERE "日本" = 'x';
-- name: row_security
SELECT * FROM app.rls WHERE owner = 'u3';
-- name: row_security_date
SELECT * FROM app.rls WHERE owner = 'u3' AND at = '2024-02-01';
-- name: row_security_groups
SELECT owner, at, count(*) FROM app.rls GROUP BY owner, at;
-- name: row_security_upper
SELECT * FROM app.rls WHERE upper(owner) = 'U3';
-- name: row_security_array
SELECT * FROM app.rls WHERE tags @> '{a3}';
-- name: never_analysed
SELECT * FROM app.never WHERE x = 5;
-- name: never_analysed_join
SELECT count(*) FROM app.never n JOIN app.stale s ON s.id = n.id WHERE n.x = 5;
-- name: empty
SELECT * FROM app.empty WHERE x = 5;
-- name: unindexed
SELECT * FROM app.fresh WHERE x = 'abc';
-- name: stale_recent
SELECT * FROM app.stale WHERE ts > '2025-02-20';
-- name: stale_value
SELECT count(*) FROM app.stale WHERE v = 7 AND ts > '2025-02-01';
-- name: stale_last
SELECT max(ts) FROM app.stale;
-- name: wide_key
SELECT id FROM app.tall WHERE big LIKE 'kkk%' ORDER BY big LIMIT 5;
-- name: wide_equal
SELECT id FROM app.tall WHERE big = 'abc';
-- name: small_recent
SELECT * FROM app.tall WHERE small = 's3' AND at > '2024-02-10';
-- name: backwards
SELECT id, at FROM app.tall ORDER BY at DESC, id LIMIT 10;
-- name: flags
SELECT id FROM app.tall WHERE flag ORDER BY id LIMIT 20;
-- name: codes
SELECT * FROM app.tall WHERE code = '    1234';
-- name: uuids
SELECT * FROM app.tall WHERE u = '00000000-0000-0000-0000-000000000001';
-- name: days
SELECT day, count(*) FROM app.tall WHERE day > '2024-12-01' GROUP BY day;
-- name: day_order
SELECT * FROM app.tall WHERE day = '2024-03-03' ORDER BY at LIMIT 3;
-- name: merge
SELECT * FROM app.tall a JOIN app.stale s ON s.id = a.id WHERE s.v = 5 ORDER BY a.id LIMIT 100;
-- name: window
SELECT id, rank() OVER (PARTITION BY small ORDER BY at) FROM app.tall WHERE id < 500;
-- name: exists
SELECT count(*) FROM app.users u WHERE EXISTS (SELECT FROM app.events e WHERE e.user_id = u.id AND e.kind = 'refund');
-- name: update
UPDATE app.users SET note = 'x' WHERE country = 'JP' AND status = 'new';
-- name: delete
DELETE FROM app.stale WHERE v = 3;
-- name: gin_array
SELECT * FROM app.users WHERE tags @> '{t7,t9}';
-- name: gin_jsonb
SELECT * FROM app.users WHERE attrs @> '{"n": 7}';
-- name: gin_text
SELECT * FROM app.users WHERE doc @@ 'w7 & w9'::tsquery;
-- name: gin_trigram
SELECT * FROM app.users WHERE name LIKE '%abcdef%';
