-- SPDX-License-Identifier: Apache-2.0
-- What the office has to order by what stores have booked: run in one transaction by palier-hq publish, again and again; each cause is ordered once.
-- Before, in temporary tables: `chain`, the stores, and `profile_lines`, what they have told of their members. Orders are carried out in
-- the order in which they are found here.

-- --- what stores have carried out: some have no door by which to answer; and each directive follows the one before ---

UPDATE directives d SET taken_at = a.at, refused = NULL
FROM applied a WHERE a.store = d.store AND a.directive = d.directive AND a.sha256 = d.sha256 AND d.taken_at IS NULL;

UPDATE directives d SET taken_at = last.taken_at, refused = NULL
FROM (SELECT DISTINCT ON (store) store, directive, taken_at FROM directives WHERE taken_at IS NOT NULL ORDER BY store, directive DESC) AS last
WHERE d.store = last.store AND d.directive < last.directive AND d.taken_at IS NULL;

UPDATE directives d SET refused = 'it has carried out another directive of this number, which this office does not know: palier-hq orders follow'
FROM applied a WHERE a.store = d.store AND a.directive = d.directive AND a.sha256 <> d.sha256 AND d.taken_at IS NULL;

INSERT INTO homes
SELECT DISTINCT ON (member) member, store FROM members m
WHERE (what = 'member.completed' OR what = 'member.enrolled' AND NOT provisional) AND NOT EXISTS (SELECT FROM homes h WHERE h.member = m.member)
ORDER BY member, coalesce(at, day), store, seq
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE cards ON COMMIT DROP AS
SELECT store, place, (line ->> 'member') COLLATE "C" AS member, coalesce((line ->> 'provisional')::boolean, false) AS provisional,
	(card ->> 'number') COLLATE "C" AS number, card ->> 'status' = 'blocked' AS blocked,
	CASE WHEN length(line ->> 'language') = 2 THEN line ->> 'language' END AS language
FROM profile_lines, jsonb_array_elements(CASE jsonb_typeof(line -> 'cards') WHEN 'array' THEN line -> 'cards' ELSE '[]' END)
	WITH ORDINALITY AS listed(card, place) -- the newest first
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

-- --- blocked in one store, blocked wherever its member is known; where it was replaced, by the card that the member had next and has ---

INSERT INTO orders (store, cause, body)
SELECT store, 'block-card/' || encode(sha256(convert_to(number, 'UTF8')), 'hex')
	|| coalesce('/' || encode(sha256(convert_to(instead, 'UTF8')), 'hex'), ''),
	json_strip_nulls(json_build_object('order', 'block-card', 'card', number, 'member', member, 'instead', instead))
FROM (
	SELECT DISTINCT ON (k.store, c.number) k.store, c.number, c.member, c.instead
	FROM (
		SELECT b.store, b.number, b.member, (SELECT n.number FROM cards n
			WHERE n.store = b.store AND n.member = b.member AND n.place < b.place AND NOT n.blocked
				AND EXISTS (SELECT FROM events e WHERE e.member = b.member AND e.store = b.store AND e.method = 'card.replace')
			ORDER BY n.place DESC LIMIT 1) AS instead
		FROM cards b WHERE b.blocked
	) AS c
	JOIN members k ON k.member = c.member AND k.store <> c.store JOIN chain ON chain.store = k.store
	WHERE NOT EXISTS (SELECT FROM cards b WHERE b.store = k.store AND b.number = c.number AND b.blocked)
		OR c.instead IS NOT NULL AND NOT EXISTS (SELECT FROM cards b WHERE b.store = k.store AND b.number = c.instead)
	ORDER BY k.store, c.number, c.instead IS NULL, c.member, c.store
) AS found
ORDER BY store, number
ON CONFLICT DO NOTHING;

-- --- points given up in one store are granted in the member's home; those that home gave up on order, where they fill a hole ---

CREATE TEMP TABLE coming ON COMMIT DROP AS
SELECT g.*, coalesce(g.said, h.store) AS home,
	EXISTS (SELECT FROM members m WHERE m.member = g.member AND m.store = coalesce(g.said, h.store)) AS known
FROM (
	SELECT g.store, g.seq, g.n, g.store || '/' || g.seq || '/' || g.n AS source, g.home AS said, g.member, coalesce(v.now, g.member) AS now,
		g.unit, g.points, g.expires
	FROM given g LEFT JOIN v_merged v ON v.member = g.member
) AS g LEFT JOIN homes h ON h.member = g.now
WHERE NOT EXISTS (SELECT FROM granted d WHERE d.source = g.source) AND NOT EXISTS (SELECT FROM orders o WHERE o.cause = 'grant/' || g.source);

-- Which were given up because it was ordered below? Where the hole is filled by now, they go back.
ALTER TABLE coming ADD COLUMN asked boolean;
UPDATE coming c SET asked = EXISTS (SELECT FROM applied a JOIN orders o ON o.store = a.store AND o.directive = a.directive
	WHERE a.store = c.store AND a.seq = c.seq AND o.cause LIKE 'take/%');
UPDATE coming SET home = store WHERE asked AND home IS NULL;

-- Of several holes the first store's is filled first: gifts and holes are laid side by side.
UPDATE coming c SET home = o.store, known = EXISTS (SELECT FROM members m WHERE m.member = c.member AND m.store = o.store)
FROM (
	SELECT source, sum(points) OVER (PARTITION BY now, unit ORDER BY store, seq, n) - points AS since
	FROM coming WHERE asked OR said IS NULL AND home = store
) AS g, (
	SELECT *, sum(points) OVER (PARTITION BY member, unit ORDER BY store) AS until
	FROM v_owed WHERE store IN (SELECT store FROM chain)
) AS o
WHERE g.source = c.source AND o.member = c.now AND o.unit = c.unit AND g.since >= o.until - o.points AND g.since < o.until;

-- What has nowhere to go stays on its way.
DELETE FROM coming
WHERE home IS NULL OR home = store AND NOT asked OR home NOT IN (SELECT store FROM chain) OR NOT known AND now IN (SELECT member FROM gone);

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

-- --- a hole elsewhere than at home: what is at home fills it; of whom no home is known, what there is anywhere ---

INSERT INTO orders (store, cause, body)
SELECT store, 'take/' || member || '/' || unit || '/' || batch,
	json_build_object('order', 'take', 'member', known_as, 'unit', unit, 'points', points)
FROM (
	SELECT s.store, s.member, s.known_as, s.unit, (SELECT max(batch) FROM batches b WHERE b.store = s.store) AS batch,
		least(s.points, o.points - (sum(s.points) OVER (PARTITION BY s.member, s.unit ORDER BY s.store) - s.points)) AS points
	FROM v_standing s JOIN (
		SELECT w.member, w.unit,
			sum(w.points) - coalesce((SELECT sum(t.points) FROM v_on_order t
				WHERE t.what = 'take' AND t.member = w.member AND t.unit = w.unit), 0) AS points
		FROM v_owed w WHERE w.store IN (SELECT store FROM chain) GROUP BY w.member, w.unit
	) AS o ON o.member = s.member AND o.unit = s.unit
	WHERE s.points > 0 AND s.store = coalesce(s.home, s.store) AND s.store IN (SELECT store FROM chain)
		AND s.member NOT IN (SELECT member FROM gone)
		AND NOT EXISTS (SELECT FROM orders d WHERE d.store = s.store AND d.dropped_at IS NOT NULL
			AND starts_with(d.cause, 'take/' || s.member || '/' || s.unit || '/'))
) AS found
WHERE points > 0
ORDER BY store, member, unit
ON CONFLICT DO NOTHING;

-- --- returns of another store's sales ---

INSERT INTO orders (store, cause, body)
SELECT s.origin, 'settle/' || s.store || '/' || s.sale || '/' || s.comeback, json_strip_nulls(json_build_object('order', 'settle',
	'store', s.store, 'sale', s.sale, 'return', s.comeback, 'lines', s.lines::json))
FROM settling s JOIN chain ON chain.store = s.origin
WHERE s.origin <> s.store
ORDER BY s.origin, s.store, s.seq, s.n
ON CONFLICT DO NOTHING;
