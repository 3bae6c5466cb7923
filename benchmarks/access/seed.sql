-- Fill the tables: {users} users with {logs} logs each. Keys are digests, so that every language can make them.
INSERT INTO users (id, email, role)
SELECT md5('user' || i)::uuid, 'user' || i || '@example.org', (ARRAY['USER', 'ADMIN', 'EDITOR'])[1 + i % 3]
FROM generate_series(0, {users} - 1) i;

INSERT INTO event_types (code, category, weight)
SELECT 'event_' || i, (ARRAY['navigation', 'commerce', 'social', 'system'])[1 + i % 4], 1 + i % 7
FROM generate_series(0, 19) i;

INSERT INTO behavior_logs (id, user_id, session_id, event_type, payload, duration, created_at)
SELECT md5('log' || i)::uuid, md5('user' || i % {users})::uuid, 'session-' || i % 5000, 'event_' || (i / {users}) % 20,
  jsonb_build_object(
    'page', '/products/' || i % 997, 'ref', 'https://example.org/r/' || i % 31, 'n', i, 'ok', i % 2 = 0,
    'ab', jsonb_build_object('exp', 'x' || i % 12, 'variant', i % 3), 'tags', jsonb_build_array('a' || i % 5, 'b')
  ),
  (i * 7919) % 10000, timestamp '2026-01-01' + i * interval '39 seconds'
FROM generate_series(0, {users} * {logs} - 1) i;

-- What new_logs must hold after an insert, made by the server alone.
CREATE TABLE expected AS
SELECT md5('new' || i)::uuid AS id, md5('user' || i % {users})::uuid AS user_id, 'session-' || i AS session_id,
  'event_' || i % 20 AS event_type,
  jsonb_build_object(
    'page', '/products/' || i % 997, 'ref', 'https://example.org/r/' || i % 31, 'n', i, 'ok', i % 2 = 0,
    'ab', jsonb_build_object('exp', 'x' || i % 12, 'variant', i % 3), 'tags', jsonb_build_array('a' || i % 5, 'b')
  ) AS payload,
  i % 9999 AS duration, (timestamp '2026-06-01' + i * interval '1 second')::timestamp(3) AS created_at
FROM generate_series(0, 9999) i;
