/* SPDX-License-Identifier: Apache-2.0 */
/* palier sale import: what was sold before. Lines of a receipt that follow each other are one sale; one whose amounts are all negative is what came
 * back of another, whose lines are asked for first, for a return names them by their place. */
#include <stdlib.h>
#include <time.h>

#include "protocol/datetime.h"
#include "tools/import_who.h"

enum {
	RECEIPT = WHO_FIELDS,
	AT,
	TIME,
	SKU,
	LABEL,
	CATEGORY,
	QUANTITY,
	AMOUNT,
	PRICE,
	DISCOUNT,
	RETURN_OF,
	CONSENT_EMAIL,
	CONSENT_SMS,
	CONSENT_PROFILING,
};

static const struct import_column columns[] = {
	WHO_COLUMNS,
	[RECEIPT] = { "receipt", "ticket invoice invoice_no invoiceno invoice_id order order_no order_id transaction "
				 "transaction_id basket basket_id sale sale_id" },
	[AT] = { "at", "date datetime timestamp day invoicedate invoice_date order_date sale_date transaction_date" },
	[TIME] = { "time", "hour" },
	[SKU] = { "sku", "ean article article_no item item_id product_id product_code stockcode stock_code" },
	[LABEL] = { "label", "description product product_name item_name name" },
	[CATEGORY] = { "category", "product_category product_line department family" },
	[QUANTITY] = { "quantity", "qty units pieces" },
	[AMOUNT] = { "amount", "total line_total sales sales_value revenue" },
	[PRICE] = { "price", "unit_price unitprice" },
	[DISCOUNT] = { "discount", "discount_amount" },
	[RETURN_OF] = { "return_of", "original_receipt original_invoice" },
	[CONSENT_EMAIL] = { "consent_email", NULL },
	[CONSENT_SMS] = { "consent_sms", NULL },
	[CONSENT_PROFILING] = { "consent_profiling", NULL },
	{ NULL, NULL },
};

#define WHOLE     1000 /* quantities have three decimals */
#define LINES_MAX 1000 /* of a sale */
#define TRIES     4    /* the sale that comes back may stand just before, and be under way */

struct job {
	struct import_columns columns;
	enum import_dates dates;
	unsigned scale; /* known once connected */
	bool enrols, dry;
	int64_t now_ms;
};

struct back {
	char sku[64 + 1];
	int64_t amount;
	uint32_t line;
};

struct receipt {
	struct who who;
	char *key;  /* what its lines have in common */
	char *sold; /* number of the sale that comes back; NULL: it is a sale itself */
	int64_t at_ms, payable;
	unsigned count; /* of lines */
	bool begun, comes_back, sent, ready;
	unsigned asked;
	char request[IMPORT_REQUEST_MAX + 1], number[64 + 1];
	struct palier_buffer lines, backs; /* of JSON; of struct back */
};

/* --- the header --- */

static bool is_there(const struct job *job, int field)
{
	return job->columns.cells[field] != IMPORT_NO_FIELD;
}

static int header_read(struct cli *cli, void *own, const struct csv_record *r)
{
	struct job *job = own;
	int err =
		r ? import_columns_read(cli, columns, r, &job->columns) : import_columns_named(cli, columns, &job->columns);

	if (err != PALIER_OK)
		return err;
	if (!is_there(job, AT))
		return cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns, of which one must be at (or date)");
	if (!is_there(job, AMOUNT) && !is_there(job, PRICE))
		return cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns, of which one must be amount or price");
	return PALIER_OK;
}

static int check(struct cli *cli, void *own)
{
	struct job *job = own;

	job->scale = cli->scale;
	return PALIER_OK;
}

/* --- a line --- */

/* What is read of a line. */
struct line {
	int64_t amount, quantity; /* of thousandths */
	struct palier_bytes sku, label, category;
};

static bool refuse(struct import_refusal *why, const char *field, const char *message)
{
	return import_refuse(why, PALIER_EPARAMS, field, message);
}

static struct palier_bytes cut(struct palier_bytes text, size_t most)
{
	if (text.len > most)
		text.len = most;
	while (text.len && text.len == most && ((unsigned char)text.at[text.len - 1] & 0xC0) == 0x80)
		text.len--; /* in the middle of a character */
	return text;
}

static bool product(int64_t price, int64_t quantity, int64_t *out)
{
	int64_t whole;

	if (__builtin_mul_overflow(price, quantity, &whole) || whole > PALIER_FIGURE_MAX || whole < -PALIER_FIGURE_MAX)
		return false;
	*out = import_round(whole, 3);
	return true;
}

static bool read_amount(const struct job *job, const struct csv_record *r, struct palier_arena *a, struct line *l,
	struct import_refusal *why)
{
	struct palier_bytes quantity = import_cell(&job->columns, r, QUANTITY),
			    amount = import_cell(&job->columns, r, AMOUNT),
			    discount = import_cell(&job->columns, r, DISCOUNT);
	int64_t price, off = 0;

	l->quantity = WHOLE;
	if (quantity.len && (!import_decimal(a, quantity, 3, &l->quantity) || l->quantity == 0))
		return refuse(why, "quantity", "a quantity is a number, at most three decimals, and not 0");
	if (amount.len && !import_decimal(a, amount, job->scale, &l->amount))
		return refuse(why, "amount", "an amount is a number, as 12.50");
	if (!amount.len && (!import_decimal(a, import_cell(&job->columns, r, PRICE), job->scale, &price) ||
				   !product(price, l->quantity, &l->amount)))
		return refuse(why, is_there(job, AMOUNT) ? "amount" : "price",
			"an amount, or a price, is a number, as 12.50");
	if (discount.len && !import_decimal(a, discount, job->scale, &off))
		return refuse(why, "discount", "a discount is an amount, as 1.50");
	l->amount -= off;
	return true;
}

static void read_product(const struct job *job, const struct csv_record *r, struct line *l)
{
	l->sku = cut(import_cell(&job->columns, r, SKU), 64);
	l->label = cut(import_cell(&job->columns, r, LABEL), 128);
	l->category = cut(import_cell(&job->columns, r, CATEGORY), 64);
	if (!l->sku.len)
		l->sku = l->label.len ? cut(l->label, 64) : l->category.len ? l->category : PALIER_LIT("unknown");
}

static void write_text(struct palier_json *w, const char *key, struct palier_bytes text)
{
	if (!text.len)
		return;
	palier_json_key(w, key);
	palier_json_string(w, text);
}

static void add_line(struct receipt *s, const struct line *l)
{
	struct palier_json w = palier_json_to(&s->lines);

	if (s->count)
		palier_buffer_add(&s->lines, ",", 1);
	palier_json_object(&w);
	write_text(&w, "sku", l->sku);
	write_text(&w, "label", l->label);
	write_text(&w, "category", l->category);
	if (l->quantity > 0 && l->quantity != WHOLE) {
		palier_json_key(&w, "quantity");
		palier_json_scaled(&w, l->quantity, 3);
	}
	palier_json_key(&w, "amount");
	palier_json_int(&w, l->amount);
	palier_json_end_object(&w);
}

static void add_back(struct receipt *s, const struct line *l)
{
	struct back back = { .amount = -l->amount };

	snprintf(back.sku, sizeof(back.sku), "%.*s", PALIER_ARG(l->sku));
	palier_buffer_add(&s->backs, &back, sizeof(back));
}

static bool add(struct receipt *s, const struct line *l, struct import_refusal *why)
{
	if (l->amount == 0 && l->quantity < 0)
		return refuse(why, "quantity", "nothing was paid for what comes back here");
	if (s->count == 0)
		s->comes_back = l->amount < 0;
	if (s->comes_back != (l->amount < 0))
		return refuse(why, "amount",
			"what is sold and what comes back stand on receipts of their own; take a discount off its lines");
	if (s->sold && !s->comes_back)
		return refuse(why, "amount", "the amounts of what comes back are negative");
	if (s->comes_back && !s->sold)
		return refuse(why, "return_of", "what comes back names in return_of the receipt that sold it");
	if (s->count == LINES_MAX || !palier_add_i64(&s->payable, l->amount))
		return refuse(why, "receipt", "this is too much for one receipt");
	add_line(s, l);
	if (s->comes_back)
		add_back(s, l);
	s->count++;
	return true;
}

/* --- a receipt --- */

/* Its number, or where there is none who bought, and when. */
static const char *key_of(const struct job *job, const struct csv_record *r, struct palier_arena *a)
{
	struct palier_bytes number = import_cell(&job->columns, r, RECEIPT);

	if (number.len)
		return palier_format(a, "n%.*s", PALIER_ARG(number));
	return palier_format(a, "w%.*s\n%.*s\n%.*s", PALIER_ARG(who_cell(&job->columns, r)),
		PALIER_ARG(import_cell(&job->columns, r, AT)), PALIER_ARG(import_cell(&job->columns, r, TIME)));
}

static bool receipt_joins(void *own, const void *item, const struct csv_record *r)
{
	const struct job *job = own;
	const struct receipt *s = item;
	struct palier_arena a = { 0 };
	bool same = s->key && r->count == job->columns.count && strcmp(key_of(job, r, &a), s->key) == 0;

	palier_arena_deinit(&a);
	return same;
}

static bool read_time(const struct job *job, const struct csv_record *r, struct palier_arena *a, int64_t *out,
	struct import_refusal *why)
{
	struct palier_bytes at = import_cell(&job->columns, r, AT), time = import_cell(&job->columns, r, TIME);

	if (time.len)
		at = palier_str(palier_format(a, "%.*s %.*s", PALIER_ARG(at), PALIER_ARG(time)));
	if (!import_time(at, job->dates, out))
		return refuse(why, "at",
			"a time is as 2026-11-21T09:03:11Z, 2026-11-21 09:03, or 21/11/2026; of 11/21/2026 say --dates mdy");
	return *out <= job->now_ms || refuse(why, "at", "this has not happened yet");
}

/* Its first line says whose it is, and when. */
static bool begin(const struct job *job, struct receipt *s, const struct csv_record *r, struct palier_arena *a,
	struct import_refusal *why)
{
	struct palier_bytes number = import_cell(&job->columns, r, RECEIPT), sold = import_cell(&job->columns, r, RETURN_OF);
	struct who_enrolment how = { .training = job->dry, .consents = CONSENT_EMAIL };

	s->begun = true;
	s->key = palier_dup(palier_str(key_of(job, r, a)));
	if (number.len >= sizeof(s->number))
		return refuse(why, "receipt", "a receipt's number has at most 64 characters");
	snprintf(s->number, sizeof(s->number), "%.*s", PALIER_ARG(number));
	if (sold.len)
		s->sold = palier_dup(sold);
	if (!read_time(job, r, a, &s->at_ms, why))
		return false;
	how.at_ms = s->at_ms;
	return sold.len || who_read(&s->who, &job->columns, r, true, job->enrols ? &how : NULL, a, why);
}

static bool receipt_read(struct cli *cli, void *own, void *item, const struct csv_record *r, struct palier_arena *a,
	struct import_refusal *why)
{
	const struct job *job = own;
	struct receipt *s = item;
	struct line line = { .amount = 0 };

	(void)cli;
	if (r->count != job->columns.count)
		return import_refuse(why, PALIER_EPARSE, "", "not as many cells as line 1 names columns");
	if (!s->begun && !begin(job, s, r, a, why))
		return false;
	read_product(job, r, &line);
	return read_amount(job, r, a, &line, why) && add(s, &line, why);
}

/* --- calls --- */

/* The same receipt with the same lines is the same command; without a number it is named by that. */
static void draw_request(struct receipt *s, struct palier_arena *a)
{
	char at[32];

	time_format(s->at_ms, at);
	import_request(palier_str(palier_format(a, "%s\n%s\n%s\n%s\n%.*s", s->key, s->who.name, at, s->sold ? s->sold : "",
			       PALIER_ARG(palier_buffer_bytes(&s->lines)))),
		s->request);
	if (!s->number[0])
		snprintf(s->number, sizeof(s->number), "%s", s->request);
	s->ready = true;
}

static void write_command(const struct job *job, const struct receipt *s, struct palier_json *w)
{
	palier_json_key(w, "request");
	palier_json_str(w, s->request);
	palier_json_key(w, "offline");
	palier_json_bool(w, true);
	palier_json_key(w, "at");
	palier_json_time(w, s->at_ms);
	palier_json_key(w, "training");
	palier_json_bool(w, job->dry);
}

/* What was paid is a fact: today's offers have no part in it. */
static const char *commit(const struct job *job, const struct receipt *s, struct palier_arena *a)
{
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);
	const char *params;

	palier_json_object(&w);
	write_command(job, s, &w);
	palier_json_key(&w, "sale");
	palier_json_str(&w, s->number);
	palier_json_key(&w, "auto");
	palier_json_bool(&w, false);
	palier_json_key(&w, "payable");
	palier_json_int(&w, s->payable);
	palier_json_key(&w, "lines");
	palier_json_raw(&w, palier_str(palier_format(a, "[%.*s]", PALIER_ARG(palier_buffer_bytes(&s->lines)))));
	palier_json_end_object(&w);
	palier_buffer_add(&b, "", 1);
	params = who_params(&s->who, b.at, a);
	palier_buffer_deinit(&b);
	return params;
}

static const char *give_back(const struct job *job, const struct receipt *s, struct palier_arena *a)
{
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);
	const char *params;

	palier_json_object(&w);
	write_command(job, s, &w);
	palier_json_key(&w, "return");
	palier_json_str(&w, s->number);
	palier_json_key(&w, "sale");
	palier_json_str(&w, s->sold);
	palier_json_key(&w, "lines");
	palier_json_array(&w);
	for (size_t at = 0; at < s->backs.len; at += sizeof(struct back)) {
		struct back back;

		memcpy(&back, s->backs.at + at, sizeof(back));
		palier_json_object(&w);
		palier_json_key(&w, "line");
		palier_json_int(&w, back.line);
		palier_json_key(&w, "amount");
		palier_json_int(&w, back.amount);
		palier_json_end_object(&w);
	}
	palier_json_end_array(&w);
	palier_json_end_object(&w);
	params = palier_cstr(a, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return params;
}

static const char *ask_sale(const struct receipt *s, struct palier_arena *a)
{
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);
	const char *params;

	palier_json_object(&w);
	palier_json_key(&w, "sale");
	palier_json_str(&w, s->sold);
	palier_json_end_object(&w);
	params = palier_cstr(a, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return params;
}

static bool receipt_next(void *own, void *item, struct palier_arena *a, struct import_call *out)
{
	const struct job *job = own;
	struct receipt *s = item;

	if (who_next(&s->who, out))
		return true;
	if (s->sent)
		return false;
	if (s->comes_back && !s->ready) {
		s->asked++;
		*out = (struct import_call){ "sale.show", ask_sale(s, a) };
		return true;
	}
	if (!s->ready)
		draw_request(s, a);
	s->sent = true;
	if (s->comes_back)
		*out = (struct import_call){ "sale.return", give_back(job, s, a) };
	else
		*out = (struct import_call){ "sale.commit", commit(job, s, a) };
	return true;
}

/* The lines of the sale that these are: each one that was not taken, by its product. */
static bool find_lines(struct receipt *s, const struct palier_reply *reply, struct import_refusal *why)
{
	const struct json_doc *d = &reply->doc;
	uint32_t lines = json_member(d, reply->result, "lines");
	bool taken[LINES_MAX] = { false };

	for (size_t at = 0; at < s->backs.len; at += sizeof(struct back)) {
		struct back back;
		uint32_t n = lines ? d->tokens[lines].count : 0, token = lines + 1;

		memcpy(&back, s->backs.at + at, sizeof(back));
		for (back.line = 0; back.line < n && back.line < LINES_MAX; back.line++, token += d->tokens[token].span)
			if (!taken[back.line] && palier_is(import_reply_text(reply, token, "sku"), back.sku))
				break;
		if (back.line >= n || back.line >= LINES_MAX)
			return refuse(why, "sku", "the receipt that is named in return_of sold no such product");
		taken[back.line] = true;
		memcpy(s->backs.at + at, &back, sizeof(back));
	}
	return true;
}

static enum import_state shown(struct receipt *s, const struct palier_reply *reply, struct import_refusal *why)
{
	struct palier_arena a = { 0 };

	if (reply->error == PALIER_ESALE_UNKNOWN && s->asked < TRIES)
		return IMPORT_BOOKED;
	if (reply->error != PALIER_OK || !find_lines(s, reply, why))
		return IMPORT_REFUSED;
	draw_request(s, &a);
	palier_arena_deinit(&a);
	return IMPORT_BOOKED;
}

static enum import_state receipt_answered(void *own, void *item, const struct palier_reply *reply,
	struct import_refusal *why)
{
	struct receipt *s = item;

	(void)own;
	if (!s->sent && s->comes_back)
		return shown(s, reply, why);
	if (!s->sent)
		return who_answered(&s->who, reply) ? IMPORT_BOOKED : IMPORT_REFUSED;
	if (reply->error != PALIER_OK)
		return IMPORT_REFUSED;
	return import_replayed(reply) ? IMPORT_KNOWN : IMPORT_BOOKED;
}

static void receipt_drop(void *item)
{
	struct receipt *s = item;

	who_drop(&s->who);
	free(s->key);
	free(s->sold);
	palier_buffer_deinit(&s->lines);
	palier_buffer_deinit(&s->backs);
}

/* --- the verb --- */

static const struct import_columns *receipt_columns(const void *own)
{
	return &((const struct job *)own)->columns;
}

static const struct import_kind kind = {
	.booked = "booked",
	.item_size = sizeof(struct receipt),
	.header = header_read,
	.check = check,
	.columns = receipt_columns,
	.joins = receipt_joins,
	.read = receipt_read,
	.next = receipt_next,
	.answered = receipt_answered,
	.drop = receipt_drop,
};

const struct cli_option import_sale_options[] = {
	{ "enroll", NULL, "enrol customers who are not known, instead of refusing their sales" },
	IMPORT_COLUMN_OPTIONS,
	CLI_END_OPTIONS,
};

int import_sales(struct cli *cli)
{
	struct job job = { .enrols = cli_has(cli, "enroll"),
		.dry = cli_has(cli, "dry-run"),
		.now_ms = (int64_t)time(NULL) * 1000 };
	int err = import_dates_given(cli, &job.dates);

	return err == PALIER_OK ? import_run(cli, &kind, &job) : err;
}
