/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: option tables, libConfuse's parser over them, and the compilation of what core owns. */
#include "daemon/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/config_parts.h"
#include "daemon/config_text.h"
#include "protocol/json.h"

#define CERTIFICATE_MAX 16384 /* bytes; none of ours comes near it */

static cfg_opt_t signing_options[] = {
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("key", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("office", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t limits_options[] = {
	CFG_INT("line", 262144, CFGF_NONE),
	CFG_INT("depth", 32, CFGF_NONE),
	CFG_INT("basket", 1000, CFGF_NONE),
	CFG_INT("connections", 1024, CFGF_NONE),
	CFG_INT("line-seconds", 10, CFGF_NONE),
	CFG_INT("misses-per-minute", 30, CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t retention_options[] = {
	CFG_STR("member", "36 months", CFGF_NONE),
	CFG_STR("alerts", "12 months", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t fraud_options[] = {
	CFG_INT("card-often", 5, CFGF_NONE),
	CFG_INT("earn-spend", 10, CFGF_NONE),
	CFG_INT("adjusted-spent", 7, CFGF_NONE),
	CFG_INT("claims-often", 3, CFGF_NONE),
	CFG_INT("round-amounts", 10, CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t card_options[] = {
	CFG_STR_LIST("prefixes", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t config_options[] = {
	CFG_STR("data", NULL, CFGF_NODEFAULT),
	CFG_STR("outbox", NULL, CFGF_NODEFAULT),
	CFG_STR("plugins", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("include", NULL, CFGF_NODEFAULT),
	CFG_SEC("signing", signing_options, CFGF_NODEFAULT),
	CFG_SEC("store", store_options, CFGF_NODEFAULT),
	CFG_SEC("listen", listen_options, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("limits", limits_options, CFGF_NONE),
	CFG_SEC("retention", retention_options, CFGF_NONE),
	CFG_SEC("fraud", fraud_options, CFGF_NONE),
	CFG_SEC("card", card_options, CFGF_MULTI | CFGF_TITLE),
	CFG_END(),
};

/* libConfuse's callbacks carry no pointer of ours, and its lexer is global anyway: one load at a time. */
static struct loading {
	struct palier_setup *setup;
	const unsigned *starts; /* of the sections not yet ended */
	size_t left;
	unsigned base; /* of the file's lines */
} loading;

/* --- parsing ------------------------------------------------------------------------------------------------------- */

static void list_names(const cfg_opt_t *options, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (; options->name && n < size; options++)
		n += (size_t)snprintf(out + n, size - n, " %s", options->name);
}

static void on_parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	bool unknown = strncmp(fmt, "no such option", strlen("no such option")) == 0;
	char what[512], names[1024] = "";

	if (!loading.setup) /* libConfuse also complains when an absent section is asked for */
		return;
	vsnprintf(what, sizeof(what), fmt, ap);
	if (unknown)
		list_names(cfg->opts, names, sizeof(names));
	if (strcmp(cfg_name(cfg), "root") == 0)
		setup_error(loading.setup, loading.base + (unsigned)cfg->line, "%s%s%s", what,
			unknown ? "; expected one of:" : "", names);
	else
		setup_error(loading.setup, loading.base + (unsigned)cfg->line, "%s in %s%s%s", what, cfg_name(cfg),
			unknown ? "; expected one of:" : "", names);
}

static int on_option(cfg_t *cfg, cfg_opt_t *option)
{
	unsigned line = loading.base + (unsigned)cfg->line, before = setup_note_line(option, line);

	if (before > 0 && !(option->flags & CFGF_LIST))
		setup_error(loading.setup, line, "%s is set twice, first on line %u", option->name, LINE_OF(before));
	return 0;
}

/* Called when a section ends. Its own line counter is of no more use to libConfuse then, and becomes the line of its
 * beginning. */
static int on_section(cfg_t *cfg, cfg_opt_t *option)
{
	cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);
	unsigned before;

	(void)cfg;
	if (loading.left == 0)
		return 0;
	section->line = (int)(loading.base + *loading.starts++);
	loading.left--;
	before = setup_note_line(option, (unsigned)section->line);
	if (before > 0 && !(option->flags & CFGF_MULTI))
		setup_error(loading.setup, (unsigned)section->line, "%s stands twice, first on line %u", option->name,
			LINE_OF(before));
	return 0;
}

static void free_options(cfg_opt_t *options)
{
	for (cfg_opt_t *o = options; o && o->name; o++)
		if (o->type == CFGT_SEC)
			free_options(o->subopts);
	free(options);
}

/* A copy whose options tell their lines and whose titles are unique. Tables nest as deeply as their authors wrote them. */
static cfg_opt_t *copy_options(const cfg_opt_t *options, size_t more)
{
	size_t n = (size_t)cfg_numopts((cfg_opt_t *)options);
	cfg_opt_t *copy = calloc(n + more + 1, sizeof(*copy));

	if (!copy)
		abort();
	memcpy(copy, options, n * sizeof(*copy));
	for (size_t i = 0; i < n; i++) {
		bool section = copy[i].type == CFGT_SEC;

		if (!copy[i].validcb)
			copy[i].validcb = section ? on_section : on_option;
		if (!section)
			continue;
		copy[i].subopts = copy_options(options[i].subopts, 0);
		copy[i].flags |= CFGF_NO_TITLE_DUPES;
	}
	return copy;
}

static bool add_plugin(struct palier_setup *s, cfg_opt_t *options, const struct palier_plugin *plugin)
{
	size_t n = (size_t)cfg_numopts(options);

	for (size_t i = 0; i < n; i++)
		if (strcmp(options[i].name, plugin->name) == 0) {
			setup_error(s, 0, "the plugin %s has the name of another section", plugin->name);
			return false;
		}
	options[n] = (cfg_opt_t)CFG_SEC((char *)plugin->name, copy_options(plugin->options, 0), CFGF_NODEFAULT);
	options[n].validcb = on_section;
	return true;
}

/* @param base of the text's lines: 0, or of an included file */
static bool parse_into(struct palier_setup *s, cfg_t *root, struct config_text *text, unsigned base)
{
	FILE *f = fmemopen(text->text.at, text->text.len - 1, "r");
	int err = CFG_PARSE_ERROR;

	if (f) {
		loading = (struct loading){ s, (const unsigned *)(const void *)text->starts.at,
			text->starts.len / sizeof(unsigned), base };
		cfg_set_error_function(root, on_parse_error);
		errno = 0; /* libConfuse takes an ERANGE of earlier for its own */
		err = cfg_parse_fp(root, f);
		loading = (struct loading){ 0 };
		fclose(f);
	} else {
		setup_error(s, 0, "%s", strerror(errno));
	}
	root->line = 1; /* where to report what is missing */
	return err == CFG_SUCCESS;
}

static cfg_t *parse(struct palier_setup *s, struct config_text *text, cfg_opt_t *options)
{
	cfg_t *root = cfg_init(options, CFGF_NONE);

	if (!root)
		abort();
	if (parse_into(s, root, text, 0))
		return root;
	cfg_free(root);
	return NULL;
}

/* --- compiling ----------------------------------------------------------------------------------------------------- */

/* libConfuse's cfg_getsec reports an absent section as an error. */
static cfg_t *section_of(cfg_t *root, const char *name)
{
	return cfg_size(root, name) > 0 ? cfg_getsec(root, name) : NULL;
}

/* @return the absolute directory of the file, owned by the arena, or NULL */
static const char *directory_of(struct palier_arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX];
	const char *dir = slash ? palier_cstr(a, palier_bytes_of(file, (size_t)(slash - file) + 1)) : ".";

	return realpath(dir, path) ? palier_format(a, "%s", path) : NULL;
}

const char *setup_path(struct palier_setup *s, const char *dir, const char *path)
{
	if (path[0] == '/')
		return palier_setup_string(s, path);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	return palier_format(&s->config->arena, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, path);
}

static struct crypto_certificate *certificate_of(struct palier_setup *s, cfg_t *signing, const char *path)
{
	struct crypto_certificate *c = NULL;
	char pem[CERTIFICATE_MAX];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(pem, 1, sizeof(pem), f) : 0;

	if (f)
		fclose(f);
	if (crypto_certificate_read(palier_bytes_of(pem, n), &c) != PALIER_OK || !crypto_certificate_p256(c))
		setup_option_error(s, signing, "office",
			"%s cannot be read as a certificate in PEM of an ECDSA key on P-256", path);
	return c;
}

/* Whose directives are carried out. Several: the office's next certificate is known before it signs with it. */
static void compile_office(struct palier_setup *s, cfg_t *signing, const char *dir)
{
	struct config *c = s->config;
	size_t n = cfg_size(signing, "office");

	c->office = palier_setup_alloc(s, (n + 1) * sizeof(void *));
	for (unsigned i = 0; i < n; i++) {
		struct crypto_certificate *one =
			certificate_of(s, signing, setup_path(s, dir, cfg_getnstr(signing, "office", i)));

		if (one)
			c->office[c->office_count++] = one;
	}
}

/* A file, or where a token keeps it. This file is read by the daemon, too, who is not to know the PIN. */
static const char *compile_key(struct palier_setup *s, cfg_t *signing, const char *dir, const char *text)
{
	if (strncmp(text, "pkcs11:", 7) != 0)
		return setup_path(s, dir, text);
	if (strstr(text, "pin-value"))
		palier_setup_error(s, signing,
			"key: a PIN does not belong into this file: put it into one of its own and say pin-source=file:/PATH");
	return palier_setup_string(s, text);
}

static void compile_paths(struct palier_setup *s, cfg_t *root, const char *dir)
{
	struct config *c = s->config;
	cfg_t *signing = section_of(root, "signing");
	const char *data = setup_string(s, root, "data", "shop"), *text;

	if (data)
		c->data = setup_path(s, dir, data);
	text = cfg_getstr(root, "outbox");
	if (text && *text)
		c->outbox = setup_path(s, dir, text);
	else if (c->data)
		c->outbox = palier_format(&c->arena, "%s/outbox", c->data);
	if (!signing)
		return;
	text = setup_string(s, signing, "certificate", "store.pem");
	c->certificate = text ? setup_path(s, dir, text) : NULL;
	text = setup_string(s, signing, "key", "store.key");
	if (text)
		c->key = compile_key(s, signing, dir, text);
	compile_office(s, signing, dir);
}

static void compile_limits(struct palier_setup *s, cfg_t *section)
{
	struct config *c = s->config;

	palier_setup_figure(s, section, "line", 16384, 16777216, &c->limits.line);
	palier_setup_figure(s, section, "depth", 8, JSON_DEPTH_MAX, &c->limits.depth);
	palier_setup_figure(s, section, "basket", 1, 1000, &c->limits.basket);
	palier_setup_figure(s, section, "connections", 1, 65536, &c->limits.connections);
	palier_setup_figure(s, section, "line-seconds", 1, 3600, &c->limits.line_seconds);
	palier_setup_figure(s, section, "misses-per-minute", 1, 100000, &c->limits.misses_per_minute);
}

static void compile_period(struct palier_setup *s, cfg_t *section, const char *option, struct span *out)
{
	struct span span = { SPAN_NEVER, 0 };

	if (!palier_setup_span(s, section, option, &span))
		return;
	if ((span.kind == SPAN_DAYS || span.kind == SPAN_MONTHS) && span.n > 0)
		*out = span;
	else
		setup_option_error(s, section, option, "%s = \"%s\": expected days or months, such as \"36 months\"", option,
			cfg_getstr(section, option));
}

static void compile_retention(struct palier_setup *s, cfg_t *section)
{
	compile_period(s, section, "member", &s->config->retention.member);
	compile_period(s, section, "alerts", &s->config->retention.alerts);
}

static void compile_fraud(struct palier_setup *s, cfg_t *section)
{
	struct config *c = s->config;

	palier_setup_figure(s, section, "card-often", 0, 10000, &c->fraud.card_often);
	palier_setup_figure(s, section, "earn-spend", 0, 1440, &c->fraud.earn_spend);
	palier_setup_figure(s, section, "adjusted-spent", 0, 366, &c->fraud.adjusted_spent);
	palier_setup_figure(s, section, "claims-often", 0, 10000, &c->fraud.claims_often);
	palier_setup_figure(s, section, "round-amounts", 0, 10000, &c->fraud.round_amounts);
}

static void compile_card(struct palier_setup *s, cfg_t *section, struct card_format *out)
{
	const char *title = cfg_title(section), *text;
	size_t n = cfg_size(section, "prefixes");
	const char **prefixes = palier_setup_alloc(s, (n + 1) * sizeof(*prefixes));
	int symbology = 0;

	while (card_symbology_names[symbology] && strcmp(card_symbology_names[symbology], title) != 0)
		symbology++;
	if (symbology == CARD_SYMBOLOGIES)
		palier_setup_error(s, section, "card \"%s\": expected \"ean13\", \"gsrn\", \"luhn\" or \"code128\"", title);
	for (unsigned i = 0; i < n; i++) {
		text = cfg_getnstr(section, "prefixes", i);
		if (*text == '\0' || strlen(text) > CARD_NUMBER_MAX ||
			(symbology != CARD_CODE128 && text[strspn(text, "0123456789")] != '\0'))
			setup_option_error(s, section, "prefixes",
				"\"%s\" begins no number of this kind; expected such as {\"29\"}", text);
		prefixes[i] = palier_setup_string(s, text);
	}
	*out = (struct card_format){ (enum card_symbology)symbology, n > 0 ? prefixes : NULL };
}

static void compile_cards(struct palier_setup *s, cfg_t *root)
{
	size_t n = cfg_size(root, "card");
	struct card_format *cards = palier_setup_alloc(s, (n + 1) * sizeof(*cards));

	for (unsigned i = 0; i < n; i++)
		compile_card(s, cfg_getnsec(root, "card", i), &cards[i]);
	s->config->cards = cards;
	s->config->card_count = n;
}

static void compile_plugins(struct palier_setup *s, cfg_t *root, const struct palier_plugin *const *plugins, size_t n)
{
	const void **compiled = palier_setup_alloc(s, (n + 1) * sizeof(*compiled));
	unsigned before;

	for (size_t i = 0; i < n; i++) {
		before = s->errors;
		if (plugins[i]->configure &&
			plugins[i]->configure(s, plugins[i]->options ? section_of(root, plugins[i]->name) : NULL,
				&compiled[i]) != PALIER_OK &&
			s->errors == before)
			setup_error(s, 0, "the plugin %s refuses its section without saying why", plugins[i]->name);
	}
	s->config->plugins = compiled;
}

static void compile(struct palier_setup *s, cfg_t *root, const struct palier_plugin *const *plugins, size_t n)
{
	const char *dir = directory_of(&s->config->arena, s->file);

	if (!dir) {
		setup_error(s, 0, "its directory cannot be read: %s", strerror(errno));
		return;
	}
	store_compile(s, root);
	compile_paths(s, root, dir);
	doors_compile(s, root, dir);
	compile_limits(s, cfg_getsec(root, "limits"));
	compile_retention(s, cfg_getsec(root, "retention"));
	compile_fraud(s, cfg_getsec(root, "fraud"));
	compile_cards(s, root);
	compile_plugins(s, root, plugins, n);
}

/* An empty file says nothing, which fmemopen cannot read. */
static bool include(struct palier_setup *s, cfg_t *root, const char *path, unsigned number)
{
	struct config_text text = { .line = 0 };
	unsigned base = number << LINE_BITS;
	int err;
	bool good;

	s->included[number - 1] = path;
	err = config_text_read(&text, path);
	if (err != PALIER_OK)
		setup_error(s, base + (err == PALIER_EIO ? 0 : text.line), "%s%s",
			err == PALIER_EIO ? "cannot be read: " : "", text.error);
	good = err == PALIER_OK && (text.text.len <= 1 || parse_into(s, root, &text, base));
	config_text_deinit(&text);
	return good;
}

/* Was the option set in an included file? */
static bool set_by_included(cfg_t *root, const char *option)
{
	const char *noted = cfg_getcomment(root, option);

	return noted && strtoul(noted, NULL, 10) >> LINE_BITS;
}

/* What the main file includes, as if it stood there. */
static bool include_all(struct palier_setup *s, cfg_t *root)
{
	const char *dir = directory_of(&s->config->arena, s->file), *paths[INCLUDES_MAX];
	unsigned n = cfg_size(root, "include");
	bool good = true;

	if (n > INCLUDES_MAX) {
		setup_option_error(s, root, "include", "include: at most %d files", INCLUDES_MAX);
		return false;
	}
	for (unsigned i = 0; dir && i < n; i++) /* an included file that sets it would take the list away */
		paths[i] = setup_path(s, dir, cfg_getnstr(root, "include", i));
	for (unsigned i = 0; dir && i < n; i++)
		good = include(s, root, paths[i], i + 1) && good;
	if (!set_by_included(root, "include"))
		return good;
	setup_option_error(s, root, "include", "an included file includes no other");
	return false;
}

static void load(struct palier_setup *s, struct config_text *text, const struct palier_plugin *const *plugins)
{
	size_t n = 0;
	cfg_opt_t *options;
	cfg_t *root = NULL;
	bool ok = true;

	while (plugins[n])
		n++;
	options = copy_options(config_options, n);
	for (size_t i = 0; i < n; i++)
		if (plugins[i]->options)
			ok = add_plugin(s, options, plugins[i]) && ok;
	if (ok)
		root = parse(s, text, options);
	free_options(options);
	if (!root)
		return;
	if (include_all(s, root))
		compile(s, root, plugins, n);
	cfg_free(root);
}

static int read_text(struct palier_setup *s, struct config_text *text)
{
	int err = config_text_read(text, s->file);

	if (err == PALIER_EIO)
		setup_error(s, 0, "cannot be read: %s", text->error);
	else if (err != PALIER_OK)
		setup_error(s, text->line, "%s", text->error);
	return err;
}

struct config *config_load(const char *file, const struct palier_plugin *const *plugins, void (*say)(const char *error))
{
	struct config_text text = { .line = 0 };
	struct palier_setup s = { .config = calloc(1, sizeof(*s.config)), .file = file, .say = say };

	if (!s.config)
		abort();
	s.config->file = palier_setup_string(&s, file);
	if (read_text(&s, &text) == PALIER_OK)
		load(&s, &text, plugins);
	config_text_deinit(&text);
	if (s.errors == 0 && zone_set(s.config->store.timezone) == PALIER_OK)
		return s.config;
	config_free(s.config);
	return NULL;
}

void config_free(struct config *c)
{
	struct palier_arena arena;

	if (!c)
		return;
	for (size_t i = 0; i < c->office_count; i++)
		crypto_certificate_free(c->office[i]);
	arena = c->arena;
	palier_arena_deinit(&arena);
	free(c);
}

static void say_nothing(const char *error)
{
	(void)error;
}

char *config_plugin_dir(const char *file)
{
	cfg_opt_t options[] = { CFG_STR("plugins", NULL, CFGF_NODEFAULT), CFG_END() };
	struct config_text text = { .line = 0 };
	struct config scratch = { .file = file };
	struct palier_setup s = { .config = &scratch, .file = file, .say = say_nothing };
	const char *dir = directory_of(&scratch.arena, file), *path;
	cfg_t *root = NULL;
	char *out = NULL;

	if (dir && config_text_read(&text, file) == PALIER_OK && text.plugins.len > 0) {
		palier_buffer_shift(&text.text, (size_t)(text.plugins.at - text.text.at));
		text.text.len = text.plugins.len + 1;
		root = parse(&s, &text, options);
	}
	path = root ? cfg_getstr(root, "plugins") : NULL;
	if (path && *path)
		out = strdup(setup_path(&s, dir, path));
	cfg_free(root);
	config_text_deinit(&text);
	palier_arena_deinit(&scratch.arena);
	return out;
}
