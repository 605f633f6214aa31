/* SPDX-License-Identifier: Apache-2.0 */
/* The plugins: core first, then ours in their fixed order, then others by name; and who owns which effect kind and method. */
#pragma once

#include "daemon/view.h"
#include "daemon/why.h"

#define PLUGINS_MAX 32

struct served_method {
	const struct palier_method *method;
	const struct palier_service *service;
	unsigned plugin; /* index */
};

struct known_effect {
	const struct palier_effect_kind *kind;
	unsigned plugin;
};

struct plugin_set {
	const struct palier_plugin *list[PLUGINS_MAX + 1]; /* NULL-terminated; core is the first */
	void *handles[PLUGINS_MAX];
	unsigned count;
	struct bound_table *bound[PLUGINS_MAX]; /* after plugins_bind */
	unsigned bound_count[PLUGINS_MAX];
	struct known_effect *effects; /* sorted by name */
	unsigned effect_count;
	struct served_method *methods; /* sorted by name */
	unsigned method_count;
	struct job *jobs; /* one for each plugin: the method of its work after a close */
};

/** "job.NAME", by which the slices of a plugin's work are booked; it is there even if the plugin has no such work any more. */
struct job {
	char name[64];
	struct palier_method method;
	struct palier_service service;
};

/** Load every *.so of the directories (one may be NULL) beside the built-in core.
 * @param why WHY_LEN bytes: on error, which file and what is wrong with it
 * @return PALIER_OK; PALIER_ECONFIG */
int plugins_load(const struct palier_plugin *core, const char *const *dirs, struct plugin_set *out, char *why);
/** The same with plugins linked in. @param list NULL-terminated, core first */
int plugins_set(const struct palier_plugin *const *list, struct plugin_set *out, char *why);
/** Find each table its place in the store. */
int plugins_bind(struct plugin_set *set, struct store *store);
void plugins_unload(struct plugin_set *set);

/** @return NULL when no loaded plugin has it */
const struct known_effect *plugins_effect(const struct plugin_set *set, struct palier_bytes name);
const struct served_method *plugins_method(const struct plugin_set *set, struct palier_bytes name);
