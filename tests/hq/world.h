/* SPDX-License-Identifier: Apache-2.0 */
/* A chain's stores, real daemons each of them, on one clock that is moved; and what members do there, with what of it must come out. */
#pragma once

#include "tests/e2e/harness.h"
#include "tests/hq/head.h"
#include "tests/unit/protocol/office.h"

#define DAY_MS    INT64_C(86400000)
#define CUP       5 /* points for 1.00 off */
#define SALES_MAX 512
#define HOLDS_MAX 256

enum { POINTS, CREDIT }; /* head_units */

struct site {
	struct shop *shop;
	struct wire w;
	char store[64]; /* of its configuration */
	struct shop_options options;
	unsigned closed;    /* batches */
	uint32_t delivered; /* directives */
	bool cut;           /* off from the office */
};

struct sale {
	unsigned site, person, batch;
	char number[40];
	int64_t each, units, back;   /* points a unit, units sold and brought back */
	int64_t spent, paid, loaded; /* points for a reward, and stored value */
	bool voided;
};

struct comeback {
	size_t sale;
	unsigned site;
	int64_t units;
	char number[40];
	bool settled;
};

struct keep {
	unsigned site, person, unit;
	int64_t points;
	char hold[64];
	unsigned nights; /* it lapses in the first of them that is still to come; 0: in none of the story */
	bool resolved;
};

extern struct world {
	struct office authority;
	struct crypto_key *key;
	struct crypto_certificate *certificate;
	struct head head;
	struct site sites[HEAD_STORES];
	unsigned count, playing; /* stores in all, and of them in this story */
	int credit;              /* points that may be spent before a grant arrives */
	bool clock;              /* it is moved, */
	unsigned nights;         /* so many days by now */
	uint64_t seed, request;
	int64_t expected[HEAD_PEOPLE]
			[HEAD_UNITS]; /* what somebody has in all, but for what was taken back and what has lapsed */
	int64_t taken[HEAD_PEOPLE][HEAD_STORES][HEAD_UNITS]; /* taken back there: why a store may have less than nothing */
	unsigned into[HEAD_PEOPLE];                          /* who is merged into whom; oneself */
	struct sale sales[SALES_MAX];
	struct comeback comebacks[SALES_MAX];
	struct keep holds[HOLDS_MAX];
	size_t sale_count, comeback_count, hold_count;
} world;

const char *store_id(unsigned site);

/* --- stores (world.c) --- */

/** @param clock whether theirs is moved: each story is told about noons */
void world_open(unsigned count, int credit, bool clock);
/** Each ledger is checked, and made anew from its journal. */
void world_close(void);
void backed_up(struct site *s);
void restored(struct site *s);
void day_ends(struct site *s);
/** The clock goes on to the next noon, and everywhere a day ends. */
void night_falls(void);
/** The stores' date. */
uint32_t today(void);

/* --- members (deeds.c) --- */

/** What somebody has in a store. */
struct purse {
	int64_t has[HEAD_UNITS], held[HEAD_UNITS];
	char member[PALIER_ID_TEXT + 1];
};

/** Who somebody is by now. */
unsigned person_now(unsigned person);
/** @return false: the store does not know the card, or forgot whose it was */
bool purse_look(unsigned site, unsigned person, struct purse *out);
/** The next sale's number, on which the office relies. */
struct sale *sale_begin(unsigned site, unsigned person);
void buys(unsigned site, unsigned person);
/** Redeems, with what this store has: not a point more. */
void redeems(unsigned site, unsigned person);
/** Brings something back, wherever it was bought. */
void returns(unsigned site);
/** Anything of all that. */
void visit(void);
/** What came back elsewhere, and has been settled since. */
void settlements_see(void);
/** Nothing is held any more. */
void holds_end(void);
