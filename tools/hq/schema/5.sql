-- SPDX-License-Identifier: Apache-2.0
-- What suggestions bring, by margin: it is compared where enough of it is known.

-- Of what was loaded before, nothing is known.
ALTER TABLE ladder_visits
	ADD COLUMN margin bigint,        -- what the shop gained of it, where that is known
	ADD COLUMN known bigint,         -- of spend, what the margin is known of
	ADD COLUMN estimated bigint;     -- of that, what only its category tells

CREATE OR REPLACE VIEW v_ladder_members AS
	SELECT coalesce(m.now, v.member) AS member, v.store, v.epoch, bool_or(v.held) AS held, sum(v.spend) AS spend, sum(v.climbed) AS climbed,
		coalesce(sum(v.margin), 0) AS margin, coalesce(sum(v.known), 0) AS known, coalesce(sum(v.estimated), 0) AS estimated
	FROM ladder_visits v LEFT JOIN v_merged m ON m.member = v.member
	GROUP BY 1, 2, 3;

-- For each arm of each experiment how many (n); of what they spent and of its margin the sum, and the sum of its squares; of how much of what
-- they spent the margin is known, and of that, what is estimated: they add up over stores.
CREATE OR REPLACE VIEW v_ladder_uplift AS
	SELECT store, epoch, held, count(*) AS n, count(*) FILTER (WHERE climbed > 0) AS climbed, sum(spend)::bigint AS sum,
		sum(spend * spend)::numeric AS squares, sum(margin)::bigint AS margin, sum(margin * margin)::numeric AS margin_squares,
		sum(known)::bigint AS known, sum(estimated)::bigint AS estimated
	FROM v_ladder_members GROUP BY store, epoch, held;
