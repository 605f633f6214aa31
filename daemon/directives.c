/* SPDX-License-Identifier: Apache-2.0 */
/* Directives of the head office: read, checked, and carried out by what carries the same out for a till; what is a plugin's, the plugins do
 * (orders.c). All of one is one event.
 *
 * directive  number u32 -> SHA-256 of the document 32, received i64 ms, batch u32, offset u64: where its event lies */
#include "protocol/directive.h"

#include <stdio.h>

#include "daemon/orders.h"
#include "protocol/crypto_cms.h"

/* --- rows --- */

struct directive_row {
	struct palier_hash sha256;
	int64_t received_ms;
	uint32_t batch;
	uint64_t offset;
};

static struct palier_key number_key(uint32_t number)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, number, 4);
	return k;
}

static int row_get(const struct palier_tables *t, uint32_t number, struct directive_row *out)
{
	struct palier_key k = number_key(number);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_DIRECTIVE, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	memcpy(out->sha256.b, palier_cut_raw(&cut, SHA256_LEN).at, SHA256_LEN);
	out->received_ms = palier_cut_i64(&cut);
	out->batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->offset = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

CORE_APPLY(directive_applied_apply)
{
	const struct directive_applied *e = body;
	struct palier_key k = number_key((uint32_t)e->number);
	struct palier_value v = { .len = 0 };
	struct palier_hash sha256;
	int err;

	if (!palier_unhex(e->sha256, sha256.b, SHA256_LEN))
		return PALIER_EDAMAGED;
	palier_value_raw(&v, sha256.b, SHA256_LEN);
	palier_value_i64(&v, ev->received_ms);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	err = palier_put(t, T_DIRECTIVE, &k, palier_value_bytes(&v));
	return err == PALIER_OK ? core_counter_set(t, COUNTER_DIRECTIVE, e->number) : err;
}

/* The last one that was carried out. */
static int last_get(const struct palier_tables *t, struct directive_before *out)
{
	struct directive_row row;
	int err = PALIER_OK;

	*out = (struct directive_before){ .number = (uint32_t)core_counter(t, COUNTER_DIRECTIVE) };
	if (out->number)
		err = row_get(t, out->number, &row);
	if (out->number && err == PALIER_OK)
		out->sha256 = row.sha256;
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* --- decide: is it the office's, and the next? --- */

static struct palier_bytes hex_of(struct palier_ctx *c, const struct palier_hash *hash)
{
	char text[2 * SHA256_LEN + 1];

	palier_hex(hash->b, SHA256_LEN, text);
	return palier_copy(c->arena, palier_str(text));
}

static int signature_check(struct palier_ctx *c, const struct directive_apply *p, struct cms_signed *by)
{
	const struct cms_trust office = {
		.pinned = (const struct crypto_certificate *const *)c->config->office,
		.pinned_count = c->config->office_count,
	};
	uint8_t *der = palier_alloc(c->arena, p->signature.len);
	long n = palier_unbase64(p->signature, der);
	enum batch_fault fault;

	if (c->config->office_count == 0)
		return palier_refuse(c, PALIER_EFORBIDDEN, "signature",
			"no office is known here: say whose directives count, signing { office = \"office.pem\" }");
	if (n < 0)
		return palier_refuse(c, PALIER_EPARAMS, "signature", "base64url is expected, without padding");
	fault = crypto_cms_verify(p->directive, palier_bytes_of(der, (size_t)n), &office, by);
	return fault == BATCH_FINE
	               ? PALIER_OK
	               : palier_refuse(c, PALIER_EPARAMS, "signature",
				 "this is not the office's signature of the directive (%s)", batch_fault_word(fault));
}

static int document_read(struct palier_ctx *c, struct palier_bytes text, struct directive *out)
{
	struct palier_problem why;
	int err = directive_read(text, c->arena, out, &why);

	if (err != PALIER_OK)
		return palier_refuse(c, err, why.field[0] ? why.field : "directive", "%s", why.text);
	if (!palier_is(out->store, c->config->store.id))
		return palier_refuse(c, PALIER_EPARAMS, "directive", "this directive is for the store %.*s",
			PALIER_ARG(out->store));
	return PALIER_OK;
}

/* One that was carried out is answered again. Another of its number is a fork. */
static int before_check(struct palier_ctx *c, const struct directive *d, const struct palier_hash *sha256)
{
	struct palier_event *ev = palier_alloc(c->arena, sizeof(*ev));
	struct directive_row row;
	int err = row_get(core_tables(c), (uint32_t)d->directive, &row);

	if (err == PALIER_OK && memcmp(row.sha256.b, sha256->b, SHA256_LEN) != 0)
		return palier_refuse(c, PALIER_EREQUEST_CONFLICT, "directive",
			"directive %lld was carried out, and said something else", (long long)d->directive);
	if (err == PALIER_OK)
		err = ledger_event_at(c->ledger, row.batch, row.offset, c->arena, ev);
	c->booked = ev;
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

static int place_check(struct palier_ctx *c, const struct directive *d, const struct palier_hash *sha256)
{
	struct directive_before last;
	int err = last_get(core_tables(c), &last);

	if (err != PALIER_OK)
		return err;
	switch (directive_place(d, &last)) {
	case DIRECTIVE_BEFORE:
		return before_check(c, d, sha256);
	case DIRECTIVE_GAP:
		return palier_refuse(c, PALIER_EPARAMS, "directive", "directive %lu comes next, this is %lld",
			(unsigned long)last.number + 1, (long long)d->directive);
	case DIRECTIVE_FORK:
		return palier_refuse(c, PALIER_EREQUEST_CONFLICT, "directive",
			"it does not follow directive %lu as it was carried out here", (unsigned long)last.number);
	case DIRECTIVE_NEXT:
	default:
		return PALIER_OK;
	}
}

/* --- decide: carry it out --- */

static int applied_add(struct palier_ctx *c, const struct directive *d, const struct palier_hash *sha256,
	const struct cms_signed *by)
{
	struct directive_applied body = { .set = { 0, 0 } };

	PALIER_SET(&body, directive_applied, number, d->directive);
	PALIER_SET(&body, directive_applied, sha256, hex_of(c, sha256));
	PALIER_SET(&body, directive_applied, key_id, hex_of(c, &by->key_id));
	PALIER_SET(&body, directive_applied, issued, d->issued);
	PALIER_SET(&body, directive_applied, orders, d->orders.count);
	return palier_effect_add(c, "directive.applied", &body);
}

/* Say which order it was that could not be carried out. */
static void order_refused(struct palier_ctx *c, uint32_t i)
{
	char field[sizeof(c->problem.field)];

	snprintf(field, sizeof(field), "orders[%u]%s%.64s", i, c->problem.field[0] ? "." : "", c->problem.field);
	memcpy(c->problem.field, field, sizeof(field));
}

static int orders_do(struct palier_ctx *c, const struct directive *d)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < d->orders.count && err == PALIER_OK; i++) {
		err = order_do(c, &d->orders.at[i]);
		if (err != PALIER_OK && c->problem.err != PALIER_OK)
			order_refused(c, i);
	}
	return err;
}

CORE_DECIDE(directive_apply_decide)
{
	const struct directive_apply *p = params;
	struct palier_hash sha256;
	struct cms_signed by;
	struct directive d;
	int err = signature_check(c, p, &by);

	if (err == PALIER_OK)
		err = document_read(c, p->directive, &d);
	if (err != PALIER_OK)
		return err;
	crypto_sha256(p->directive, &sha256);
	err = place_check(c, &d, &sha256);
	if (err != PALIER_OK || c->booked)
		return err;
	err = applied_add(c, &d, &sha256, &by);
	return err == PALIER_OK ? orders_do(c, &d) : err;
}

CORE_REPLY(directive_apply_reply)
{
	const struct directive_applied *e = effect_find(ev, "directive.applied", NULL);

	(void)c;
	if (!e)
		return PALIER_EDAMAGED;
	palier_json_key(w, "directive");
	palier_json_int(w, e->number);
	palier_json_key(w, "sha256");
	palier_json_string(w, e->sha256);
	palier_json_key(w, "orders");
	palier_json_int(w, e->orders);
	return PALIER_OK;
}

CORE_ANSWER(directive_status_answer)
{
	uint32_t number = (uint32_t)core_counter(core_tables(c), COUNTER_DIRECTIVE);
	struct directive_row row;
	int err = number ? row_get(core_tables(c), number, &row) : PALIER_OK;

	(void)params;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	palier_json_object(w);
	palier_json_key(w, "directive");
	palier_json_int(w, number);
	if (number) {
		palier_json_key(w, "sha256");
		palier_json_string(w, hex_of(c, &row.sha256));
		palier_json_key(w, "at");
		palier_json_time(w, row.received_ms);
	}
	palier_json_end_object(w);
	return PALIER_OK;
}
