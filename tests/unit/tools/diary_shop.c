/* SPDX-License-Identifier: Apache-2.0 */
/* A shop with customers, for pages and exports: always the same one. */
#include "protocol/datetime.h"
#include "tests/unit/tools/diary.h"

#define DAY  86400
#define LAST 20261126

struct shop {
	struct diary *d;
	uint64_t random;
	unsigned sales;
};

static unsigned chance(struct shop *s, unsigned of)
{
	s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(s->random >> 33) % of;
}

struct customer {
	unsigned number, purchases;
	int64_t at;
	bool hurt; /* served where it grates */
};

static bool is_over(const struct customer *c)
{
	return c->at >= diary_noon(LAST);
}

/* Somewhere on a day, at some till. */
static void go_to(struct shop *s, struct customer *c, unsigned days)
{
	static const char *const tills[] = { "till-1", "till-2", "till-3" };
	static const char *const people[] = { "07", "11", "12", "15" };

	c->at = (c->at / DAY + days) * DAY + 9 * 3600 + (int64_t)chance(s, 9 * 3600);
	s->d->till = tills[chance(s, 3)];
	s->d->operator= people[chance(s, 4)];
	c->hurt = s->d->sour || (c->at % DAY > 11 * 3600 && s->d->operator[1] == '5');
}

static const char *stage_effect(const struct customer *c, const char *stage)
{
	static char text[128];

	text[0] = '\0';
	if (stage)
		snprintf(text, sizeof(text), ",{'kind':'journey.stage','member':'%s','stage':'%s'}", diary_member(c->number),
			stage);
	return text;
}

static void touch(struct shop *s, const struct customer *c, const char *touchpoint, const char *channel, int mood,
	const char *stage)
{
	char felt[24] = "";

	if (mood > -3)
		snprintf(felt, sizeof(felt), ",'emotion':%d", mood);
	diary_event(s->d, c->at, "journey.record", c->number,
		"{'kind':'journey.touch','member':'%s','touchpoint':'%s','channel':'%s'%s}%s", diary_member(c->number),
		touchpoint, channel, felt, stage_effect(c, stage));
}

static void enrol(struct shop *s, const struct customer *c)
{
	static const char *const sources[] = { "friend", "passing by", "internet", "press & <radio>" };
	char source[128] = "";

	if (chance(s, 3) > 0)
		snprintf(source, sizeof(source),
			",{'kind':'recommendation.counted','of':'spontaneous','step':'said','source':'%s'}",
			sources[chance(s, 2) + chance(s, 3)]);
	diary_event(s->d, c->at, "member.enroll", c->number,
		"{'kind':'member.enrolled','member':'%s'},{'kind':'journey.touch','member':'%s','touchpoint':'enrol','channel':'store'}%s%s",
		diary_member(c->number), diary_member(c->number), stage_effect(c, "awareness"), source);
}

static void buy(struct shop *s, struct customer *c, const char *stage)
{
	unsigned base = 600 + chance(s, 5000) * (1 + chance(s, 3));
	int mood = c->hurt ? -1 : (int)chance(s, 3);

	c->purchases++;
	diary_event(s->d, c->at, "sale.commit", c->number,
		"%s{'kind':'points.move','unit':'points','cause':'earn','points':%u},"
		"{'kind':'journey.touch','member':'%s','touchpoint':'purchase','channel':'store','emotion':%d}%s,"
		"{'kind':'sale.booked','sale':'S%u','base':%u}",
		chance(s, 5) ? "" : "{'kind':'offer.used','offer':'welcome'},", base / 100, diary_member(c->number), mood,
		stage_effect(c, stage), s->sales++, base);
}

static void bring_back(struct shop *s, struct customer *c)
{
	go_to(s, c, 1 + chance(s, 5));
	diary_event(s->d, c->at, "sale.return", c->number,
		"{'kind':'journey.touch','member':'%s','touchpoint':'return','channel':'store','emotion':%d},"
		"{'kind':'sale.returned','sale':'S%u','member':'%s','base':500}",
		diary_member(c->number), c->hurt ? -2 : -1, s->sales - 1, diary_member(c->number));
}

static void ask(struct shop *s, const struct customer *c)
{
	bool nps = c->purchases % 2;
	unsigned score = nps ? (chance(s, 4) ? 8 + chance(s, 3) : chance(s, 8)) : 3 + chance(s, 3);
	bool unhappy = nps && score < 7;

	diary_event(s->d, c->at, "sale.commit", c->number, "{'kind':'survey.asked','member':'%s','question':'%s'}",
		diary_member(c->number), nps ? "nps" : "csat");
	if (chance(s, 3))
		return;
	diary_event(s->d, c->at, "survey.answer", c->number,
		"{'kind':'journey.touch','member':'%s','touchpoint':'survey','channel':'web'},"
		"{'kind':'survey.answered','member':'%s','question':'%s','score':%u%s}",
		diary_member(c->number), diary_member(c->number), nps ? "nps" : "csat", score,
		unhappy ? ",'due':'2026-11-02'" : "");
	if (unhappy && chance(s, 3))
		diary_event(s->d, diary_noon(20261101), "survey.resolve", 0, "{'kind':'survey.resolved','task':%llu}",
			(unsigned long long)s->d->seq);
}

/* Purchases, one after the other, until the customer stays away. */
static void live(struct shop *s, struct customer *c)
{
	static const char *const stages[] = { "purchase", "ascension", NULL, "loyalty", NULL, "recommendation", NULL,
		"ambassador" };

	while (!is_over(c)) {
		buy(s, c, c->purchases < 8 ? stages[c->purchases] : NULL);
		if (chance(s, 14) == 0)
			bring_back(s, c);
		if (chance(s, 3) == 0)
			ask(s, c);
		if (chance(s, 100) < (c->hurt ? 75 : c->purchases < 2 ? 30 : 12))
			return;
		go_to(s, c, 4 + chance(s, 18));
		if (chance(s, 3) == 0)
			touch(s, c, "newsletter", "email", chance(s, 2) ? 1 : -3, NULL);
	}
}

/* As of the last day; the names are those of the journey. */
static void sort(struct shop *s, const struct customer *c)
{
	const char *segment = c->purchases == 0  ? "enrolled"
	                      : !is_over(c)      ? "lapsed"
	                      : c->purchases < 2 ? "first purchase"
	                      : c->purchases < 4 ? "repeat"
	                                         : "regular";

	diary_event(s->d, diary_noon(LAST), "day.close", 0, "{'kind':'journey.segment','member':'%s','segment':'%s'}",
		diary_member(c->number), segment);
}

/* From hearing of the shop to staying away. */
static void walk(struct shop *s, struct customer *c)
{
	go_to(s, c, 1 + chance(s, 10));
	if (chance(s, 10) < 2 || is_over(c))
		return;
	touch(s, c, "visit", chance(s, 3) ? "web" : "social", (int)chance(s, 4) - 1, "interaction");
	go_to(s, c, 1 + chance(s, 10));
	if (chance(s, 10) < 3 || is_over(c))
		return;
	touch(s, c, chance(s, 4) ? "catalogue" : "telephone", chance(s, 4) ? "web" : "phone", (int)chance(s, 3) - 1,
		"comparison");
	go_to(s, c, 1 + chance(s, 12));
	if (chance(s, 10) >= 3)
		live(s, c);
}

void diary_shop(struct diary *d, unsigned customers)
{
	struct shop s = { .d = d, .random = 7 + d->seed };

	for (unsigned i = 1; i <= customers; i++) {
		struct customer c = { .number = d->first + i,
			.at = diary_noon(LAST) - (int64_t)(5 + chance(&s, 700)) * DAY };

		go_to(&s, &c, 0);
		enrol(&s, &c);
		walk(&s, &c);
		sort(&s, &c);
	}
}
