/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tools/cli.h"

static cfg_opt_t signing_options[] = {
	CFG_STR("certificate", "office.pem", CFGF_NONE),
	CFG_STR("key", "office.key", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t tls_options[] = {
	CFG_STR("certificate", "hq.pem", CFGF_NONE),
	CFG_STR("key", "hq.key", CFGF_NONE),
	CFG_STR("ca", "doors-ca.pem", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t store_options[] = {
	CFG_STR("url", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("currency", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t options[] = {
	CFG_STR("directory", "hq", CFGF_NONE),
	CFG_STR("database", NULL, CFGF_NODEFAULT),
	CFG_STR("currency", "EUR", CFGF_NONE),
	CFG_STR("timezone", NULL, CFGF_NODEFAULT),
	CFG_STR("plans", NULL, CFGF_NODEFAULT),
	CFG_SEC("signing", signing_options, CFGF_NODEFAULT),
	CFG_SEC("tls", tls_options, CFGF_NODEFAULT),
	CFG_STR_LIST("authority", NULL, CFGF_NODEFAULT),
	CFG_SEC("store", store_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

/* libConfuse's own report: of which file and line, and what. It has no room for who asks; the program reads one file at a time. */
static struct cli *reader;

static void complain(cfg_t *cfg, const char *fmt, va_list args)
{
	char what[256];

	vsnprintf(what, sizeof(what), fmt, args);
	cli_fail(reader, PALIER_ECONFIG, "%s:%d: %s", cfg && cfg->filename ? cfg->filename : "configuration",
		cfg ? cfg->line : 0, what);
}

/* What stands in the file is relative to the file. */
static const char *path_of(struct cli *cli, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (!path || path[0] == '/' || !slash)
		return path ? palier_cstr(&cli->arena, palier_str(path)) : NULL;
	return palier_format(&cli->arena, "%.*s/%s", (int)(slash - file), file, path);
}

static const char *text_of(struct cli *cli, const char *text)
{
	return text ? palier_cstr(&cli->arena, palier_str(text)) : NULL;
}

static void stores_read(struct cli *cli, const char *file, cfg_t *root, struct hq_config *out)
{
	size_t n = cfg_size(root, "store");
	struct hq_store *stores = palier_alloc(&cli->arena, (n + 1) * sizeof(*stores));

	for (unsigned i = 0; i < n; i++) {
		cfg_t *s = cfg_getnsec(root, "store", i);

		stores[i] = (struct hq_store){ text_of(cli, cfg_title(s)), text_of(cli, cfg_getstr(s, "url")),
			path_of(cli, file, cfg_getstr(s, "certificate")),
			cfg_getstr(s, "currency") ? text_of(cli, cfg_getstr(s, "currency")) : out->currency };
	}
	out->stores = stores;
	out->store_count = n;
}

static void authorities_read(struct cli *cli, const char *file, cfg_t *root, struct hq_config *out)
{
	size_t n = cfg_size(root, "authority");
	const char **paths = palier_alloc(&cli->arena, (n + 1) * sizeof(*paths));

	for (unsigned i = 0; i < n; i++)
		paths[i] = path_of(cli, file, cfg_getnstr(root, "authority", i));
	out->authorities = paths;
}

static void all_read(struct cli *cli, const char *file, cfg_t *root, struct hq_config *out)
{
	cfg_t *signing = cfg_size(root, "signing") ? cfg_getsec(root, "signing") : NULL;
	cfg_t *tls = cfg_size(root, "tls") ? cfg_getsec(root, "tls") : NULL;

	*out = (struct hq_config){ .directory = path_of(cli, file, cfg_getstr(root, "directory")),
		.database = text_of(cli, cfg_getstr(root, "database")),
		.currency = text_of(cli, cfg_getstr(root, "currency")),
		.timezone = text_of(cli, cfg_getstr(root, "timezone")),
		.plans = path_of(cli, file, cfg_getstr(root, "plans")) };
	if (signing) {
		out->signing_certificate = path_of(cli, file, cfg_getstr(signing, "certificate"));
		out->signing_key = path_of(cli, file, cfg_getstr(signing, "key"));
	}
	if (tls) {
		out->tls_certificate = path_of(cli, file, cfg_getstr(tls, "certificate"));
		out->tls_key = path_of(cli, file, cfg_getstr(tls, "key"));
		out->tls_ca = path_of(cli, file, cfg_getstr(tls, "ca"));
	}
	authorities_read(cli, file, root, out);
	stores_read(cli, file, root, out);
}

int hq_config_read(struct cli *cli, struct hq_config *out)
{
	const char *file = cli_value(cli, "config");
	cfg_t *root;
	int read, err = PALIER_OK;

	if (!file)
		return cli_fail(cli, PALIER_ECONFIG, "--config FILE is missing: the head office's configuration");
	root = cfg_init(options, CFGF_NONE);
	if (!root)
		abort();
	reader = cli;
	cfg_set_error_function(root, complain);
	read = cfg_parse(root, file);
	if (read == CFG_FILE_ERROR)
		err = cli_fail(cli, PALIER_ECONFIG, "%s: %s", file, strerror(errno));
	else if (read != CFG_SUCCESS)
		err = PALIER_ECONFIG; /* reported */
	else
		all_read(cli, file, root, out);
	cfg_free(root);
	return err;
}

const struct hq_store *hq_store_find(const struct hq_config *c, const char *id)
{
	for (size_t i = 0; i < c->store_count; i++)
		if (strcmp(c->stores[i].id, id) == 0)
			return &c->stores[i];
	return NULL;
}

const char *hq_store_currency(const struct hq_config *c, const char *id)
{
	const struct hq_store *s = hq_store_find(c, id);

	return s ? s->currency : c->currency;
}
