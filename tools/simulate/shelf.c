/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/shelf.h"

#include <confuse.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/datetime.h"

#define FILE_MOST (4 << 20)

/* --- finding a section --- */

/* Behind a comment or a quoted text that begins here; `at` itself where neither does. */
static const char *skip(const char *at, const char *end)
{
	if (*at == '#' || (end - at > 1 && at[0] == '/' && at[1] == '/')) {
		while (at < end && *at != '\n')
			at++;
	} else if (end - at > 1 && at[0] == '/' && at[1] == '*') {
		const char *close = memmem(at + 2, (size_t)(end - at) - 2, "*/", 2);

		at = close ? close + 2 : end;
	} else if (*at == '"' || *at == '\'') {
		char quote = *at++;

		while (at < end && *at != quote)
			at += *at == '\\' && at + 1 < end ? 2 : 1;
		at += at < end;
	}
	return at;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* A word outside all braces. @return NULL: it is not there */
static const char *word_find(struct palier_bytes text, const char *name)
{
	const char *at = text.at, *end = text.at + text.len;
	int depth = 0;

	while (at < end) {
		const char *behind = skip(at, end), *word = at;

		if (behind > at) {
			at = behind;
		} else if (is_name(*at)) {
			while (at < end && is_name(*at))
				at++;
			if (depth == 0 && palier_is(palier_bytes_of(word, (size_t)(at - word)), name))
				return word;
		} else {
			depth += (*at == '{') - (*at == '}');
			at++;
		}
	}
	return NULL;
}

/* Behind the brace that ends what is in braces from here on. @return NULL: nothing does */
static const char *braces_end(const char *at, const char *end)
{
	int depth = 0;

	while (at < end) {
		const char *behind = skip(at, end);

		if (behind > at) {
			at = behind;
			continue;
		}
		depth += (*at == '{') - (*at == '}');
		if (*at++ == '}' && depth <= 0)
			return at;
	}
	return NULL;
}

bool shelf_section(struct palier_bytes text, const char *name, struct palier_bytes *out)
{
	const char *begin = word_find(text, name), *end = begin ? braces_end(begin, text.at + text.len) : NULL;

	if (end)
		*out = palier_bytes_of(begin, (size_t)(end - begin));
	return end != NULL;
}

/* --- a file, with what it includes --- */

static cfg_opt_t include_options[] = { CFG_STR_LIST("include", NULL, CFGF_NODEFAULT), CFG_END() };

static void say_nothing(cfg_t *cfg, const char *fmt, va_list args)
{
	(void)cfg;
	(void)fmt;
	(void)args;
}

static bool file_add(const char *path, struct palier_buffer *out)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	palier_buffer_reserve(out, FILE_MOST);
	out->len += fread(out->at + out->len, 1, FILE_MOST, f);
	fclose(f);
	palier_buffer_add(out, "\n", 1);
	return true;
}

/* The option's own text, with the list in braces or the one file that it names. */
static bool include_find(struct palier_bytes text, struct palier_bytes *out)
{
	const char *begin = word_find(text, "include"), *at = begin, *end = text.at + text.len;

	while (at && at < end && *at != '"' && *at != '{')
		at++;
	if (at && at < end)
		at = *at == '{' ? braces_end(at, end) : skip(at, end);
	if (at)
		*out = palier_bytes_of(begin, (size_t)(at - begin));
	return at != NULL;
}

/* Beside the configuration, unless it says where. */
static void included_add(const char *config, const char *path, struct palier_buffer *out)
{
	const char *slash = strrchr(config, '/');
	struct palier_buffer beside = { .at = NULL };

	if (path[0] != '/' && slash)
		palier_buffer_add(&beside, config, (size_t)(slash - config) + 1);
	palier_buffer_add(&beside, path, strlen(path) + 1);
	(void)file_add(beside.at, out); /* palierd would have said so */
	palier_buffer_deinit(&beside);
}

static void includes_add(const char *config, struct palier_bytes option, struct palier_buffer *out)
{
	cfg_t *root = cfg_init(include_options, CFGF_NONE);
	char *alone = palier_dup(option);

	if (!root)
		abort();
	cfg_set_error_function(root, say_nothing);
	if (cfg_parse_buf(root, alone) == CFG_SUCCESS)
		for (unsigned i = 0; i < cfg_size(root, "include"); i++)
			included_add(config, cfg_getnstr(root, "include", i), out);
	free(alone);
	cfg_free(root);
}

char *shelf_text(const char *path)
{
	struct palier_buffer text = { .at = NULL };
	struct palier_bytes option;

	if (!file_add(path, &text))
		return NULL;
	if (include_find(palier_buffer_bytes(&text), &option))
		includes_add(path, option, &text);
	palier_buffer_add(&text, "", 1);
	return text.at;
}

/* --- what is looked for; the rest of those sections is passed over --- */

static cfg_opt_t nothing[] = { CFG_END() };

static cfg_opt_t picks[] = {
	CFG_STR_LIST("skus", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("sku", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("category", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t row[] = {
	CFG_STR_LIST("skus", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("category", NULL, CFGF_NODEFAULT),
	CFG_STR("price", NULL, CFGF_NODEFAULT),
	CFG_STR("margin", NULL, CFGF_NODEFAULT),
	CFG_STR("spend", NULL, CFGF_NODEFAULT),
	CFG_STR("kind", "points", CFGF_NONE),
	CFG_INT("cost", 1, CFGF_NONE),
	CFG_INT("min-points", 0, CFGF_NONE),
	CFG_SEC("when", picks, CFGF_NONE),
	CFG_SEC("with", picks, CFGF_NONE),
	CFG_SEC("max", nothing, CFGF_NONE),
	CFG_SEC("label", nothing, CFGF_NONE),
	CFG_SEC("pitch", nothing, CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t rungs[] = { CFG_SEC("rung", row, CFGF_MULTI | CFGF_TITLE), CFG_END() };

static cfg_opt_t ladder[] = {
	CFG_SEC("ladder", rungs, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("complement", row, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("threshold", row, CFGF_MULTI | CFGF_TITLE),
	/* Not looked at; but of sections with a title that it does not know libConfuse passes over the first in a line alone. */
	CFG_SEC("category", nothing, CFGF_MULTI | CFGF_TITLE),
	CFG_END(),
};

static cfg_opt_t rewards[] = { CFG_SEC("reward", row, CFGF_MULTI | CFGF_TITLE), CFG_END() };

static cfg_opt_t points[] = {
	CFG_SEC("unit", row, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("earn", row, CFGF_MULTI | CFGF_TITLE),
	CFG_END(),
};

static cfg_opt_t root_options[] = {
	CFG_SEC("ladder", ladder, CFGF_NONE),
	CFG_SEC("points", points, CFGF_NONE),
	CFG_SEC("rewards", rewards, CFGF_NONE),
	CFG_END(),
};

/* --- taking it --- */

struct shelf {
	struct cli *cli;
	struct cast *cast;
	unsigned scale;
};

static const char *kept(const struct shelf *s, const char *text)
{
	return text ? palier_cstr(&s->cli->arena, palier_str(text)) : NULL;
}

static const char *first(cfg_t *section, const char *list)
{
	return cfg_size(section, list) > 0 ? cfg_getnstr(section, list, 0) : NULL;
}

static int64_t amount(const struct shelf *s, cfg_t *section, const char *option, int64_t otherwise)
{
	const char *text = cfg_getstr(section, option);
	int64_t figure = otherwise;

	return text && decimal_parse(text, s->scale, &figure) ? figure : otherwise;
}

static bool has_category(const struct cast *c, const char *category)
{
	for (size_t i = 0; i < c->product_count; i++)
		if (c->products[i].category && strcmp(c->products[i].category, category) == 0)
			return true;
	return false;
}

static void put(const struct shelf *s, const struct product *p)
{
	if (s->cast->product_count < CAST_PRODUCTS && !cast_product(s->cast, p->sku))
		s->cast->products[s->cast->product_count++] = *p;
}

/* The first steps of a ladder are bought by many, the higher ones by few. */
static void rung_take(const struct shelf *s, const char *on, cfg_t *r, int64_t chance)
{
	struct product p = { .price = amount(s, r, "price", 0), .margin = amount(s, r, "margin", -1), .chance = chance };

	p.category = kept(s, first(r, "category"));
	p.sku = kept(s, first(r, "skus") ? first(r, "skus") : cfg_title(r));
	p.rung = on;
	if (p.price > 0)
		put(s, &p);
}

static void ladder_take(const struct shelf *s, cfg_t *section)
{
	for (unsigned i = 0; i < cfg_size(section, "ladder"); i++) {
		cfg_t *l = cfg_getnsec(section, "ladder", i);
		int64_t chance = 300;

		for (unsigned k = 0; k < cfg_size(l, "rung"); k++, chance /= 4) {
			cfg_t *r = cfg_getnsec(l, "rung", k);

			rung_take(s, palier_format(&s->cli->arena, "%s/%s", cfg_title(l), cfg_title(r)), r, chance);
		}
	}
	for (unsigned i = 0; i < cfg_size(section, "complement"); i++) {
		cfg_t *c = cfg_getnsec(section, "complement", i);

		rung_take(s, palier_format(&s->cli->arena, "complement/%s", cfg_title(c)), c, 50);
	}
	for (unsigned i = 0; i < cfg_size(section, "threshold") && s->cast->goal_count < CAST_GOALS; i++) {
		cfg_t *t = cfg_getnsec(section, "threshold", i);

		s->cast->goals[s->cast->goal_count++] =
			(struct goal){ palier_format(&s->cli->arena, "threshold/%s", cfg_title(t)),
				amount(s, t, "spend", 0) };
	}
}

/* What earns something of its own is bought, too: at a fifth of a usual basket. */
static void points_take(const struct shelf *s, cfg_t *section)
{
	int64_t price = s->cast->personas[0].basket / 5;

	for (unsigned i = 0; i < cfg_size(section, "unit") && s->cast->purse_count < CAST_PURSES; i++) {
		cfg_t *unit = cfg_getnsec(section, "unit", i);

		if (strcmp(cfg_getstr(unit, "kind"), "money") == 0)
			s->cast->purses[s->cast->purse_count++] = kept(s, cfg_title(unit));
	}

	for (unsigned i = 0; i < cfg_size(section, "earn"); i++) {
		cfg_t *when = cfg_getsec(cfg_getnsec(section, "earn", i), "when");
		const char *sku = kept(s, first(when, "sku")), *category = kept(s, first(when, "category"));

		if (sku)
			put(s, &(struct product){ sku, category, price, -1, 150, NULL });
		else if (category && !has_category(s->cast, category))
			put(s, &(struct product){ category, category, price, -1, 150, NULL });
	}
}

static void reward_take(const struct shelf *s, cfg_t *section)
{
	for (unsigned i = 0; i < cfg_size(section, "reward") && s->cast->portion_count < CAST_PORTIONS; i++) {
		cfg_t *r = cfg_getnsec(section, "reward", i);
		int64_t cost = cfg_getint(r, "cost"), least = cfg_getint(r, "min-points");
		const char *sku = kept(s, first(r, "skus"));

		if (cost > 0 && least > cost)
			s->cast->portions[s->cast->portion_count++] =
				(struct portion){ kept(s, cfg_title(r)), (least + cost - 1) / cost };
		if (sku)
			put(s, &(struct product){ sku, NULL, s->cast->personas[0].basket / 5, -1, 150, NULL });
	}
}

cfg_t *shelf_parse(struct cli *cli, const char *config, const char *text, const char *name, cfg_opt_t *options)
{
	struct palier_bytes section;
	cfg_t *root;

	if (!shelf_section(palier_str(text), name, &section))
		return NULL;
	root = cfg_init(options, CFGF_IGNORE_UNKNOWN);
	if (!root)
		abort();
	cfg_set_error_function(root, say_nothing);
	if (cfg_parse_buf(root, palier_cstr(&cli->arena, section)) == CFG_SUCCESS)
		return root;
	cfg_free(root);
	(void)cli_fail(cli, PALIER_ECONFIG, "%s: the section `%s` is not understood here, and left out", config, name);
	return NULL;
}

static void section_take(const struct shelf *s, const char *config, const char *text, const char *name,
	void (*take)(const struct shelf *s, cfg_t *section))
{
	cfg_t *root = shelf_parse(s->cli, config, text, name, root_options);

	if (!root)
		return;
	take(s, cfg_getsec(root, name));
	cfg_free(root);
}

void shelf_read(struct cli *cli, const char *config, unsigned scale, struct cast *out)
{
	struct shelf s = { cli, out, scale };
	char *text = shelf_text(config);

	if (!text)
		return;
	section_take(&s, config, text, "ladder", ladder_take);
	section_take(&s, config, text, "rewards", reward_take);
	section_take(&s, config, text, "points", points_take);
	free(text);
}
