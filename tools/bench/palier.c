/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to palierd and the check of its replies. */
#include <stdlib.h>

#include "protocol/json.h"
#include "tools/bench/target.h"

/* A basket line: what of it stands before the amount, and the amount. */
static const struct product {
	struct palier_bytes text;
	unsigned amount;
} products[] = {
#define P(sku, label, category, amount) \
	{ \
		PALIER_LIT("{\"sku\":\"" sku "\",\"label\":\"" label "\",\"category\":\"" category "\",\"amount\":"), \
			amount \
	}
	P("espresso", "Espresso", "coffee", 180),
	P("beans-250", "Grains Moka 250 g", "coffee", 590),
	P("baguette", "Baguette tradition", "bakery", 130),
	P("comte-12", "Comté 12 mois, 200 g", "cheese", 498),
	P("honey-500", "Miel de châtaignier 500 g", "grocery", 1150),
	P("cider", "Cidre fermier 75 cl", "drinks", 420),
	P("eggs-6", "Six œufs plein air", "grocery", 295),
	P("soap", "Savon de Marseille", "household", 350),
#undef P
};
#define PRODUCTS (sizeof(products) / sizeof(products[0]))

static bool serves(enum bench_kind kind)
{
	static const char *const methods[KINDS] = {
#define K(name, word, palier, redis) [KIND_##name] = (palier),
		BENCH_KINDS(K)
#undef K
	};

	return methods[kind] != NULL;
}

static int prepare(int fd)
{
	(void)fd;
	return PALIER_OK;
}

static void put_card(struct palier_buffer *out, uint64_t n)
{
	char card[14];

	bench_card(n, card);
	put(out, PALIER_LIT("\"card\":\""));
	palier_buffer_add(out, card, 13);
	put(out, PALIER_LIT("\""));
}

/* "run-serial", quoted */
static void put_name(struct palier_buffer *out, const struct workload *w, uint64_t serial)
{
	put(out, PALIER_LIT("\""));
	put(out, palier_str(w->run));
	put(out, PALIER_LIT("-"));
	put_uint(out, serial);
	put(out, PALIER_LIT("\""));
}

/* `"lines":[...]`. @return their sum */
static uint64_t put_lines(struct palier_buffer *out, struct workload *w)
{
	uint64_t sum = 0, first = bench_draw(w, PRODUCTS);

	put(out, PALIER_LIT(",\"lines\":["));
	for (unsigned i = 0; i < w->lines; i++) {
		const struct product *p = &products[(first + i) % PRODUCTS];

		if (i > 0)
			put(out, PALIER_LIT(","));
		put(out, p->text);
		put_uint(out, p->amount);
		put(out, PALIER_LIT("}"));
		sum += p->amount;
	}
	put(out, PALIER_LIT("]"));
	return sum;
}

static void put_sale(struct palier_buffer *out, uint64_t serial, struct workload *w)
{
	uint64_t sum;

	put(out, PALIER_LIT("sale.commit\",\"params\":{\"request\":"));
	put_name(out, w, serial);
	put(out, PALIER_LIT(",\"sale\":"));
	put_name(out, w, serial);
	put(out, PALIER_LIT(","));
	put_card(out, bench_draw(w, w->cards));
	sum = put_lines(out, w);
	put(out, PALIER_LIT(",\"payable\":"));
	put_uint(out, sum);
}

static void put_enroll(struct palier_buffer *out, uint64_t serial, struct workload *w)
{
	put(out, PALIER_LIT("member.enroll\",\"params\":{\"request\":"));
	put_name(out, w, serial);
	put(out, PALIER_LIT(","));
	put_card(out, w->enroll_from + serial);
	put(out, PALIER_LIT(",\"name\":\"Camille Martin\",\"email\":\"camille."));
	put_uint(out, w->enroll_from + serial);
	put(out, PALIER_LIT("@example.org\""));
}

static void request(struct palier_buffer *out, enum bench_kind kind, uint64_t serial, struct workload *w)
{
	put(out, PALIER_LIT("{\"jsonrpc\":\"2.0\",\"id\":"));
	put_uint(out, serial);
	put(out, PALIER_LIT(",\"method\":\""));
	switch (kind) {
	case KIND_LOOKUP:
		put(out, PALIER_LIT("card.lookup\",\"params\":{"));
		put_card(out, bench_draw(w, w->cards));
		break;
	case KIND_QUOTE:
		put(out, PALIER_LIT("sale.quote\",\"params\":{"));
		put_card(out, bench_draw(w, w->cards));
		put_lines(out, w);
		break;
	case KIND_SALE:
		put_sale(out, serial, w);
		break;
	case KIND_ENROLL:
		put_enroll(out, serial, w);
		break;
	case KIND_PING:
	case KIND_GET:
	case KINDS:
		put(out, PALIER_LIT("system.status\",\"params\":{"));
		break;
	}
	put(out, PALIER_LIT("}}\n"));
}

/* Why is this line not the result it should be? */
static struct palier_bytes explain(struct palier_bytes line, uint64_t serial)
{
	struct json_doc d = { .text = line, .capacity = (uint32_t)(line.len / 2 + 1) };
	struct palier_bytes reason = PALIER_LIT("not_json");
	uint32_t id, error, data, name;
	int64_t number;

	d.tokens = calloc(d.capacity, sizeof(*d.tokens));
	if (d.tokens && json_parse(&d, line, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT) {
		id = json_member(&d, 0, "id");
		error = json_member(&d, 0, "error");
		data = error && d.tokens[error].type == JSON_OBJECT ? json_member(&d, error, "data") : 0;
		name = data && d.tokens[data].type == JSON_OBJECT ? json_member(&d, data, "reason") : 0;
		if (!id || !json_integer(&d, id, &number) || number < 0 || (uint64_t)number != serial)
			reason = PALIER_LIT("wrong_id");
		else if (json_member(&d, 0, "result"))
			reason = palier_bytes_of(NULL, 0); /* only spaced in another way */
		else if (name && d.tokens[name].type == JSON_STRING)
			reason = palier_bytes_of(line.at + d.tokens[name].start, d.tokens[name].len);
		else
			reason = PALIER_LIT("no_result");
	}
	free(d.tokens);
	return reason;
}

/* A good reply is known by its first bytes; only another one is parsed. */
static enum verdict judge(struct palier_bytes in, uint64_t serial, struct reply *out)
{
	char storage[64];
	struct palier_buffer good = { storage, 0, sizeof(storage) };
	const char *end = in.len ? memchr(in.at, '\n', in.len) : NULL;
	struct palier_bytes line;

	if (!end)
		return VERDICT_MORE;
	line = palier_bytes_of(in.at, (size_t)(end - in.at));
	out->len = line.len + 1;
	put(&good, PALIER_LIT("{\"jsonrpc\":\"2.0\",\"id\":"));
	put_uint(&good, serial);
	put(&good, PALIER_LIT(",\"result\":{"));
	if (line.len > good.len && memcmp(line.at, good.at, good.len) == 0 && memcmp(end - 2, "}}", 2) == 0)
		return VERDICT_OK;
	out->reason = explain(line, serial);
	return out->reason.len ? VERDICT_ERROR : VERDICT_OK;
}

const struct target palier_target = {
	.name = "palier",
	.serves = serves,
	.prepare = prepare,
	.request = request,
	.judge = judge,
};
