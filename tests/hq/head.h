/* SPDX-License-Identifier: Apache-2.0 */
/* A head office in small, for simulations, beside the one with the database: it reads the closed batches of stores, knows who is whom by the
 * sales' numbers, keeps what was given up and is not granted yet, and orders what rules.md "Several stores" asks for. */
#pragma once

#include "protocol/batch.h"
#include "protocol/directive.h"
#include "tests/hq/lots.h"

#define HEAD_STORES 20
#define HEAD_PEOPLE 32
#define HEAD_UNITS  2
extern const char *const head_units[HEAD_UNITS];

/* Somebody whom the office knows. */
struct head_person {
	struct palier_id id;
	char card[24], name[24];
	unsigned home;                           /* a store */
	unsigned into;                           /* who this is since a merge; himself */
	uint32_t told;                           /* a bit for each store where his card leads to him, or will */
	int64_t ledger[HEAD_STORES][HEAD_UNITS]; /* what he has in each, as far as it has been read */
};

/* A member that a store made for a card it did not know. */
struct head_alias {
	struct palier_id id;
	unsigned person;
};

struct head_gift {
	char source[96]; /* store/seq/index */
	unsigned person, unit;
	uint32_t last;           /* the last day on which they can be used; 0: always */
	int64_t points, granted; /* granted: as events that have been read say */
};

/* A directive as it is sent. */
struct head_sheet {
	struct palier_buffer text, signature; /* a JSON string, base64url */
};

struct head_store {
	char id[16];
	struct batch_before read;
	struct directive_before last;
	struct office_order *queue;
	uint32_t queued;
	struct head_sheet *sheets; /* those since the story began */
	uint32_t first, count;     /* directive first + i is sheets[i] */
};

struct head {
	const struct crypto_key *key;
	const struct crypto_certificate *certificate;
	struct head_store stores[HEAD_STORES];
	unsigned store_count;
	uint64_t story,
		chance; /* members, sales and returns are of one story; what the office does at random is drawn from chance */
	struct head_person people[HEAD_PEOPLE];
	unsigned person_count;
	struct head_alias *aliases;
	struct head_gift *gifts;
	size_t alias_count, gift_count;
	struct head_lots lots;
	struct palier_arena kept;
};

/** A store of the chain. */
void head_store_add(struct head *h, const char *id);
/** Another story: everything that was ordered has been carried out, and is forgotten. Numbers of sales are then STORY.PERSON.N. */
void head_story(struct head *h, uint64_t story);
void head_close(struct head *h);

/** Somebody is known to the office, and told to no store. @return who */
unsigned head_person_add(struct head *h, const char *id, const char *card, const char *name, unsigned home);
/** Let a store know of somebody, once. */
void head_tell(struct head *h, unsigned person, unsigned store);
/** Who somebody is by now. */
unsigned head_root(const struct head *h, unsigned person);
/** What of somebody is in a store, as far as it has been read. */
int64_t head_ledger(const struct head *h, unsigned person, unsigned store, unsigned unit);
/** Somebody's points are spent in another store from now on. */
void head_move(struct head *h, unsigned person, unsigned home);
/** Fetch home what would fill a hole somewhere else. @return how many orders that makes */
unsigned head_level(struct head *h);

/** Read a closed batch. It counts once, in its turn.
 * @return BATCH_FINE; BATCH_BATCH_REPLAYED, BATCH_BATCH_GAP, BATCH_BATCH_FORK and what is wrong with the file: nothing was read */
enum batch_fault head_read(struct head *h, unsigned store, const char *path);
/** Sign what is queued for a store, if anything is. */
void head_write(struct head *h, unsigned store);

/** What was given up and not granted, as far as batches say. */
int64_t head_on_the_way(const struct head *h, unsigned person, unsigned unit);
/** Nothing is queued, nothing on the way. */
bool head_quiet(const struct head *h);
