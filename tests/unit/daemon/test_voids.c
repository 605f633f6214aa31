/* SPDX-License-Identifier: Apache-2.0 */
/* A void leaves the facts as if the sale had not been: two ledgers are kept, one that is told all and undoes some of it, one that is never
 * told what the other undoes. In the end core's rows of the member are the same. */
#include "tests/unit/daemon/shop.h"

static const char *said(struct shop *s, const char *method, const char *params)
{
	char line[4096];

	snprintf(line, sizeof(line),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"request\":\"r-%u\"%s%s}}", method,
		s->requests++, params[0] ? "," : "", params);
	s->reply.len = 0;
	router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	if (strstr(s->reply.at, "\"error\""))
		fail_msg("%s\n%s", line, s->reply.at);
	return s->reply.at;
}

static void shop_make(struct shop *s)
{
	shop_found(s, NULL,
		"points { unit \"points\" { expires = never }  earn \"base\" { unit = points  per = \"1.00\"  points = 1 } }\n");
	shop_open(s);
	memcpy(s->member, strstr(said(s, "member.enroll", ""), "\"m_") + 1, PALIER_ID_TEXT);
}

/* The rows of some tables, as text; of those by member without the member's id, which is drawn. */
static void rows_dump(struct shop *s, const unsigned *tables, size_t count, struct palier_buffer *out)
{
	struct palier_tables *t = &s->ledger->fold.tables[0];

	for (size_t i = 0; i < count; i++) {
		const struct palier_key all = { .len = 0 };
		size_t skip = core_plugin.tables[tables[i]].flags & PALIER_BY_MEMBER ? PALIER_ID_LEN : 0;
		struct palier_cursor *rows = palier_seek(t, tables[i], &all);
		struct palier_bytes key, value;

		palier_buffer_add(out, core_plugin.tables[tables[i]].name, strlen(core_plugin.tables[tables[i]].name));
		while (palier_next(rows, &key, &value) == PALIER_OK) {
			char *text = malloc(2 * (key.len + value.len) + 3);

			assert_non_null(text);
			text[0] = '\n';
			palier_hex(key.at + skip, key.len - skip, text + 1);
			strcat(text, " ");
			palier_hex(value.at, value.len, text + strlen(text));
			palier_buffer_add(out, text, strlen(text));
			free(text);
		}
		palier_buffer_add(out, "\n", 1);
	}
	palier_buffer_add(out, "", 1);
}

/* --- random sales -------------------------------------------------------------------------------------------------- */

static uint64_t draw_below(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717) >> 33) % below;
}

struct sale {
	bool undone;      /* in the ledger that is told of it, */
	unsigned undo_at; /* some steps after this one */
	bool anonymous;
	unsigned claim_at;
	char params[1024];
	int64_t at_ms;
	unsigned lines;
};

#define SALES 60

static void sale_draw(uint64_t *seed, unsigned step, struct sale *s)
{
	int64_t total = 0;
	size_t n = 0;
	char at[32];

	*s = (struct sale){ .undone = draw_below(seed, 3) == 0,
		.undo_at = step + (unsigned)draw_below(seed, 8),
		.anonymous = draw_below(seed, 5) == 0,
		.claim_at = step + 1 + (unsigned)draw_below(seed, 3),
		.lines = 1 + (unsigned)draw_below(seed, 4),
		.at_ms = NOON + step * INT64_C(3600000) -
		         (draw_below(seed, 3) ? 0 : (int64_t)draw_below(seed, 40) * DAY_MS) };
	time_format(s->at_ms, at);
	n += (size_t)snprintf(s->params, sizeof(s->params), "\"sale\":\"S-%u\",\"offline\":true,\"at\":\"%s\",\"lines\":[",
		step, at);
	for (unsigned i = 0; i < s->lines; i++) {
		unsigned amount = (unsigned)draw_below(seed, 3000), sku = (unsigned)draw_below(seed, 9);

		total += amount;
		n += (size_t)snprintf(s->params + n, sizeof(s->params) - n, "%s{\"sku\":\"s%u\",%s\"amount\":%u}",
			i ? "," : "", sku, sku < 6 ? sku < 3 ? "\"category\":\"low\"," : "\"category\":\"high\"," : "",
			amount);
	}
	snprintf(s->params + n, sizeof(s->params) - n, "],\"payable\":%lld", (long long)total);
}

static void sale_tell(struct shop *shop, const struct sale *s)
{
	char params[2048];

	snprintf(params, sizeof(params), s->anonymous ? "%s" : "%s,\"member\":\"%s\"", s->params, shop->member);
	said(shop, "sale.commit", params);
}

static void tell(struct shop *shop, const char *method, const char *format, unsigned sale)
{
	char params[256];

	snprintf(params, sizeof(params), format, sale, sale);
	said(shop, method, params);
}

/* What follows from earlier sales at this step: some are claimed, some come back in part, and of those to be undone also the return is. */
static void step_tell(struct shop *shop, const struct sale *sales, unsigned count, unsigned step, bool told_all)
{
	char claim[64];

	snprintf(claim, sizeof(claim), "\"sale\":\"S-%%u\",\"member\":\"%s\"", shop->member);
	for (unsigned i = 0; i < count; i++) {
		const struct sale *s = &sales[i];

		if (s->undone && !told_all)
			continue;
		if (s->anonymous && step == s->claim_at)
			tell(shop, "sale.claim", claim, i);
		if (i % 3 == 0 && step == s->undo_at + 3)
			tell(shop, "sale.return",
				"\"return\":\"R-%u\",\"sale\":\"S-%u\",\"lines\":[{\"line\":0,\"quantity\":0.5}]", i);
		if (i % 3 == 0 && s->undone && step == s->undo_at + 4)
			tell(shop, "sale.void", "\"sale\":\"R-%u\"", i);
		if (s->undone && step == s->undo_at + 4)
			tell(shop, "sale.void", "\"sale\":\"S-%u\"", i);
	}
}

static void told_and_untold(uint64_t drawn)
{
	static const unsigned tables[] = { T_FACTS, T_BUCKET, T_BOUGHT };
	uint64_t seed = drawn;
	struct sale sales[SALES];
	struct palier_buffer a = { 0 }, b = { 0 };
	struct shop all, some;

	shop_make(&all);
	shop_make(&some);
	for (unsigned step = 0; step < SALES + 16; step++) {
		const unsigned count = step < SALES ? step : SALES;

		all.now_ms = some.now_ms = NOON + step * INT64_C(3600000);
		step_tell(&all, sales, count, step, true);
		step_tell(&some, sales, count, step, false);
		if (step >= SALES)
			continue;
		sale_draw(&seed, step, &sales[step]);
		sale_tell(&all, &sales[step]);
		if (!sales[step].undone)
			sale_tell(&some, &sales[step]);
	}
	rows_dump(&all, tables, COUNT(tables), &a);
	rows_dump(&some, tables, COUNT(tables), &b);
	if (strcmp(a.at, b.at) != 0)
		fail_msg("seed %llu:\n%s\n--- without them\n%s", (unsigned long long)drawn, a.at, b.at);
	palier_buffer_deinit(&a);
	palier_buffer_deinit(&b);
	shop_remove(&all);
	shop_remove(&some);
}

static void facts_without_what_was_undone(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++)
		told_and_untold(seed * UINT64_C(0x9e3779b97f4a7c15));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "facts are as if what was undone had not been", facts_without_what_was_undone, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("voids", tests, NULL, NULL);
}
