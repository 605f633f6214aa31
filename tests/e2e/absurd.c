/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of absurd tickets share. */
#include "tests/e2e/absurd.h"

struct shop *shop;
char card[16];

int shared_open(const struct shop_options *options)
{
	void *at = (void *)(uintptr_t)options;
	int code = shop_open(&at);

	shop = at;
	return code;
}

int shared_close(void **state)
{
	void *at = shop;

	(void)state;
	return shop_close(&at);
}

void shared_is_sound(void **state)
{
	(void)state;
	assert_int_equal(shop_stop(shop), 0);
	shop_sound(shop);
}

void customer(struct wire *w, int64_t points, int64_t coffee, int64_t credit)
{
	static const char *const units[] = { "points", "coffee", "credit" };
	const int64_t has[] = { points, coffee, credit };
	static unsigned drawn;

	snprintf(card, sizeof(card), "CARD-%u", ++drawn);
	ask_ok(w, "member.enroll", "'request':'%s-e','card':'%s'", card, card);
	for (size_t i = 0; i < COUNT(units); i++)
		if (has[i] != 0)
			ask_ok(w, "balance.adjust",
				"'request':'%s-%s','card':'%s','unit':'%s','points':%lld,'reason':'gift'", card, units[i],
				card, units[i], (long long)has[i]);
}

void balances_are(struct wire *w, int64_t points, int64_t coffee, int64_t credit)
{
	char *reply = ask_ok(w, "card.lookup", "'card':'%s'", card);

	assert_figure(reply, "result.balances.points", points);
	assert_figure(reply, "result.balances.coffee", coffee);
	assert_figure(reply, "result.balances.credit", credit);
}

int64_t points_of(const char *reply, const char *list, const char *unit)
{
	int64_t sum = 0;
	char path[96];

	for (int64_t i = 0; i < count_of(reply, list); i++) {
		snprintf(path, sizeof(path), "%s[%lld].unit", list, (long long)i);
		if (strcmp(field(reply, path), unit) != 0)
			continue;
		snprintf(path, sizeof(path), "%s[%lld].points", list, (long long)i);
		sum += figure(reply, path);
	}
	return sum;
}

/* One word of a row: `path=figure`, `#list=rows` or `list:unit=points`. */
static void want_holds(const char *reply, char *want)
{
	char *value = strchr(want, '='), *unit = strchr(want, ':'), path[64];
	int64_t got;

	*value++ = 0;
	if (unit)
		*unit++ = 0;
	snprintf(path, sizeof(path), "result.%s", want + (*want == '#'));
	got = unit ? points_of(reply, path, unit) : *want == '#' ? count_of(reply, path) : figure(reply, path);
	if (got != strtoll(value, NULL, 10))
		fail_msg("%s %s is %lld, not %s, in %.3000s", want, unit ? unit : "", (long long)got, value, reply);
}

void wants_hold(const char *reply, const char *wants)
{
	char text[256], *rest = text;

	snprintf(text, sizeof(text), "%s", wants);
	for (char *want; (want = strsep(&rest, " "));)
		want_holds(reply, want);
}

void agree(const char *quoted, const char *booked)
{
	static const char *const pairs[][2] = { { "discounts", "discounts" }, { "payable", "payable" }, { "due", "due" },
		{ "earn", "earned" }, { "spend", "spent" }, { "tier_after", "tier" }, { "returns", "returns" } };

	for (size_t i = 0; i < COUNT(pairs); i++) {
		char path[2][32];
		const char *said, *done;

		snprintf(path[0], sizeof(path[0]), "result.%s", pairs[i][0]);
		snprintf(path[1], sizeof(path[1]), "result.%s", pairs[i][1]);
		said = field(quoted, path[0]);
		done = field(booked, path[1]);
		if (done && strcmp(done, "null") == 0) /* no tiers in this shop */
			done = NULL;
		if (strcmp(said ? said : "", done ? done : "") != 0)
			fail_msg("%s: quoted %.2000s, booked %.2000s", pairs[i][1], quoted, booked);
	}
}

struct traces traces_of(struct wire *w)
{
	struct traces t = { .seq = last_seq(w) };

	free(journal_text(shop, &t.journal));
	return t;
}

void traces_same(struct wire *w, struct traces before)
{
	struct traces now = traces_of(w);

	assert_int_equal(now.seq, before.seq);
	assert_int_equal(now.journal, before.journal);
}
