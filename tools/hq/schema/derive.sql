-- SPDX-License-Identifier: Apache-2.0
-- What the office has to order by what stores have booked: run in one transaction by palier-hq publish, again and again; each cause is ordered once.
-- Before, in temporary tables: `chain`, the stores, and `profile_lines`, what they have told of their members. Orders are carried out in
-- the order in which they are found here.

INSERT INTO homes
SELECT DISTINCT ON (member) member, store FROM members m
WHERE (what = 'member.completed' OR what = 'member.enrolled' AND NOT provisional) AND NOT EXISTS (SELECT FROM homes h WHERE h.member = m.member)
ORDER BY member, coalesce(at, day), store, seq
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE cards ON COMMIT DROP AS
SELECT store, (line ->> 'member') COLLATE "C" AS member, coalesce((line ->> 'provisional')::boolean, false) AS provisional,
	(card ->> 'number') COLLATE "C" AS number, card ->> 'status' = 'blocked' AS blocked,
	CASE WHEN length(line ->> 'language') = 2 THEN line ->> 'language' END AS language
FROM profile_lines, jsonb_array_elements(CASE jsonb_typeof(line -> 'cards') WHEN 'array' THEN line -> 'cards' ELSE '[]' END) AS card
WHERE card ->> 'number' IS NOT NULL;

-- --- whoever is erased in one store is so in all, and so is who was merged into that member ---

CREATE TEMP TABLE gone ON COMMIT DROP AS
WITH erased AS (SELECT DISTINCT member FROM members WHERE what = 'member.erased')
SELECT member, member AS as_whom FROM erased
UNION SELECT v.member, v.now FROM v_merged v JOIN erased e ON e.member = v.now;

DELETE FROM cards WHERE member IN (SELECT member FROM gone);

INSERT INTO orders (store, cause, body)
SELECT store, 'erase/' || member, json_build_object('order', 'erase', 'member', member)
FROM (
	SELECT DISTINCT k.store, k.member FROM gone JOIN members k ON k.member = gone.member JOIN chain USING (store)
	WHERE NOT EXISTS (SELECT FROM members e
		WHERE e.what = 'member.erased' AND e.store = k.store AND e.member IN (gone.member, gone.as_whom))
) AS found
ORDER BY store, member
ON CONFLICT DO NOTHING;

-- --- since when somebody is a member of the chain: a store that is told of an old customer takes nobody for a new friend ---

CREATE TEMP TABLE sinces ON COMMIT DROP AS
SELECT coalesce(v.now, m.member) AS member, min(m.since) AS since FROM members m LEFT JOIN v_merged v ON v.member = m.member
WHERE m.what = 'member.completed' OR m.what = 'member.enrolled' AND NOT m.provisional
GROUP BY 1;

-- --- an unknown card here, a member's there ---

CREATE TEMP TABLE owners ON COMMIT DROP AS
SELECT DISTINCT ON (p.store, p.member) p.store, p.member AS provisional, q.member, q.language, h.store AS home, s.since
FROM cards p JOIN cards q ON q.number = p.number AND q.store <> p.store AND q.member <> p.member
	JOIN chain ON chain.store = p.store LEFT JOIN homes h ON h.member = q.member
	LEFT JOIN sinces s ON s.member = q.member
WHERE p.provisional AND NOT p.blocked AND NOT q.provisional AND NOT q.blocked
ORDER BY p.store, p.member, q.member;

INSERT INTO orders (store, cause, body)
SELECT DISTINCT ON (store, member) store, 'member/' || member,
	json_strip_nulls(json_build_object('order', 'member', 'member', member, 'home', home, 'language', language,
		'since', since))
FROM owners o WHERE NOT EXISTS (SELECT FROM members m WHERE m.member = o.member AND m.store = o.store)
ORDER BY store, member
ON CONFLICT DO NOTHING;

INSERT INTO orders (store, cause, body)
SELECT store, 'join/' || provisional || '/' || member,
	json_strip_nulls(json_build_object('order', 'join', 'member', provisional, 'into', member, 'home', home, 'since', since))
FROM owners ORDER BY store, provisional
ON CONFLICT DO NOTHING;

-- --- of several merges of a member the first counts ---

INSERT INTO orders (store, cause, body)
SELECT k.store, 'join/' || f.member || '/' || f.into_member,
	json_strip_nulls(json_build_object('order', 'join', 'member', f.member, 'into', f.into_member, 'home', h.store,
		'since', s.since))
FROM (
	SELECT DISTINCT ON (member) member, into_member FROM members WHERE what = 'member.merged'
	ORDER BY member, coalesce(at, day), store, seq
) AS f
JOIN (SELECT DISTINCT member, store FROM members) AS k ON k.member = f.member
JOIN chain ON chain.store = k.store
LEFT JOIN homes h ON h.member = f.into_member
LEFT JOIN sinces s ON s.member = f.into_member
WHERE f.member NOT IN (SELECT member FROM gone) AND NOT EXISTS (SELECT FROM members d
	WHERE d.what = 'member.merged' AND d.member = f.member AND d.store = k.store AND d.into_member = f.into_member)
ORDER BY k.store, f.member
ON CONFLICT DO NOTHING;

-- --- blocked in one store, blocked wherever its member is known ---

INSERT INTO orders (store, cause, body)
SELECT store, 'block-card/' || encode(sha256(convert_to(number, 'UTF8')), 'hex'),
	json_build_object('order', 'block-card', 'card', number, 'member', member)
FROM (
	SELECT DISTINCT ON (k.store, c.number) k.store, c.number, c.member
	FROM cards c JOIN members k ON k.member = c.member AND k.store <> c.store JOIN chain ON chain.store = k.store
	WHERE c.blocked AND NOT EXISTS (SELECT FROM cards b WHERE b.store = k.store AND b.number = c.number AND b.blocked)
	ORDER BY k.store, c.number, c.member
) AS found
ORDER BY store, number
ON CONFLICT DO NOTHING;

-- --- points given up in one store are granted in the member's home ---

CREATE TEMP TABLE coming ON COMMIT DROP AS
SELECT g.*, coalesce(g.said, h.store) AS home,
	EXISTS (SELECT FROM members m WHERE m.member = g.member AND m.store = coalesce(g.said, h.store)) AS known
FROM (
	SELECT g.store, g.seq, g.n, g.store || '/' || g.seq || '/' || g.n AS source, g.home AS said, g.member, coalesce(v.now, g.member) AS now,
		g.unit, g.points, g.expires
	FROM given g LEFT JOIN v_merged v ON v.member = g.member
) AS g LEFT JOIN homes h ON h.member = g.now
WHERE NOT EXISTS (SELECT FROM granted d WHERE d.source = g.source) AND NOT EXISTS (SELECT FROM orders o WHERE o.cause = 'grant/' || g.source);

-- What has nowhere to go stays on its way.
DELETE FROM coming
WHERE home IS NULL OR home = store OR home NOT IN (SELECT store FROM chain) OR NOT known AND now IN (SELECT member FROM gone);

UPDATE coming SET member = now WHERE NOT known;

INSERT INTO orders (store, cause, body)
SELECT DISTINCT ON (home, member) home, 'member/' || member,
	json_strip_nulls(json_build_object('order', 'member', 'member', member, 'home', home, 'since', since))
FROM coming c LEFT JOIN sinces s USING (member) WHERE NOT EXISTS (SELECT FROM members m WHERE m.member = c.member AND m.store = c.home)
ORDER BY home, member
ON CONFLICT DO NOTHING;

INSERT INTO orders (store, cause, body)
SELECT home, 'grant/' || source, json_strip_nulls(json_build_object('order', 'grant', 'member', member, 'unit', unit, 'points', points,
	'expires', expires, 'source', source))
FROM coming ORDER BY home, store, seq, n
ON CONFLICT DO NOTHING;

-- --- returns of another store's sales ---

INSERT INTO orders (store, cause, body)
SELECT s.origin, 'settle/' || s.store || '/' || s.sale || '/' || s.comeback, json_strip_nulls(json_build_object('order', 'settle',
	'store', s.store, 'sale', s.sale, 'return', s.comeback, 'lines', s.lines::json))
FROM settling s JOIN chain ON chain.store = s.origin
WHERE s.origin <> s.store
ORDER BY s.origin, s.store, s.seq, s.n
ON CONFLICT DO NOTHING;
