-- SPDX-License-Identifier: Apache-2.0
-- A directive that the office withdraws may have been carried out all the same, as the store's batches say later. Until they say what took its
-- place it is kept, and can be put back.

CREATE TABLE withdrawn (
	store text COLLATE "C" NOT NULL,
	directive integer NOT NULL,
	sha256 text COLLATE "C" NOT NULL,
	document text NOT NULL,
	signature text NOT NULL,
	issued timestamptz NOT NULL,
	orders bigint[] NOT NULL,         -- those that were in it
	PRIMARY KEY (store, sha256)
);
