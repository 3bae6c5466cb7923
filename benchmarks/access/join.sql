-- The newest logs of one kind of event, each with its user and its kind.
SELECT l.id, l.duration, l.created_at, u.email, u.role, e.code, e.category, e.weight
FROM behavior_logs l
JOIN users u ON u.id = l.user_id
JOIN event_types e ON e.code = l.event_type
WHERE l.event_type = $1
ORDER BY l.created_at DESC
LIMIT 200
