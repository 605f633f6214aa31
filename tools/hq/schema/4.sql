-- SPDX-License-Identifier: Apache-2.0
-- What became of orders: carried out, as the stores' own events say; dropped by hand; and whom they have to fill holes for.

CREATE TABLE applied (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	directive integer NOT NULL,
	sha256 text COLLATE "C" NOT NULL, -- of the document, hex
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- As palier_spread does with the tables that it finds.
DO $$ BEGIN
	IF EXISTS (SELECT FROM servers) THEN
		ALTER TABLE applied DROP CONSTRAINT applied_pkey;
	END IF;
END $$;

-- Not to be carried out; null: it is, or was. Its cause is kept, so that it is not ordered anew.
ALTER TABLE orders ADD COLUMN dropped_at timestamptz;
DROP INDEX orders_waiting;
CREATE INDEX orders_waiting ON orders (store, id) WHERE directive IS NULL AND dropped_at IS NULL;

-- Points that were ordered, and of which no store has told yet: grants, and what is to be given up.
CREATE VIEW v_on_order AS
	SELECT o.store, o.what, coalesce(v.now, o.member) AS member, o.unit, o.points
	FROM (
		SELECT store, directive, b ->> 'order' AS what, (b ->> 'member') COLLATE "C" AS member, (b ->> 'unit') COLLATE "C" AS unit,
			(b ->> 'points')::bigint AS points, (b ->> 'source') COLLATE "C" AS source
		FROM (
			SELECT store, directive, body::json AS b FROM orders
			WHERE dropped_at IS NULL AND (body LIKE '%"grant"%' OR body LIKE '%"take"%')
		) AS bodies
	) AS o LEFT JOIN v_merged v ON v.member = o.member
	WHERE o.what = 'grant' AND NOT EXISTS (SELECT FROM granted g WHERE g.source = o.source)
		OR o.what = 'take' AND NOT EXISTS (SELECT FROM applied a WHERE a.store = o.store AND a.directive >= o.directive);

-- Members somewhere below 0, in each store that has moved their points.
CREATE VIEW v_standing AS
	WITH below AS (
		SELECT DISTINCT coalesce(v.now, b.member) AS member, b.unit FROM balances b LEFT JOIN v_merged v ON v.member = b.member
		WHERE b.points < 0
	), ids AS (
		SELECT member, unit, member AS known_as FROM below
		UNION SELECT w.member, w.unit, v.member FROM below w JOIN v_merged v ON v.now = w.member
	)
	SELECT i.member, i.unit, b.store, h.store AS home, sum(b.points)::bigint AS points,
		coalesce(max(i.known_as) FILTER (WHERE i.known_as = i.member), min(i.known_as)) AS known_as
	FROM ids i JOIN balances b ON b.member = i.known_as AND b.unit = i.unit LEFT JOIN homes h ON h.member = i.member
	GROUP BY i.member, i.unit, b.store, h.store;

-- What would fill the holes elsewhere than at home, where what comes in does it, and is not ordered yet.
CREATE VIEW v_owed AS
	SELECT *
	FROM (
		SELECT s.member, s.unit, s.store, (-s.points - coalesce(sum(o.points), 0))::bigint AS points
		FROM v_standing s LEFT JOIN v_on_order o ON o.what = 'grant' AND o.store = s.store AND o.member = s.member AND o.unit = s.unit
		WHERE s.points < 0 AND s.store IS DISTINCT FROM s.home
		GROUP BY s.member, s.unit, s.store, s.points
	) AS holes
	WHERE points > 0;
