/* SPDX-License-Identifier: Apache-2.0 */
/* palier.conf(5) and the sample: the page names what the option tables name and nothing else, and the sample loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/condition.h"
#include "daemon/config_parts.h"

#define COUNT(a)  (sizeof(a) / sizeof(*(a)))
#define NAMES_MAX 256

extern const struct palier_plugin palier_plugin_points, palier_plugin_rewards, palier_plugin_tiers, palier_plugin_offers,
	palier_plugin_referral, palier_plugin_ladder, palier_plugin_journey, palier_plugin_ambassador, palier_plugin_survey;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_rewards, &palier_plugin_tiers,
	&palier_plugin_offers, &palier_plugin_referral, &palier_plugin_ladder, &palier_plugin_journey, &palier_plugin_survey,
	&palier_plugin_ambassador, NULL };

/* --- the page and the tables --------------------------------------------------------------------------------------- */

struct names {
	char at[NAMES_MAX][32];
	size_t count;
};

static bool named(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->at[i], name) == 0)
			return true;
	return false;
}

static void add_name(struct names *n, const char *name)
{
	if (named(n, name))
		return;
	assert_true(n->count < NAMES_MAX);
	snprintf(n->at[n->count++], sizeof(n->at[0]), "%s", name);
}

/* The page speaks of -not forms once, not by name. */
static void add_table(struct names *n, const cfg_opt_t *options)
{
	size_t len;

	for (; options->name; options++) {
		len = strlen(options->name);
		if (len < 4 || strcmp(options->name + len - 4, "-not") != 0)
			add_name(n, options->name);
		if (options->type == CFGT_SEC)
			add_table(n, options->subopts);
	}
}

/* ".It Ic name ..." and ".It Ic name , name , name" */
static void add_page(struct names *n)
{
	static const char item[] = ".It Ic ";
	FILE *f = fopen(PALIER_DOCS_DIR "/man/palier.conf.5", "r");
	char line[512], *word;
	bool more;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, item, sizeof(item) - 1) != 0)
			continue;
		for (word = strtok(line + sizeof(item) - 1, " \n"), more = true; word && more; word = strtok(NULL, " \n")) {
			add_name(n, word);
			word = strtok(NULL, " \n");
			more = word && strcmp(word, ",") == 0;
		}
	}
	fclose(f);
}

static void read_both(struct names *tables, struct names *page)
{
	add_table(tables, config_options);
	for (size_t i = 0; plugins[i]; i++) {
		add_name(tables, plugins[i]->name);
		add_table(tables, plugins[i]->options);
	}
	add_page(page);
}

static void test_page_complete(void **state)
{
	struct names tables = { .count = 0 }, page = { .count = 0 };

	(void)state;
	read_both(&tables, &page);
	for (size_t i = 0; i < tables.count; i++)
		if (!named(&page, tables.at[i]))
			fail_msg("palier.conf(5) does not name %s", tables.at[i]);
}

static void test_page_true(void **state)
{
	struct names tables = { .count = 0 }, page = { .count = 0 };

	(void)state;
	read_both(&tables, &page);
	for (size_t i = 0; i < page.count; i++)
		if (!named(&tables, page.at[i]))
			fail_msg("palier.conf(5) names %s, which is no setting", page.at[i]);
}

static void test_nots(void **state)
{
	char not_form[64];

	(void)state;
	for (const cfg_opt_t *o = palier_when_options; o->name; o++) {
		snprintf(not_form, sizeof(not_form), "%s-not", o->name);
		if (strcmp(o->name, "within") == 0 || strstr(o->name, "-not"))
			continue;
		assert_string_equal(o[1].name, not_form);
		assert_int_equal(o[1].type, o->type);
	}
}

/* --- the sample ---------------------------------------------------------------------------------------------------- */

static void say(const char *error)
{
	fail_msg("%s", error);
}

static void test_sample(void **state)
{
	struct config *c = config_load(PALIER_DOCS_DIR "/palier.conf.sample", plugins, say);

	(void)state;
	assert_non_null(c);
	assert_non_null(c->plugins[0]);
	assert_non_null(c->plugins[1]);
	config_free(c);
}

/* "#name = value" of the sample is a setting too, and says its default. */
static void test_sample_uncommented(void **state)
{
	FILE *in = fopen(PALIER_DOCS_DIR "/palier.conf.sample", "r"), *out;
	char file[] = "/tmp/palier-sample-XXXXXX", line[512];
	struct config *c;
	size_t blanks;

	(void)state;
	assert_non_null(in);
	out = fdopen(mkstemp(file), "w");
	assert_non_null(out);
	while (fgets(line, sizeof(line), in)) {
		blanks = strspn(line, "\t");
		if (line[blanks] == '#' && line[blanks + 1] != ' ')
			line[blanks] = ' ';
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	c = config_load(file, plugins, say);
	remove(file);
	assert_non_null(c);
	assert_int_equal(c->limits.line, 262144);
	assert_int_equal(c->store.claim_days, 7);
	assert_int_equal(c->door_count, 5);
	config_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "every setting has its place in palier.conf(5)", test_page_complete, NULL, NULL, NULL },
		{ "palier.conf(5) names nothing that is no setting", test_page_true, NULL, NULL, NULL },
		{ "every predicate has its -not form, of the same type", test_nots, NULL, NULL, NULL },
		{ "the sample is a valid configuration", test_sample, NULL, NULL, NULL },
		{ "what the sample shows commented out is valid too", test_sample_uncommented, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
