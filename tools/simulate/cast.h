/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes to the simulated shop, and what they buy: four kinds of customers and the shop's own configuration, or a file that says it. */
#pragma once

#include "tools/cli.h"

/** Shares and chances are in thousandths. */
struct persona {
	const char *name;
	int64_t weight; /* of this kind among the customers */
	int64_t visits; /* a month, hundredths */
	int64_t basket; /* its mean, minor units */
	int64_t spread; /* of a basket about the mean: its standard deviation */
	int64_t redeem; /* spends what can be spent, at a visit */
	int64_t accept; /* says yes to a suggestion */
	int64_t refer;  /* brings a friend, a month */
	int64_t churn;  /* goes for good, a month */
};

struct product {
	const char *sku, *category; /* category NULL: none */
	int64_t price;              /* minor units; 0: what the basket lacks */
	int64_t margin;             /* of a piece, minor units; < 0: the shop's usual share */
	int64_t chance;   /* to be in a basket that is large enough; of those without a price: its weight among them */
	const char *rung; /* "ladder/rung" when it stands on one; NULL */
};

/** A sum that the ladder leads to. */
struct goal {
	const char *rung;
	int64_t spend;
};

/** A reward that is only given so many times at once. */
struct portion {
	const char *reward;
	int64_t times;
};

#define CAST_PERSONAS 32
#define CAST_PRODUCTS 512
#define CAST_GOALS    32
#define CAST_PORTIONS 64
#define CAST_PURSES   8

struct cast {
	bool usual; /* the personas are palier's own */
	int64_t customers;
	int64_t profiling; /* agree to suggestions by what they bought, thousandths */
	int64_t margin;    /* what remains of a price, usually, thousandths */
	int64_t brought;   /* of friends with a code, those who would not have come without it, thousandths */
	struct persona personas[CAST_PERSONAS];
	struct product products[CAST_PRODUCTS];
	struct goal goals[CAST_GOALS];
	struct portion portions[CAST_PORTIONS];
	const char *purses[CAST_PURSES]; /* units of money, which pay */
	size_t persona_count, product_count, goal_count, portion_count, purse_count;
};

/** The usual customers, and what stands on the ladder, earns and is rewarded in the shop's configuration. What of it cannot be read is left out.
 * @param scale decimals of the shop's money */
void cast_usual(struct cli *cli, const char *config, unsigned scale, struct cast *out);
/** What a file of personas says instead. @param out as cast_usual left it @return PALIER_OK; PALIER_ECONFIG, reported */
int cast_read(struct cli *cli, const char *file, unsigned scale, struct cast *out);

/** NULL: there is none. */
const struct product *cast_product(const struct cast *c, const char *sku);
const struct product *cast_on_rung(const struct cast *c, const char *rung);
/** What remains of an amount of this product. */
int64_t cast_margin(const struct cast *c, const struct product *p, int64_t amount);
