-- SPDX-License-Identifier: Apache-2.0
-- What stores have booked, as rows. Every row says whose, in which store, by which event (seq, and n of its effects) and on which business day.
-- Whom nobody knows is "-" and the store, so that rows are spread and no join finds a member.
--
-- Tables are partitioned by month (day), and their keys lead with the member: by that column they can be distributed over many servers, and what
-- belongs to a member stays together. A batch is loaded in one transaction with its row in `batches`: that row is what makes it exactly once.

CREATE TABLE batches (
	store text COLLATE "C" NOT NULL,
	batch integer NOT NULL,
	sha256 text NOT NULL,           -- of events.jsonl
	business_day date NOT NULL,
	events bigint NOT NULL,
	first_seq bigint NOT NULL,
	last_seq bigint NOT NULL,
	closed_at timestamptz NOT NULL,
	totals jsonb NOT NULL,          -- of the day, as the store reckoned them
	perpetual jsonb NOT NULL,       -- since the store's first day
	loaded_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (store, batch)
);

CREATE TABLE events (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	till text COLLATE "C", operator text COLLATE "C",
	method text COLLATE "C" NOT NULL,
	PRIMARY KEY (member, store, seq, day)
) PARTITION BY RANGE (day);

CREATE TABLE sales (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	till text COLLATE "C", operator text COLLATE "C",
	sale text COLLATE "C" NOT NULL, -- the receipt's number
	date date NOT NULL,             -- on which it was rung up
	total bigint NOT NULL,          -- sum of the lines, minor units
	payable bigint NOT NULL,        -- for the goods
	due bigint NOT NULL,            -- by other means than points
	base bigint NOT NULL,           -- net paid over all item lines
	returned bigint,                -- by how much returns on the ticket lower payable
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- By far the most rows: they have no key, which would take as much room again. Their batch is what makes them exactly once.
CREATE TABLE sale_lines (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	sku text COLLATE "C" NOT NULL, category text COLLATE "C",
	kind text COLLATE "C",          -- null: an item
	quantity bigint,                -- thousandths; null: one
	amount bigint NOT NULL          -- before our discounts
) PARTITION BY RANGE (day);

CREATE TABLE discounts (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	source text COLLATE "C" NOT NULL, -- the offer or reward
	amount bigint NOT NULL,
	redeemed boolean NOT NULL,      -- bought with points
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- Goods that came back, and returns undone.
CREATE TABLE returns (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL, -- sale.returned, return.voided
	sale text COLLATE "C" NOT NULL, comeback text COLLATE "C",
	date date NOT NULL,             -- of the sale
	amount bigint NOT NULL,         -- given back; what is undone is negative
	base bigint NOT NULL,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- What became of a sale afterwards: claimed by a member, or voided.
CREATE TABLE sale_ends (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL, -- sale.claimed, sale.voided
	sale text COLLATE "C" NOT NULL,
	date date,
	spend bigint NOT NULL,          -- for the goods
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- Points: of every move, the part of each lot. Sums of them are balances.
CREATE TABLE moves (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, part integer NOT NULL,
	day date NOT NULL,
	unit text COLLATE "C" NOT NULL,
	cause text COLLATE "C" NOT NULL, -- earn, spend, load, pay, reverse, restore, refund, expire, adjust, give, grant, merge
	points bigint NOT NULL,          -- signed
	lot_seq bigint, lot_at timestamptz, -- which lot; null: a balance below 0, dug or filled
	expires date,                    -- its last day; null: never
	sale text COLLATE "C",
	source text COLLATE "C",         -- the earn rules or the reward
	PRIMARY KEY (member, store, seq, n, part, day)
) PARTITION BY RANGE (day);

-- Given up for another store, and granted there: what lies between is on its way.
CREATE TABLE given (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	unit text COLLATE "C" NOT NULL, points bigint NOT NULL,
	expires text COLLATE "C", home text COLLATE "C", -- the store where they are spent
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE granted (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	unit text COLLATE "C" NOT NULL, points bigint NOT NULL,
	source text COLLATE "C",         -- where they were given up: store/seq/index
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE members (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL,  -- member.enrolled, member.completed, member.erased, member.merged, member.frozen
	since date, provisional boolean NOT NULL, frozen boolean NOT NULL,
	into_member text COLLATE "C",    -- member.merged: who this member is from now on
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE tiers (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	tier text COLLATE "C",           -- null: none
	height bigint,                   -- what it took
	until date, notice date,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- A sponsorship as it stands after each of its steps; the member is the friend.
CREATE TABLE referrals (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL,  -- referral.step, referral.dropped
	referral bigint NOT NULL,        -- the claim's event in this store
	sponsor text COLLATE "C",
	cause text COLLATE "C", phase text COLLATE "C",
	flagged boolean NOT NULL, capped boolean NOT NULL,
	friend_paid boolean NOT NULL, sponsor_paid boolean NOT NULL,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE recommendations (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	sort text COLLATE "C" NOT NULL,  -- spontaneous, evoked, solicited, sponsorship
	step text COLLATE "C" NOT NULL,
	date date NOT NULL,
	source text COLLATE "C",
	times integer NOT NULL,          -- -1: it has not been
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE ladder_shown (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	decision text COLLATE "C" NOT NULL, rung text COLLATE "C" NOT NULL,
	outcome text COLLATE "C" NOT NULL, -- accepted, declined, ignored
	date date NOT NULL,
	times integer NOT NULL,
	revenue bigint, margin bigint,   -- signed, as times is
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE ladder_visits (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	epoch bigint NOT NULL,           -- of the store's experiment
	held boolean NOT NULL,           -- held out: nothing is suggested
	spend bigint NOT NULL,
	climbed bigint,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE experiments (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	epoch bigint NOT NULL,
	share bigint NOT NULL,           -- of members held out, hundredths of a per cent
	start date NOT NULL, until date,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE surveys (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL,  -- survey.asked, survey.unasked, survey.answered
	ask text COLLATE "C", question text COLLATE "C" NOT NULL,
	score bigint,
	date date NOT NULL,
	times integer NOT NULL,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE touches (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	touchpoint text COLLATE "C" NOT NULL, channel text COLLATE "C", device text COLLATE "C",
	emotion bigint,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- Touchpoints that have not been after all.
CREATE TABLE undone (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	event bigint NOT NULL,           -- whose touchpoints
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE stages (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	what text COLLATE "C" NOT NULL,  -- journey.stage, journey.segment, journey.persona
	before text COLLATE "C",
	now text COLLATE "C",            -- null: none any more
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE benefits (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL,  -- offer.used, offer.freed, offer.granted, reward.used, reward.freed
	offer text COLLATE "C", reward text COLLATE "C",
	times bigint NOT NULL,           -- signed: what is freed is negative
	amount bigint,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE ambassadors (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	what text COLLATE "C" NOT NULL,  -- ambassador.risen, ambassador.noticed, ambassador.left
	since date, until date,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

CREATE TABLE alerts (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	at timestamptz NOT NULL,
	till text COLLATE "C", operator text COLLATE "C",
	what text COLLATE "C" NOT NULL,
	unit text COLLATE "C", sale text COLLATE "C", figure bigint,
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- Kept up to date in the transaction of each batch. The store is in the keys, so that loaders of two stores never wait for each other.
CREATE TABLE balances (
	member text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL,
	points bigint NOT NULL,
	PRIMARY KEY (member, unit, store)
);

-- Of the lots issued in a month (cohort), what became of them in a month: all of the programme's liability follows from these few rows.
CREATE TABLE lot_months (
	store text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL,
	cohort date NOT NULL, month date NOT NULL,
	issued bigint NOT NULL, redeemed bigint NOT NULL, expired bigint NOT NULL,
	withdrawn bigint NOT NULL,       -- taken back, corrected, moved
	debt bigint NOT NULL,            -- of balances below 0
	PRIMARY KEY (store, unit, cohort, month)
);

-- What a point is worth. The accounts fill it in; without, money columns are null.
CREATE TABLE units (
	unit text COLLATE "C" PRIMARY KEY,
	value numeric NOT NULL,          -- minor units for one point
	cost_share numeric NOT NULL DEFAULT 1 -- of that, what it costs the chain
);

-- The servers that share the months to come; empty: all stays here.
CREATE TABLE servers (
	place integer PRIMARY KEY,       -- 0, 1, ...
	name text NOT NULL UNIQUE        -- CREATE SERVER name, of postgres_fdw
);

CREATE FUNCTION palier_partitioned() RETURNS SETOF name LANGUAGE sql STABLE AS $$
	SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
	WHERE p.partstrat = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
$$;

-- A month of one table: on this server, or spread over `servers`.
CREATE FUNCTION palier_month(parent name, month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	child name := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
	shards integer := (SELECT count(*) FROM servers);
	shard record;
BEGIN
	IF to_regclass(format('%I.%I', current_schema(), child)) IS NOT NULL THEN
		RETURN;
	END IF;
	IF shards = 0 THEN
		EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
	ELSE
		EXECUTE format('CREATE TABLE %I (LIKE %I) PARTITION BY HASH (member)', child, parent);
	END IF;
	FOR shard IN SELECT * FROM servers ORDER BY place LOOP
		EXECUTE format('CREATE FOREIGN TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s) SERVER %I OPTIONS (table_name %L)',
			child || '_' || shard.place, child, shards, shard.place, shard.name, child);
	END LOOP;
	-- Attaching waits for nobody who is loading; making a partition in place would.
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, month,
		(month + interval '1 month')::date);
END $$;

-- Make the months of all tables from that of `day` on.
CREATE FUNCTION palier_months(day date, months integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	first date := date_trunc('month', day)::date;
	last date := (date_trunc('month', day) + make_interval(months => months - 1))::date;
	shard record;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('palier: months'), 1);
	-- The servers have theirs first.
	FOR shard IN SELECT * FROM servers ORDER BY place LOOP
		PERFORM 1 FROM dblink(shard.name, format('SELECT 1 FROM palier_months(%L, %s)', day, months)) AS made(x integer);
	END LOOP;
	PERFORM palier_month(parent, m::date)
	FROM palier_partitioned() AS parent, generate_series(first, last, interval '1 month') AS m;
END $$;

-- Spread the months to come over servers of postgres_fdw, each with this schema. A table with foreign partitions has no keys over all of them:
-- those of the months stay.
CREATE FUNCTION palier_spread(VARIADIC names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	parent name;
	child record;
	columns text;
BEGIN
	INSERT INTO servers SELECT i - 1, names[i] FROM generate_subscripts(names, 1) AS i;
	FOR parent IN SELECT * FROM palier_partitioned() LOOP
		columns := (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = parent::regclass AND contype = 'p');
		CONTINUE WHEN columns IS NULL;
		EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', parent, parent || '_pkey');
		FOR child IN SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = parent::regclass LOOP
			EXECUTE format('ALTER TABLE %s ADD %s', child.name, columns);
		END LOOP;
	END LOOP;
END $$;

-- Distribute over the nodes of Citus: by member what is a member's, by store the rest.
CREATE FUNCTION palier_distribute() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	parent name;
BEGIN
	FOR parent IN SELECT * FROM palier_partitioned() LOOP
		PERFORM create_distributed_table(parent::text, 'member');
	END LOOP;
	PERFORM create_distributed_table('balances', 'member');
	PERFORM create_distributed_table('lot_months', 'store');
	PERFORM create_distributed_table('batches', 'store');
	PERFORM create_reference_table('units');
END $$;
