/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: one libConfuse table for palierd, one for each plugin, compiled once into plain structs that nothing changes. */
#pragma once

#include "daemon/tls.h"
#include "plugins/palier_plugin.h"
#include "protocol/crypto_key.h"
#include "protocol/scan.h"

enum door_kind { DOOR_TCP, DOOR_UNIX, DOOR_TLS, DOOR_HTTP, DOOR_HTTPS };
enum door_auth { AUTH_TRUST, AUTH_TOKEN, AUTH_PEER, AUTH_CERTIFICATE };
extern const char *const door_kind_names[], *const door_auth_names[];

/** One `listen "tcp:127.0.0.1:7117" { ... }`. */
struct door_config {
	const char *address; /* as written: "tcp:127.0.0.1:7117" */
	enum door_kind kind;
	const char *host, *port;       /* all but unix */
	const char *path;              /* unix; absolute */
	struct tls_files tls;          /* tls, https, */
	unsigned tls_lines[TLS_FILES]; /* and where in the configuration each stands */
	const char *const *names;      /* http, https: what the door is also called; NULL-terminated */
	enum door_auth auth;
	enum role role;
	const int64_t *uids, *gids; /* peer: who may come in */
	size_t uid_count, gid_count;
};

struct config {
	const char *file; /* as given */
	const char *data; /* absolute directories */
	const char *outbox;
	const char *certificate, *key;      /* signing; NULL: not configured */
	struct crypto_certificate **office; /* whose directives are carried out */
	size_t office_count;
	struct {
		const char *id, *name, *currency, *timezone, *language, *country;
		unsigned currency_decimals;
		int claim_days;
		bool unknown_cards_earn;
		bool shared_phone;
		int64_t roaming_credit;
	} store;
	const struct door_config *doors;
	size_t door_count;
	struct {
		int64_t line, depth, basket, connections, line_seconds, misses_per_minute;
	} limits;
	struct {
		struct span member, alerts;
	} retention;
	struct {
		int64_t card_often, earn_spend, adjusted_spent, claims_often, round_amounts; /* 0: no alert */
	} fraud;
	const struct card_format *cards; /* count 0: all are read */
	size_t card_count;
	const void *const *plugins; /* a compiled section for each plugin of the loader's list, NULL where absent */
	struct palier_arena arena;  /* owns all of the above */
};

/** Read, check and compile. Every error goes to `say` as "FILE:LINE: what" (one call an error).
 * @param plugins the loaded plugins, NULL-terminated; each adds its section
 * @return a new configuration, or NULL after at least one error */
struct config *config_load(const char *file, const struct palier_plugin *const *plugins, void (*say)(const char *error));
void config_free(struct config *c);
/** Read what the doors of a compiled configuration need, which not everybody who reads the configuration may: their certificates and keys.
 * @return false after at least one error, told as above */
bool config_doors_check(const struct config *c, void (*say)(const char *error));

/** The `plugins = "DIR"` of the file alone, needed before plugins are loaded; absolute; NULL: not set, or unreadable.
 * @return to be freed */
char *config_plugin_dir(const char *file);
