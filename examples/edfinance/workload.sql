-- The statements that the application sends. Parameters are named as psycopg takes them.

-- name: user_by_id
-- Show the signed-in user.
SELECT id, email, name, role, locale, points, last_seen_at FROM users WHERE id = %(user_id)s

-- name: user_by_email
-- Sign in.
SELECT id, password_hash, role, is_active FROM users WHERE email = %(email)s

-- name: user_by_email_any_case
-- Find an account for the help desk, whichever way the address was typed.
SELECT id, email, name FROM users WHERE lower(email) = lower(%(email)s)

-- name: wallet_of_user
-- Show the balance in the page's head.
SELECT id, currency, balance FROM wallets WHERE user_id = %(user_id)s

-- name: course_by_slug
-- Open a course's page.
SELECT id, title, category, level, price FROM courses WHERE slug = %(slug)s AND is_published

-- name: lesson_progress
-- Resume a lesson where the user left it.
SELECT status, score, attempts, time_spent_s FROM user_progress
WHERE user_id = %(user_id)s AND lesson_id = %(lesson_id)s

-- name: post_with_author
-- Open one post.
SELECT p.id, p.body, p.tags, p.created_at, u.name FROM social_posts p JOIN users u ON u.id = p.author_id
WHERE p.id = %(post_id)s AND p.deleted_at IS NULL

-- name: courses_of_user
-- List what a user is learning.
SELECT c.slug, c.title, e.status, e.progress_percent FROM enrolments e JOIN courses c ON c.id = e.course_id
WHERE e.user_id = %(user_id)s ORDER BY e.enrolled_at DESC

-- name: group_leaderboard
-- Rank the members of a buddy group by their scores.
SELECT u.id, u.name, sum(p.score) AS score FROM buddy_group_members m
JOIN users u ON u.id = m.user_id JOIN user_progress p ON p.user_id = u.id
WHERE m.group_id = %(group_id)s GROUP BY u.id ORDER BY score DESC NULLS LAST

-- name: recent_logs_of_user
-- Show what a user did lately.
SELECT id, event_type, payload, duration_ms, created_at FROM behavior_logs
WHERE user_id = %(user_id)s ORDER BY created_at DESC LIMIT 50

-- name: logs_of_session
-- Replay one session, step by step.
SELECT id, event_type, payload, duration_ms, created_at FROM behavior_logs
WHERE session_id = %(session_id)s ORDER BY created_at

-- name: sessions_of_user
-- List the devices that a user was signed in with.
SELECT id, device, ip_address, started_at, ended_at FROM behavior_sessions
WHERE user_id = %(user_id)s ORDER BY started_at DESC LIMIT 20

-- name: public_feed
-- Show the newest public posts.
SELECT p.id, p.body, p.tags, p.created_at, u.id AS author_id, u.name FROM social_posts p
JOIN users u ON u.id = p.author_id
WHERE p.visibility = 'PUBLIC' AND p.deleted_at IS NULL ORDER BY p.created_at DESC LIMIT 20

-- name: posts_of_author
-- Show a user's own posts.
SELECT id, body, visibility, created_at FROM social_posts
WHERE author_id = %(user_id)s AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20

-- name: group_feed
-- Show the newest posts of a buddy group.
SELECT id, author_id, body, created_at FROM social_posts
WHERE group_id = %(group_id)s AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20

-- name: comments_of_post
-- Show the comments under a post.
SELECT c.id, c.body, c.created_at, u.name FROM comments c JOIN users u ON u.id = c.author_id
WHERE c.post_id = %(post_id)s ORDER BY c.created_at

-- name: comments_of_posts
-- Load the comments of a page of posts at once, as an object mapper does.
SELECT id, post_id, author_id, body, created_at FROM comments WHERE post_id IN (
%(post_1)s, %(post_2)s, %(post_3)s, %(post_4)s, %(post_5)s, %(post_6)s, %(post_7)s, %(post_8)s, %(post_9)s, %(post_10)s)

-- name: comment_counts_of_author
-- Show how much talk a user's last posts caused.
SELECT p.id, p.created_at, (SELECT count(*) FROM comments c WHERE c.post_id = p.id) AS comments,
(SELECT count(*) FROM post_reactions r WHERE r.post_id = p.id) AS reactions
FROM social_posts p WHERE p.author_id = %(user_id)s ORDER BY p.created_at DESC LIMIT 10

-- name: unread_notifications
-- Count the unread notifications for the bell.
SELECT count(*) FROM notifications WHERE user_id = %(user_id)s AND read_at IS NULL

-- name: newest_notifications
-- Open the list of notifications.
SELECT id, kind, title, read_at, created_at FROM notifications
WHERE user_id = %(user_id)s ORDER BY created_at DESC LIMIT 20

-- name: transactions_of_wallet
-- Show a wallet's statement.
SELECT id, kind, status, amount, reference, created_at FROM wallet_transactions
WHERE wallet_id = %(wallet_id)s ORDER BY created_at DESC LIMIT 30

-- name: pending_transactions
-- Fetch the payments that the settlement worker must ask about.
SELECT id, wallet_id, amount, reference FROM wallet_transactions
WHERE status = 'PENDING' ORDER BY created_at LIMIT 100

-- name: transaction_by_reference
-- Take a payment provider's call-back.
SELECT id, wallet_id, status, amount FROM wallet_transactions WHERE reference = %(reference)s

-- name: groups_of_user
-- List the buddy groups that a user belongs to.
SELECT g.id, g.name, g.goal, m.is_mentor FROM buddy_group_members m JOIN buddy_groups g ON g.id = m.group_id
WHERE m.user_id = %(user_id)s ORDER BY g.name

-- name: course_roster
-- Show a mentor who joined a course last.
SELECT e.id, u.name, e.progress_percent, e.enrolled_at FROM enrolments e JOIN users u ON u.id = e.user_id
WHERE e.course_id = %(course_id)s AND e.status = 'ACTIVE' ORDER BY e.enrolled_at DESC LIMIT 25

-- name: lesson_statistics
-- Show an author how a lesson is doing.
SELECT count(*) AS learners, avg(score) AS score, sum(time_spent_s) AS seconds FROM user_progress
WHERE lesson_id = %(lesson_id)s AND status = 'COMPLETED'

-- name: lessons_of_course
-- Show a course's table of contents.
SELECT id, position, title, duration_s FROM lessons WHERE course_id = %(course_id)s ORDER BY position

-- name: course_funnel
-- See lesson by lesson where the learners of a course stop.
SELECT c.slug, l.position, count(*) AS begun, count(*) FILTER (WHERE p.status = 'COMPLETED') AS finished
FROM courses c JOIN lessons l ON l.course_id = c.id JOIN user_progress p ON p.lesson_id = l.id
JOIN users u ON u.id = p.user_id
WHERE c.id = %(course_id)s AND u.role = 'STUDENT' GROUP BY c.slug, l.position ORDER BY l.position

-- name: failed_payments
-- Watch the payments that failed lately.
SELECT id, user_id, payload, created_at FROM behavior_logs
WHERE event_type = 'PAYMENT_FAILED' AND created_at >= %(since)s ORDER BY created_at DESC LIMIT 50

-- name: events_by_type
-- Draw the dashboard of the last hours.
SELECT event_type, count(*) AS events, avg(duration_ms) AS duration_ms FROM behavior_logs
WHERE created_at >= %(since)s GROUP BY event_type ORDER BY events DESC

-- name: active_users_by_day
-- Draw the curve of daily active users.
SELECT date_trunc('day', created_at) AS day, count(DISTINCT user_id) AS users FROM behavior_logs
WHERE created_at >= %(since)s GROUP BY day ORDER BY day

-- name: events_by_device
-- Compare devices over the last hours.
SELECT s.device, count(*) AS events, count(DISTINCT l.user_id) AS users
FROM behavior_logs l JOIN behavior_sessions s ON s.id = l.session_id
WHERE l.created_at >= %(since)s GROUP BY s.device ORDER BY events DESC

-- name: revenue_by_day
-- Draw the takings of the last days.
SELECT date_trunc('day', created_at) AS day, sum(amount) AS amount FROM wallet_transactions
WHERE created_at >= %(since)s AND kind = 'PURCHASE' AND status = 'COMPLETED' GROUP BY day ORDER BY day

-- name: transactions_on_day
-- Book one day.
SELECT kind, status, count(*), sum(amount) FROM wallet_transactions
WHERE date(created_at) = %(day)s GROUP BY kind, status

-- name: lesson_events
-- Find everything that was done in one lesson.
SELECT id, user_id, event_type, created_at FROM behavior_logs
WHERE payload ->> 'lessonId' = %(lesson)s ORDER BY created_at DESC LIMIT 100

-- name: campaign_clicks
-- Count the clicks on a campaign, channel by channel.
SELECT payload ->> 'channel' AS channel, count(*) FROM behavior_logs
WHERE payload @> %(campaign)s GROUP BY channel

-- name: search_posts
-- Search the posts for a word.
SELECT id, author_id, body, created_at FROM social_posts
WHERE body ILIKE %(pattern)s AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20

-- name: top_of_the_school
-- Show the users with the most points.
SELECT id, name, points FROM users WHERE is_active ORDER BY points DESC LIMIT 20

-- name: last_visit_of_mentors
-- Remind the mentors who have not been here for long.
SELECT u.id, u.email, (SELECT max(s.started_at) FROM behavior_sessions s WHERE s.user_id = u.id) AS last_visit
FROM users u WHERE u.role = 'MENTOR' ORDER BY last_visit NULLS FIRST

-- name: unusual_transactions
-- Look for fraud: payments far above what their wallet is used to.
SELECT t.id, t.wallet_id, t.amount FROM wallet_transactions t
WHERE t.created_at >= %(since)s
AND t.amount > 3 * (SELECT avg(x.amount) FROM wallet_transactions x WHERE x.wallet_id = t.wallet_id)

-- name: posts_without_reaction
-- Ask mentors to welcome posts that nobody reacted to.
SELECT p.id, p.author_id, p.body FROM social_posts p
WHERE p.created_at >= %(since)s AND p.id NOT IN (SELECT r.post_id FROM post_reactions r)
ORDER BY p.created_at DESC LIMIT 50

-- name: browse_logs
-- Leaf through all logs in the back office.
SELECT id, user_id, event_type, created_at FROM behavior_logs ORDER BY id DESC LIMIT 50 OFFSET %(skip)s

-- name: learners_since
-- Count who has learned something lately.
SELECT count(*) FROM users u
WHERE EXISTS (SELECT 1 FROM user_progress p WHERE p.user_id = u.id AND p.updated_at >= %(since)s)

-- name: record_event
-- Keep one step of a user.
INSERT INTO behavior_logs (user_id, session_id, event_type, payload, duration_ms, created_at)
VALUES (%(user_id)s, %(session_id)s, 'PAGE_VIEW', %(payload)s, %(duration_ms)s, %(now)s) RETURNING id

-- name: touch_user
-- Note when a user was last seen.
UPDATE users SET last_seen_at = %(now)s, updated_at = %(now)s WHERE id = %(user_id)s

-- name: forget_events
-- Forget steps whose consent was taken back.
DELETE FROM behavior_logs WHERE id = ANY(%(ids)s)

-- name: lock_wallet
-- Hold a wallet while money moves.
SELECT id, balance FROM wallets WHERE user_id = %(user_id)s FOR UPDATE

-- name: add_transaction
-- Write a payment down before the provider is asked.
INSERT INTO wallet_transactions (wallet_id, kind, status, amount, reference, created_at)
VALUES (%(wallet_id)s, 'DEPOSIT', 'PENDING', %(amount)s, %(reference)s, %(now)s)

-- name: change_balance
-- Add money to a wallet, or take it away.
UPDATE wallets SET balance = balance + %(amount)s, updated_at = %(now)s WHERE id = %(wallet_id)s

-- name: void_transaction
-- Take back a payment that the provider refused.
DELETE FROM wallet_transactions WHERE reference = %(reference)s AND status = 'PENDING'

-- name: save_progress
-- Save where a user stands in a lesson.
INSERT INTO user_progress (user_id, lesson_id, status, attempts, time_spent_s, updated_at)
VALUES (%(user_id)s, %(lesson_id)s, 'STARTED', 1, %(seconds)s, %(now)s)
ON CONFLICT (user_id, lesson_id)
DO UPDATE SET attempts = user_progress.attempts + 1, time_spent_s = user_progress.time_spent_s + excluded.time_spent_s

-- name: send_notification
-- Tell a user about an offer that ends soon.
INSERT INTO notifications (user_id, kind, title, expires_at, created_at)
VALUES (%(user_id)s, 'offer', %(title)s, %(expires_at)s, %(now)s) RETURNING id

-- name: read_notification
-- Note that a notification was read.
UPDATE notifications SET read_at = %(now)s WHERE id = %(notification_id)s

-- name: delete_expired_notifications
-- Clear a user's list of what has expired.
DELETE FROM notifications WHERE user_id = %(user_id)s AND expires_at <= %(now)s

-- name: react_to_post
-- Like a post.
INSERT INTO post_reactions (post_id, user_id, kind, created_at)
VALUES (%(post_id)s, %(user_id)s, 'LIKE', %(now)s) ON CONFLICT DO NOTHING RETURNING kind

-- name: withdraw_reaction
-- Like it no more.
DELETE FROM post_reactions WHERE post_id = %(post_id)s AND user_id = %(user_id)s

-- name: publish_post
-- Write a post.
INSERT INTO social_posts (author_id, body, tags, created_at)
VALUES (%(user_id)s, %(body)s, %(tags)s, %(now)s) RETURNING id

-- name: remove_post
-- Remove a post with its comments and reactions.
DELETE FROM social_posts WHERE id = %(post_id)s
