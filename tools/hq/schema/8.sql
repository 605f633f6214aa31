-- SPDX-License-Identifier: Apache-2.0
-- Who is in an arm of an experiment, as the stores have it: whoever has a visit left of those up to its planned end.

ALTER TABLE ladder_visits ADD COLUMN visits bigint; -- one more; of a sale that is undone, -1; null: goods came back
-- Of what was loaded before, each sale is one.
UPDATE ladder_visits SET visits = 1 WHERE spend > 0;

CREATE OR REPLACE VIEW v_ladder_members AS
	SELECT coalesce(m.now, v.member) AS member, v.store, v.epoch, bool_or(v.held) AS held, sum(v.spend) AS spend, sum(v.climbed) AS climbed,
		coalesce(sum(v.margin), 0) AS margin, coalesce(sum(v.known), 0) AS known, coalesce(sum(v.estimated), 0) AS estimated
	FROM ladder_visits v LEFT JOIN v_merged m ON m.member = v.member
		LEFT JOIN (SELECT store, epoch, min(until) AS until FROM experiments GROUP BY store, epoch) AS x
		ON x.store = v.store AND x.epoch = v.epoch
	WHERE x.until IS NULL OR v.day <= x.until
	GROUP BY 1, 2, 3
	HAVING sum(v.visits) > 0;
