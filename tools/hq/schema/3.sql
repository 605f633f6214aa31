-- SPDX-License-Identifier: Apache-2.0
-- What the office orders: directives to each store, signed, numbered and chained, and what they are made of.

-- Where a member's points are spent: the store of the enrolment, unless the office has ordered otherwise.
CREATE TABLE homes (
	member text COLLATE "C" PRIMARY KEY,
	store text COLLATE "C" NOT NULL
);

CREATE TABLE directives (
	store text COLLATE "C" NOT NULL,
	directive integer NOT NULL,
	sha256 text COLLATE "C" NOT NULL, -- of the document, hex
	document text NOT NULL,           -- as it was signed, its LF included
	signature text NOT NULL,          -- CMS, base64url
	issued timestamptz NOT NULL,
	taken_at timestamptz,             -- when the store said that it is carried out; null: not, or it came another way
	refused text,                     -- why the store refuses it
	PRIMARY KEY (store, directive)
);

-- Once a cause: what is found again is not ordered again.
CREATE TABLE orders (
	id bigserial PRIMARY KEY,
	store text COLLATE "C" NOT NULL,  -- who is to carry it out
	cause text COLLATE "C" NOT NULL,  -- grant/SOURCE, erase/MEMBER, ...; of one by hand, the SHA-256 of its text
	body text NOT NULL,               -- the order, JSON
	directive integer,                -- in which it is; null: in none yet
	asked_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (store, cause),
	FOREIGN KEY (store, directive) REFERENCES directives
);
CREATE INDEX orders_cause ON orders (cause);
CREATE INDEX orders_waiting ON orders (store, id) WHERE directive IS NULL;

-- Goods that came back in another store than the one that sold them.
CREATE TABLE settling (
	member text COLLATE "C" NOT NULL, store text COLLATE "C" NOT NULL, seq bigint NOT NULL, n integer NOT NULL, day date NOT NULL,
	origin text COLLATE "C",          -- the store that sold them
	sale text COLLATE "C" NOT NULL, comeback text COLLATE "C" NOT NULL,
	lines text,                       -- of the sale, as the till sent them, JSON; null: all that was left
	PRIMARY KEY (member, store, seq, n, day)
) PARTITION BY RANGE (day);

-- As palier_spread does with the tables that it finds.
DO $$ BEGIN
	IF EXISTS (SELECT FROM servers) THEN
		ALTER TABLE settling DROP CONSTRAINT settling_pkey;
	END IF;
END $$;

-- When it was said. Of what was loaded before, the day alone is known.
ALTER TABLE members ADD COLUMN at timestamptz;
