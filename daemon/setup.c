/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of options, shared by core and plugins, each with a sentence for whoever wrote something else. */
#include "daemon/setup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void say_at(struct palier_setup *s, unsigned line, const char *fmt, va_list ap)
{
	const char *file = line >> LINE_BITS ? s->included[(line >> LINE_BITS) - 1] : s->file;
	char what[1024], error[1024 + 4096];

	vsnprintf(what, sizeof(what), fmt, ap);
	if (LINE_OF(line) > 0)
		snprintf(error, sizeof(error), "%.4000s:%u: %s", file, LINE_OF(line), what);
	else
		snprintf(error, sizeof(error), "%.4000s: %s", file, what);
	s->errors++;
	s->say(error);
}

void setup_error(struct palier_setup *s, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_at(s, line, fmt, ap);
	va_end(ap);
}

void palier_setup_error(struct palier_setup *s, cfg_t *section, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_at(s, section ? (unsigned)section->line : 0, fmt, ap);
	va_end(ap);
}

/* libConfuse keeps no line of an option; its annotation, which nothing else uses here, does. */
unsigned setup_note_line(cfg_opt_t *option, unsigned line)
{
	const char *before = cfg_opt_getcomment(option);
	unsigned noted = before ? (unsigned)strtoul(before, NULL, 10) : 0;
	char text[16];

	snprintf(text, sizeof(text), "%u", line);
	cfg_opt_setcomment(option, text);
	return noted;
}

unsigned setup_option_line(cfg_t *section, const char *option)
{
	const char *noted = cfg_getcomment(section, option);

	return noted ? (unsigned)strtoul(noted, NULL, 10) : (unsigned)section->line;
}

void setup_option_error(struct palier_setup *s, cfg_t *section, const char *option, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_at(s, setup_option_line(section, option), fmt, ap);
	va_end(ap);
}

void *palier_setup_alloc(struct palier_setup *s, size_t size)
{
	return palier_alloc(&s->config->arena, size);
}

char *palier_setup_string(struct palier_setup *s, const char *text)
{
	return palier_cstr(&s->config->arena, palier_str(text));
}

struct setup_name {
	const char *sort, *name;
	int what;
	struct setup_name *next;
};

void palier_setup_name(struct palier_setup *s, const char *sort, const char *name, int what)
{
	struct setup_name *n = palier_setup_alloc(s, sizeof(*n));

	*n = (struct setup_name){ sort, palier_setup_string(s, name), what, s->names };
	s->names = n;
}

bool palier_setup_named(const struct palier_setup *s, const char *sort, const char *name, int *what)
{
	for (const struct setup_name *n = s->names; n; n = n->next)
		if (strcmp(n->sort, sort) == 0 && strcmp(n->name, name) == 0) {
			*what = n->what;
			return true;
		}
	return false;
}

struct setup_coupon {
	const char *code;
	const struct palier_benefit *benefit;
	struct setup_coupon *next;
};

void palier_setup_coupon(struct palier_setup *s, const char *code, const struct palier_benefit *b)
{
	struct setup_coupon *k = palier_setup_alloc(s, sizeof(*k));

	*k = (struct setup_coupon){ palier_setup_string(s, code), b, s->coupons };
	s->coupons = k;
}

bool palier_setup_coupon_off(const struct palier_setup *s, const char *code, int64_t price, int64_t *off)
{
	int64_t left = price;
	bool found = false;

	for (const struct setup_coupon *k = s->coupons; k; k = k->next)
		if (strcmp(k->code, code) == 0) {
			left -= palier_benefit_off(k->benefit, left);
			found = true;
		}
	if (found)
		*off = price - left;
	return found;
}

struct setup_price {
	const char *reward, *unit;
	int64_t cost;
	struct setup_price *next;
};

void palier_setup_price(struct palier_setup *s, const char *reward, const char *unit, int64_t cost)
{
	struct setup_price *p = palier_setup_alloc(s, sizeof(*p));

	*p = (struct setup_price){ palier_setup_string(s, reward), palier_setup_string(s, unit), cost, s->prices };
	s->prices = p;
}

bool palier_setup_priced(const struct palier_setup *s, const char *reward, const char **unit, int64_t *cost)
{
	for (const struct setup_price *p = s->prices; p; p = p->next)
		if (strcmp(p->reward, reward) == 0) {
			*unit = p->unit;
			*cost = p->cost;
			return true;
		}
	return false;
}

bool palier_setup_figure(struct palier_setup *s, cfg_t *section, const char *option, int64_t least, int64_t most,
	int64_t *out)
{
	int64_t figure = cfg_getint(section, option);

	if (figure < least || figure > most) {
		setup_option_error(s, section, option,
			"%s = %" PRId64 ": expected a whole number from %" PRId64 " to %" PRId64, option, figure, least,
			most);
		return false;
	}
	*out = figure;
	return true;
}

const char *setup_string(struct palier_setup *s, cfg_t *section, const char *option, const char *example)
{
	const char *text = cfg_getstr(section, option);

	if (text && *text)
		return palier_setup_string(s, text);
	setup_option_error(s, section, option, "%s is missing; for example %s = \"%s\"", option, option, example);
	return NULL;
}

bool palier_setup_decimal(struct palier_setup *s, cfg_t *section, const char *option, unsigned scale, int64_t *out)
{
	const char *text = cfg_getstr(section, option);

	if (!text || decimal_parse(text, scale, out))
		return true;
	setup_option_error(s, section, option, "%s = \"%s\": expected a number with at most %u decimals, such as \"%s\"",
		option, text, scale, scale == 0 ? "2" : "1.5");
	return false;
}

bool palier_setup_amount(struct palier_setup *s, cfg_t *section, const char *option, int64_t *out)
{
	static const char *const examples[] = { "5", "5.0", "5.00", "5.000", "5.0000" };
	unsigned decimals = s->config->store.currency_decimals;
	const char *text = cfg_getstr(section, option);

	if (!text || decimal_parse(text, decimals, out))
		return true;
	setup_option_error(s, section, option, "%s = \"%s\": expected an amount in %s, such as \"%s\"", option, text,
		s->config->store.currency, examples[decimals]);
	return false;
}

bool palier_setup_span(struct palier_setup *s, cfg_t *section, const char *option, struct span *out)
{
	const char *text = cfg_getstr(section, option);

	if (!text || span_parse(text, out))
		return true;
	setup_option_error(s, section, option,
		"%s = \"%s\": expected a span, such as \"30 days\", \"12 months\", \"end of month\", \"end of year\" or "
		"never",
		option, text);
	return false;
}

/* "a, b or c" */
static const char *list_choices(struct palier_setup *s, const char *const *names)
{
	const char *text = "";

	for (size_t i = 0; names[i]; i++)
		text = palier_format(&s->config->arena, "%s%s%s", text,
			i == 0         ? ""
			: names[i + 1] ? ", "
				       : " or ",
			names[i]);
	return text;
}

bool palier_setup_choice(struct palier_setup *s, cfg_t *section, const char *option, const char *const *names, int *out)
{
	const char *text = cfg_getstr(section, option);

	if (!text)
		return true;
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return true;
		}
	setup_option_error(s, section, option, "%s = \"%s\": expected %s", option, text, list_choices(s, names));
	return false;
}
