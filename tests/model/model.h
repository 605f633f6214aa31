/* SPDX-License-Identifier: Apache-2.0 */
/* Points as rules.md tells of them, written down naively: lots in a list, nothing kept but what is needed to begin again. It shares no code
 * with palier, so that the two cannot be wrong alike. Dates are yyyymmdd in the time zone of the process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define M_UNITS   3
#define M_LINES   5
#define M_MEMBERS 8
#define M_SALES   512
#define M_LOTS    2048
#define M_TAKES   96
#define M_NEVER   99999999

enum m_policy { M_NEGATIVE, M_CLAMP, M_REFUSE };

/** A unit of the programme: `points` for every whole `per`. The rate may change under way. */
struct m_unit {
	const char *name;
	enum m_policy policy;
	int months;  /* until it lapses; 0: never */
	int pending; /* days */
	int64_t per, points;
};

struct m_line {
	int64_t quantity; /* thousandths */
	int64_t gross, net;
};

/** Of one line comes back: a quantity or an amount; both 0: all that is left. */
struct m_ask {
	int line;
	int64_t quantity, amount;
};

struct m_lot {
	int member, unit, sale;
	int expires, pending;
	int64_t at_ms, left;
};

struct m_take {
	int lot;
	int64_t points;
};

/** A return, as it was booked. */
struct m_return {
	bool live;
	int number; /* of the receipt, as the test names it */
	int sale, day;
	int64_t quantity[M_LINES], amount[M_LINES], value[M_LINES];
	int64_t reversed[M_UNITS], uncollected[M_UNITS], hole[M_UNITS];
	struct m_take takes[M_TAKES];
	int take_count;
};

struct m_sale {
	bool live;
	int claimed; /* how many returns had been booked when it was */
	int member;  /* -1: nobody's */
	int day;
	int64_t at_ms;
	struct m_line lines[M_LINES];
	int line_count;
	int64_t base;
	int64_t quantity[M_LINES], amount[M_LINES], value[M_LINES]; /* of the lines, come back */
	int64_t earned[M_UNITS], taken[M_UNITS];                    /* taken: reversed, collected or as a hole */
	int last_return;                                            /* -1: none */
	int exchange;                                               /* the return on the same ticket; -1: none */
};

struct model {
	struct m_unit units[M_UNITS];
	struct m_lot lots[M_LOTS];
	int lot_count;
	int64_t hole[M_MEMBERS][M_UNITS];
	bool vague[M_MEMBERS][M_UNITS]; /* which lots a hole was filled from is not told: only the balance is */
	int merged[M_MEMBERS];          /* into whom; -1: nobody */
	struct m_sale sales[M_SALES];
	int sale_count;
	struct m_return returns[M_SALES];
	int return_count;
	int day; /* how many days were closed */
};

void model_init(struct model *m, const struct m_unit *units);
int model_date(int64_t at_ms);
int model_add_days(int date, int days);
int model_add_months(int date, int months);
int64_t model_share(int64_t a, int64_t b, int64_t c);

int model_member(const struct model *m, int member);
int64_t model_balance(const struct model *m, int member, int unit, int today);
int64_t model_pending(const struct model *m, int member, int unit, int today);
/** What of a unit lapses on a day that is not yet over. */
int64_t model_expiring(const struct model *m, int member, int unit, int on);

/* Each does it, or refuses with the reason on the wire and changes nothing. */

/** Book a sale. @param out its index */
const char *model_sale(struct model *m, int member, int64_t at_ms, const struct m_line *lines, int line_count, int *out);
/** @param asks none: all that is left @param forced by a supervisor, or a fact */
const char *model_return(struct model *m, int sale, const struct m_ask *asks, int ask_count, int64_t at_ms, bool forced,
	int *out);
int64_t model_refund(const struct model *m, int which);
const char *model_void_sale(struct model *m, int sale, int64_t at_ms, bool forced);
const char *model_void_return(struct model *m, int which);
const char *model_claim(struct model *m, int sale, int member, int64_t now_ms, int claim_days);
const char *model_adjust(struct model *m, int member, int unit, int64_t points, int64_t at_ms);
const char *model_merge(struct model *m, int from, int into, int today);
