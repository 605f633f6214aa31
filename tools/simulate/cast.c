/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/cast.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/simulate/shelf.h"

/* Figures of a small shop, to begin with: nobody's measurements. The baskets are in whole units of the shop's money. */
static const struct persona usual[] = {
	{ "occasional", 450, 80, 15, 500, 250, 50, 2, 30 },
	{ "regular", 300, 350, 18, 400, 400, 100, 6, 15 },
	{ "enthusiast", 100, 900, 14, 400, 600, 200, 15, 8 },
	{ "bargain hunter", 150, 180, 20, 500, 950, 40, 4, 35 },
};

#define USUAL_CUSTOMERS 200
#define USUAL_PROFILING 600
#define USUAL_MARGIN    300
#define USUAL_BROUGHT   500 /* half, unless the shop has measured it (Kumar, Petersen, Leone 2010 tell both kinds apart) */

static int64_t minor(int64_t whole, unsigned scale)
{
	for (; scale > 0; scale--)
		whole *= 10;
	return whole;
}

void cast_usual(struct cli *cli, const char *config, unsigned scale, struct cast *out)
{
	*out = (struct cast){ .usual = true,
		.customers = USUAL_CUSTOMERS,
		.profiling = USUAL_PROFILING,
		.margin = USUAL_MARGIN,
		.brought = USUAL_BROUGHT };
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		struct persona *p = &out->personas[out->persona_count++];

		*p = usual[i];
		p->basket = minor(p->basket, scale);
	}
	out->products[out->product_count++] = (struct product){ "other", NULL, 0, -1, 1, NULL };
	shelf_read(cli, config, scale, out);
}

/* --- looking things up --- */

const struct product *cast_product(const struct cast *c, const char *sku)
{
	for (size_t i = 0; i < c->product_count; i++)
		if (strcmp(c->products[i].sku, sku) == 0)
			return &c->products[i];
	return NULL;
}

const struct product *cast_on_rung(const struct cast *c, const char *rung)
{
	for (size_t i = 0; i < c->product_count; i++)
		if (c->products[i].rung && strcmp(c->products[i].rung, rung) == 0)
			return &c->products[i];
	return NULL;
}

int64_t cast_margin(const struct cast *c, const struct product *p, int64_t amount)
{
	if (p->margin < 0 || p->price <= 0)
		return palier_share(amount, c->margin, 1000);
	return (int64_t)((__int128)amount * p->margin / p->price);
}

/* --- a file --- */

static cfg_opt_t persona_options[] = {
	CFG_INT("share", 1, CFGF_NONE),
	CFG_STR("visits", "2", CFGF_NONE),
	CFG_STR("basket", "15", CFGF_NONE),
	CFG_STR("spread", "40", CFGF_NONE),
	CFG_STR("redeem", "40", CFGF_NONE),
	CFG_STR("accept", "10", CFGF_NONE),
	CFG_STR("refer", "1", CFGF_NONE),
	CFG_STR("churn", "2", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t product_options[] = {
	CFG_STR("category", NULL, CFGF_NODEFAULT),
	CFG_STR("price", "0", CFGF_NONE),
	CFG_STR("margin", NULL, CFGF_NODEFAULT),
	CFG_STR("chance", "10", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t file_options[] = {
	CFG_INT("customers", USUAL_CUSTOMERS, CFGF_NONE),
	CFG_STR("profiling", "60", CFGF_NONE),
	CFG_STR("margin", "30", CFGF_NONE),
	CFG_STR("brought", "50", CFGF_NONE),
	CFG_SEC("persona", persona_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("product", product_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

/* libConfuse has no room for who asks; one file is read at a time. */
static struct {
	struct cli *cli;
	const char *file;
	unsigned scale;
	bool bad;
} reading;

static void complain(cfg_t *cfg, const char *fmt, va_list args)
{
	char what[256];

	vsnprintf(what, sizeof(what), fmt, args);
	reading.bad = true;
	cli_fail(reading.cli, PALIER_ECONFIG, "%s:%d: %s", reading.file, cfg ? cfg->line : 0, what);
}

static int64_t figure_of(cfg_t *section, const char *option, unsigned decimals, int64_t least, int64_t most)
{
	const char *text = cfg_getstr(section, option);
	int64_t figure = least;

	if (!text || (decimal_parse(text, decimals, &figure) && figure >= least && figure <= most))
		return figure;
	reading.bad = true;
	cli_fail(reading.cli, PALIER_ECONFIG, "%s: %s %s: %s = \"%s\" is not a figure that it can be", reading.file,
		cfg_name(section), cfg_title(section) ? cfg_title(section) : "", option, text);
	return least;
}

/* Per cent, with one decimal. */
static int64_t share_of(cfg_t *section, const char *option)
{
	return figure_of(section, option, 1, 0, 1000);
}

static int64_t amount_of(cfg_t *section, const char *option, int64_t least)
{
	return figure_of(section, option, reading.scale, least, INT64_C(1000000000));
}

static const char *text_of(const char *text)
{
	return text ? palier_cstr(&reading.cli->arena, palier_str(text)) : NULL;
}

static const char *title_of(cfg_t *section)
{
	return palier_cstr(&reading.cli->arena, palier_str(cfg_title(section)));
}

static void personas_take(cfg_t *root, struct cast *out)
{
	size_t n = cfg_size(root, "persona");

	out->usual = false;
	out->persona_count = 0;
	for (unsigned i = 0; i < n && i < CAST_PERSONAS; i++) {
		cfg_t *s = cfg_getnsec(root, "persona", i);

		out->personas[out->persona_count++] = (struct persona){ title_of(s), cfg_getint(s, "share"),
			figure_of(s, "visits", 2, 0, 6000), amount_of(s, "basket", 1), share_of(s, "spread"),
			share_of(s, "redeem"), share_of(s, "accept"), share_of(s, "refer"), share_of(s, "churn") };
	}
}

static void products_take(cfg_t *root, struct cast *out)
{
	size_t n = cfg_size(root, "product");
	bool rest = false;

	out->product_count = 0;
	for (unsigned i = 0; i < n && i < CAST_PRODUCTS - 1; i++) {
		cfg_t *s = cfg_getnsec(root, "product", i);
		struct product *p = &out->products[out->product_count++];

		*p = (struct product){ title_of(s), text_of(cfg_getstr(s, "category")), amount_of(s, "price", 0),
			cfg_getstr(s, "margin") ? amount_of(s, "margin", 0) : -1, share_of(s, "chance"), NULL };
		rest = rest || p->price == 0;
	}
	if (!rest)
		out->products[out->product_count++] = (struct product){ "other", NULL, 0, -1, 1, NULL };
}

/* What the file sells keeps the place on the ladder that the configuration gave it. */
static void rungs_keep(const struct cast *before, struct cast *out)
{
	for (size_t i = 0; i < out->product_count; i++) {
		const struct product *same = cast_product(before, out->products[i].sku);

		if (same)
			out->products[i].rung = same->rung;
	}
	for (size_t i = 0; i < before->product_count && out->product_count < CAST_PRODUCTS; i++)
		if (before->products[i].rung && !cast_on_rung(out, before->products[i].rung)) {
			out->products[out->product_count] = before->products[i];
			out->products[out->product_count++].chance = 0; /* nobody asks for it unless it is suggested */
		}
}

static void file_take(cfg_t *root, struct cast *out)
{
	struct cast *before = palier_alloc(&reading.cli->arena, sizeof(*before));

	*before = *out;
	out->customers = cfg_getint(root, "customers");
	out->profiling = share_of(root, "profiling");
	out->margin = share_of(root, "margin");
	out->brought = share_of(root, "brought");
	if (cfg_size(root, "persona"))
		personas_take(root, out);
	if (cfg_size(root, "product")) {
		products_take(root, out);
		rungs_keep(before, out);
	}
}

static int64_t weight_of_all(const struct cast *c)
{
	int64_t all = 0;

	for (size_t i = 0; i < c->persona_count; i++) {
		if (c->personas[i].weight < 0 || c->personas[i].weight > 1000000)
			return -1;
		all += c->personas[i].weight;
	}
	return all;
}

int cast_read(struct cli *cli, const char *file, unsigned scale, struct cast *out)
{
	cfg_t *root = cfg_init(file_options, CFGF_NONE);
	int read;

	if (!root)
		abort();
	reading.cli = cli;
	reading.file = file;
	reading.scale = scale;
	reading.bad = false;
	cfg_set_error_function(root, complain);
	read = cfg_parse(root, file);
	if (read == CFG_FILE_ERROR) {
		reading.bad = true;
		cli_fail(cli, PALIER_ECONFIG, "%s: %s", file, strerror(errno));
	} else if (read == CFG_SUCCESS) {
		file_take(root, out);
	}
	cfg_free(root);
	if (!reading.bad && weight_of_all(out) <= 0)
		return cli_fail(cli, PALIER_ECONFIG, "%s: the personas' shares come to nothing", file);
	return reading.bad ? PALIER_ECONFIG : PALIER_OK;
}
