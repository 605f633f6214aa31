-- SPDX-License-Identifier: Apache-2.0
-- Of several merges of a member the first counts, as in what is ordered: who the member became elsewhere later is of no account.

CREATE OR REPLACE VIEW v_merged AS
	WITH RECURSIVE firsts AS (
		SELECT DISTINCT ON (member) member, into_member FROM members WHERE what = 'member.merged'
		ORDER BY member, coalesce(at, day), store, seq
	), step(member, now, depth) AS (
		SELECT member, into_member, 1 FROM firsts
		UNION
		SELECT s.member, f.into_member, s.depth + 1 FROM step s JOIN firsts f ON f.member = s.now WHERE s.depth < 16
	)
	SELECT DISTINCT ON (member) member, now FROM step ORDER BY member, depth DESC;

-- What was given up for somebody who was erased then is granted nowhere: it is closed, as what that member had in the stores is.
CREATE OR REPLACE VIEW v_on_the_way AS
	WITH erased AS (SELECT member FROM members WHERE what = 'member.erased')
	SELECT gifts.*
	FROM (
		SELECT max(member) AS member, unit, source, sum(points)::bigint AS points
		FROM (
			SELECT member, unit, store || '/' || seq || '/' || n AS source, points FROM given
			UNION ALL
			SELECT NULL, unit, source, -points FROM granted WHERE source IS NOT NULL
		) AS both_ends
		GROUP BY unit, source
		HAVING sum(points) > 0 AND max(member) IS NOT NULL
	) AS gifts LEFT JOIN v_merged v ON v.member = gifts.member
	WHERE gifts.member NOT IN (SELECT member FROM erased) AND coalesce(v.now, gifts.member) NOT IN (SELECT member FROM erased);
