-- SPDX-License-Identifier: Apache-2.0
-- What is read: chain-wide standing of members, and figures for BI tools. Where a view is asked often, make it a materialized one.

-- Who a member is now: the last of those it was merged into.
CREATE VIEW v_merged AS
	WITH RECURSIVE step(member, now, depth) AS (
		SELECT member, into_member, 1 FROM members WHERE what = 'member.merged'
		UNION
		SELECT s.member, m.into_member, s.depth + 1
		FROM step s JOIN members m ON m.member = s.now AND m.what = 'member.merged' WHERE s.depth < 16
	)
	SELECT DISTINCT ON (member) member, now FROM step ORDER BY member, depth DESC;

-- --- members, all stores together ---

CREATE VIEW v_on_the_way AS
	SELECT max(member) AS member, unit, source, sum(points)::bigint AS points
	FROM (
		SELECT member, unit, store || '/' || seq || '/' || n AS source, points FROM given
		UNION ALL
		SELECT NULL, unit, source, -points FROM granted WHERE source IS NOT NULL
	) AS gifts
	GROUP BY unit, source
	HAVING sum(points) > 0 AND max(member) IS NOT NULL;

-- What the stores' ledgers say, and what was given up in one and is not yet granted in another.
CREATE VIEW v_balances AS
	SELECT member, unit, sum(ledger)::bigint AS ledger, sum(coming)::bigint AS coming, (sum(ledger) + sum(coming))::bigint AS points
	FROM (
		SELECT member, unit, points AS ledger, 0 AS coming FROM balances
		UNION ALL
		SELECT member, unit, 0, points FROM v_on_the_way
	) AS sums
	GROUP BY member, unit;

-- The last word of each store, and of these the highest tier.
CREATE VIEW v_tiers AS
	SELECT DISTINCT ON (member) member, tier, height, until, notice, store
	FROM (
		SELECT DISTINCT ON (member, store) member, store, tier, height, until, notice
		FROM tiers ORDER BY member, store, seq DESC, n DESC
	) AS last
	WHERE tier IS NOT NULL
	ORDER BY member, height DESC NULLS LAST, store;

CREATE VIEW v_referrals AS
	SELECT *
	FROM (
		SELECT DISTINCT ON (store, referral) store, referral, member AS friend, sponsor, phase, flagged, capped, friend_paid, sponsor_paid,
			day AS since, what
		FROM referrals ORDER BY store, referral, seq DESC, n DESC
	) AS last
	WHERE what <> 'referral.dropped';

CREATE VIEW v_stages AS
	SELECT member, what, now, since, store
	FROM (
		SELECT DISTINCT ON (member, what) member, what, now, day AS since, store
		FROM stages ORDER BY member, what, at DESC, store, seq DESC, n DESC
	) AS last
	WHERE now IS NOT NULL;

-- --- sales ---

CREATE VIEW v_sales_daily AS
	SELECT store, day,
		sum(sales)::bigint AS sales, sum(of_members)::bigint AS of_members, sum(payable)::bigint AS payable,
		sum(voids)::bigint AS voids, sum(returns)::bigint AS returns, sum(refunded)::bigint AS refunded,
		sum(discount)::bigint AS discount, sum(redeemed)::bigint AS redeemed
	FROM (
		SELECT store, day, count(*) AS sales, count(*) FILTER (WHERE left(member, 1) <> '-') AS of_members,
			sum(payable + coalesce(returned, 0)) AS payable, 0 AS voids, 0 AS returns, 0 AS refunded, 0 AS discount, 0 AS redeemed
		FROM sales GROUP BY store, day
		UNION ALL
		SELECT store, day, 0, 0, -sum(spend), count(*), 0, 0, 0, 0 FROM sale_ends WHERE what = 'sale.voided' GROUP BY store, day
		UNION ALL
		SELECT store, day, 0, 0, 0, count(*) FILTER (WHERE what = 'return.voided'), count(*) FILTER (WHERE what = 'sale.returned'),
			sum(amount), 0, 0
		FROM returns GROUP BY store, day
		UNION ALL
		SELECT store, day, 0, 0, 0, 0, 0, 0, sum(amount), sum(amount) FILTER (WHERE redeemed) FROM discounts GROUP BY store, day
	) AS parts
	GROUP BY store, day;

-- --- the programme's liability ---

CREATE VIEW v_cohorts AS
	SELECT unit, cohort, sum(issued)::bigint AS issued, sum(redeemed)::bigint AS redeemed, sum(expired)::bigint AS expired,
		sum(withdrawn)::bigint AS withdrawn, sum(issued - redeemed - expired - withdrawn)::bigint AS outstanding, sum(debt)::bigint AS debt
	FROM lot_months GROUP BY unit, cohort;

CREATE FUNCTION palier_age(cohort date, month date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
	SELECT ((extract(year FROM month) - extract(year FROM cohort)) * 12 + extract(month FROM month) - extract(month FROM cohort))::integer
$$;

-- How much of a cohort was redeemed at which age, in months.
CREATE VIEW v_triangle AS
	SELECT unit, cohort, palier_age(cohort, month) AS age, sum(redeemed)::bigint AS redeemed, sum(expired)::bigint AS expired
	FROM lot_months GROUP BY unit, cohort, month;

-- The month that is under way: what is known of it is not all of it.
CREATE VIEW v_now AS
	SELECT date_trunc('month', max(business_day))::date AS month FROM batches;

-- The share redeemed at each age, over the last 24 cohorts that have been that old for a full month.
CREATE VIEW v_redemption AS
	SELECT c.unit, a.age,
		coalesce(sum((SELECT sum(redeemed) FROM v_triangle t WHERE t.unit = c.unit AND t.cohort = c.cohort AND t.age = a.age)), 0)::bigint AS redeemed,
		sum(c.issued - c.withdrawn)::bigint AS issued,
		count(*)::integer AS cohorts
	FROM v_cohorts c
	CROSS JOIN v_now
	CROSS JOIN generate_series(0, 120) AS a(age)
	WHERE c.cohort >= v_now.month - interval '24 months' AND c.cohort + make_interval(months => a.age) < v_now.month
	GROUP BY c.unit, a.age;

-- By cohort: what is outstanding, what of it is expected to be redeemed by the ages to come (that of the month under way is counted whole), and
-- the rest, breakage. With fewer than 12 full months no breakage is assumed. Money three ways: at face (legal), as expected (IFRS 15), at cost.
-- What one store gave up and another granted is issued anew in the month of the grant; what is on its way has no cohort.
CREATE VIEW v_liability AS
	SELECT l.unit, l.cohort, l.issued, l.redeemed, l.expired, l.withdrawn, l.outstanding, l.debt, l.expected,
		l.outstanding - l.expected AS breakage,
		round(l.outstanding * u.value)::bigint AS face, round(l.expected * u.value)::bigint AS expected_money,
		round(l.expected * u.value * u.cost_share)::bigint AS cost
	FROM (
		SELECT c.*,
			CASE WHEN (SELECT count(*) FROM v_redemption r WHERE r.unit = c.unit) < 12 THEN c.outstanding
			ELSE least(c.outstanding, round((c.issued - c.withdrawn) * coalesce((
				SELECT sum(r.redeemed::numeric / r.issued) FROM v_redemption r
				WHERE r.unit = c.unit AND r.issued > 0 AND r.age >= palier_age(c.cohort, v_now.month)), 0))::bigint) END AS expected
		FROM v_cohorts c CROSS JOIN v_now
		UNION ALL
		SELECT unit, NULL, 0, 0, 0, 0, sum(points)::bigint, 0, sum(points)::bigint FROM v_on_the_way GROUP BY unit
	) AS l
	LEFT JOIN units u ON u.unit = l.unit;

-- --- recommendation, ladder, journey, surveys ---

CREATE VIEW v_funnel AS
	SELECT store, date, sort, step, source, sum(times)::bigint AS count
	FROM recommendations GROUP BY store, date, sort, step, source;

-- Members of each arm of each store's experiment. What is another member now counts as that one's.
CREATE VIEW v_ladder_members AS
	SELECT coalesce(m.now, v.member) AS member, v.store, v.epoch, bool_or(v.held) AS held, sum(v.spend) AS spend, sum(v.climbed) AS climbed
	FROM ladder_visits v LEFT JOIN v_merged m ON m.member = v.member
	GROUP BY 1, 2, 3;

-- For each arm of each experiment how many (n), the sum of what they spent (sum) and the sum of its squares: they add up over stores.
CREATE VIEW v_ladder_uplift AS
	SELECT store, epoch, held, count(*) AS n, count(*) FILTER (WHERE climbed > 0) AS climbed, sum(spend)::bigint AS sum,
		sum(spend * spend)::numeric AS squares
	FROM v_ladder_members GROUP BY store, epoch, held;

CREATE VIEW v_ladder_rungs AS
	SELECT store, date, rung, sum(times)::bigint AS shown,
		coalesce(sum(times) FILTER (WHERE outcome = 'accepted'), 0)::bigint AS accepted,
		coalesce(sum(times) FILTER (WHERE outcome = 'declined'), 0)::bigint AS declined,
		coalesce(sum(revenue), 0)::bigint AS revenue, coalesce(sum(margin), 0)::bigint AS margin
	FROM ladder_shown GROUP BY store, date, rung;

-- Of each stage: how often members came into it, how many came, and how many are there now, by the store that said so.
CREATE VIEW v_journey AS
	SELECT stage, store, sum(entries)::bigint AS entries, sum(members)::bigint AS members, sum(there)::bigint AS there
	FROM (
		SELECT now AS stage, store, count(*) AS entries, count(DISTINCT member) AS members, 0 AS there
		FROM stages WHERE what = 'journey.stage' AND now IS NOT NULL GROUP BY now, store
		UNION ALL
		SELECT now, store, 0, 0, count(*) FROM v_stages WHERE what = 'journey.stage' GROUP BY now, store
	) AS parts
	GROUP BY stage, store;

CREATE VIEW v_touchpoints AS
	SELECT store, day, touchpoint, channel, count(*) AS touches, count(DISTINCT member) AS members,
		count(emotion) AS moods, sum(emotion)::bigint AS mood
	FROM touches t
	WHERE NOT EXISTS (SELECT FROM undone u WHERE u.member = t.member AND u.store = t.store AND u.event = t.seq)
	GROUP BY store, day, touchpoint, channel;

CREATE VIEW v_surveys AS
	SELECT store, date, question,
		coalesce(sum(times) FILTER (WHERE what <> 'survey.answered'), 0)::bigint AS asked,
		count(*) FILTER (WHERE what = 'survey.answered') AS answered, coalesce(sum(score), 0)::bigint AS sum,
		count(*) FILTER (WHERE score >= CASE question WHEN 'nps' THEN 9 WHEN 'csat' THEN 4 ELSE 1 END) AS promoters,
		count(*) FILTER (WHERE score <= CASE question WHEN 'nps' THEN 6 WHEN 'csat' THEN 2 ELSE -1 END) AS detractors
	FROM surveys GROUP BY store, date, question;

-- --- is all of it there? ---

-- Batches that are missing below the last one of each store.
CREATE VIEW v_gaps AS
	SELECT store, missing AS batch
	FROM (SELECT store, max(batch) AS last FROM batches GROUP BY store) AS s, generate_series(1, s.last) AS missing
	WHERE NOT EXISTS (SELECT FROM batches b WHERE b.store = s.store AND b.batch = missing);

-- What a store's ledger adds up to here, against what its own tail says is outstanding: they must be equal. `complete`: no batch is missing.
CREATE VIEW v_points_check AS
	SELECT said.store, said.unit, coalesce(ledger.points, 0)::bigint AS ledger, said.outstanding,
		NOT EXISTS (SELECT FROM v_gaps g WHERE g.store = said.store) AS complete
	FROM (
		SELECT last.store, u.key AS unit, (u.value ->> 'outstanding')::bigint AS outstanding
		FROM (SELECT DISTINCT ON (store) store, perpetual FROM batches ORDER BY store, batch DESC) AS last,
			jsonb_each(coalesce(last.perpetual -> 'units', '{}')) AS u
	) AS said
	LEFT JOIN (SELECT store, unit, sum(points) AS points FROM balances GROUP BY store, unit) AS ledger USING (store, unit);

-- The same for each day and cause. It reads all moves.
CREATE VIEW v_points_check_daily AS
	SELECT store, day, unit, cause, coalesce(ledger.points, 0)::bigint AS ledger, coalesce(said.points, 0)::bigint AS said
	FROM (
		SELECT store, day, unit, cause, sum(points) AS points FROM moves GROUP BY store, day, unit, cause
	) AS ledger
	FULL JOIN (
		SELECT b.store, b.business_day AS day, u.key AS unit, c.key AS cause, sum(c.value::text::numeric) AS points
		FROM batches b, jsonb_each(coalesce(b.totals -> 'units', '{}')) AS u, jsonb_each(u.value) AS c
		WHERE c.key NOT IN ('outstanding', 'uncollected', 'shortfall')
		GROUP BY b.store, b.business_day, u.key, c.key
	) AS said USING (store, day, unit, cause);
