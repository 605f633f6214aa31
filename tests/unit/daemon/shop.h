/* SPDX-License-Identifier: Apache-2.0 */
/* A shop without sockets: a ledger in a directory of its own, a router, and a clock that the test sets. */
#pragma once

#include "daemon/core.h"
#include "daemon/ledger.h"
#include "daemon/router.h"
#include "tests/unit/daemon/kit.h"

#define NOON INT64_C(1795262400000) /* 2026-11-21T12:00Z */

extern const struct palier_plugin palier_plugin_points;

struct shop {
	char *dir, config_path[4096];
	struct config *config;
	struct plugin_set plugins;
	struct ledger *ledger; /* NULL: closed */
	struct router *router;
	struct session session;
	struct palier_buffer reply;
	int64_t now_ms;
	unsigned requests;
	char member[PALIER_ID_TEXT + 1]; /* for a test that has one */
	char why[WHY_LEN];
};

static inline void say_error(const char *error)
{
	fail_msg("%s", error);
}

/* Make an empty ledger; nothing is open yet.
 * @param list of plugins, core first; NULL: core and points @param more of the configuration: the points section, say */
static inline void shop_found(struct shop *s, const struct palier_plugin *const *list, const char *more)
{
	static const struct palier_plugin *const usual[] = { &core_plugin, &palier_plugin_points, NULL };
	static const char config_text[] =
		"data = \"ledger\"\n"
		"outbox = \"outbox\"\n"
		"store { id = \"lyon-03\"  name = \"Comptoir\"  currency = \"EUR\"  timezone = \"Europe/Paris\"  language = \"fr\"  country = \"FR\"  claim-days = 366 }\n"
		"listen \"tcp:127.0.0.1:0\" { auth = trust  role = office }\n"
		"card \"ean13\" { prefixes = {\"29\"} }\n";
	struct palier_buffer text = { 0 };

	*s = (struct shop){ .dir = dir_make(), .now_ms = NOON };
	snprintf(s->config_path, sizeof(s->config_path), "%s/palier.conf", s->dir);
	palier_buffer_add(&text, config_text, sizeof(config_text) - 1);
	palier_buffer_add(&text, more, strlen(more));
	file_put(s->config_path, text.at, text.len);
	palier_buffer_deinit(&text);
	assert_int_equal(plugins_set(list ? list : usual, &s->plugins, s->why), PALIER_OK);
	s->config = config_load(s->config_path, s->plugins.list, say_error);
	assert_non_null(s->config);
	assert_int_equal(ledger_create(s->config->data, s->config, &s->plugins, s->why), PALIER_OK);
}

static inline int shop_try(struct shop *s)
{
	int err = ledger_open(s->config, &s->plugins, &s->ledger, s->why);

	if (err == PALIER_OK) {
		s->router = router_new(s->ledger, &s->plugins, s->config);
		session_begin(&s->session, &s->config->doors[0]);
	}
	return err;
}

static inline void shop_open(struct shop *s)
{
	if (shop_try(s) != PALIER_OK)
		fail_msg("%s", s->why);
}

static inline void shop_close(struct shop *s)
{
	router_free(s->router);
	assert_int_equal(ledger_close(s->ledger), PALIER_OK);
	s->ledger = NULL;
}

/* The power goes: the index loses what it had not committed, the journal what was not written. */
static inline void shop_crash(struct shop *s)
{
	router_free(s->router);
	store_close(s->ledger->store);
	s->ledger->store = NULL;
	ledger_close(s->ledger);
	s->ledger = NULL;
}

static inline void shop_remove(struct shop *s)
{
	if (s->ledger)
		shop_close(s);
	palier_buffer_deinit(&s->reply);
	config_free(s->config);
	plugins_unload(&s->plugins);
	dir_remove(s->dir);
}

/* A verb prints its findings; here they are only counted as its result. */
static inline int quietly(struct shop *s, int (*verb)(const struct config *, struct plugin_set *, char *))
{
	int err, nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), out;

	fflush(stdout);
	out = dup(STDOUT_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	err = verb(s->config, &s->plugins, s->why);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(nowhere);
	return err;
}

/* Closed, the index is what the journal gives, and stays so when it is made again. */
static inline void assert_folds(struct shop *s)
{
	if (s->ledger)
		shop_close(s);
	assert_int_equal(quietly(s, ledger_check), PALIER_OK);
	assert_int_equal(quietly(s, ledger_rebuild), PALIER_OK);
}
