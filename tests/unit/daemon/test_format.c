/* SPDX-License-Identifier: Apache-2.0 */
/* docs/format.md says every byte on disk: its lists of tables and effects are those of the code. PALIER_REWRITE=1 writes them anew. */
#include "tests/unit/daemon/kit.h"

#include "daemon/core.h"

extern const struct palier_plugin palier_plugin_points, palier_plugin_rewards, palier_plugin_offers, palier_plugin_tiers,
	palier_plugin_referral, palier_plugin_ladder, palier_plugin_journey, palier_plugin_ambassador, palier_plugin_survey;
static const struct palier_plugin *const plugins[] = { &core_plugin, &palier_plugin_points, &palier_plugin_rewards,
	&palier_plugin_offers, &palier_plugin_tiers, &palier_plugin_referral, &palier_plugin_ladder, &palier_plugin_journey,
	&palier_plugin_survey, &palier_plugin_ambassador };

#define DOCUMENT PALIER_DOCS_DIR "/format.md"

static void add(struct palier_buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct palier_buffer *out, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof(line));
	palier_buffer_add(out, line, (size_t)n);
}

static void tables_list(struct palier_buffer *out)
{
	add(out, "| table | tree | key | value |\n|---|---|---|---|\n");
	for (size_t i = 0; i < COUNT(plugins); i++)
		for (unsigned t = 0; plugins[i]->tables[t].name; t++) {
			const struct palier_table *row = &plugins[i]->tables[t];

			add(out, "| `%s.%s`%s | ", plugins[i]->name, row->name, row->flags & PALIER_LOCAL ? " (local)" : "");
			if (row->flags & PALIER_BY_MEMBER)
				add(out, "`member` | ");
			else
				add(out, "its own | ");
			add(out, "%s | %s |\n", row->key, row->value);
		}
}

static const char *type_name(const struct palier_field *f)
{
	static const char *const names[] = {
		[PALIER_STRING] = "text",
		[PALIER_INT] = "integer",
		[PALIER_BOOL] = "true or false",
		[PALIER_QUANTITY] = "number",
		[PALIER_TIME] = "time",
		[PALIER_DAY] = "date",
		[PALIER_MEMBER] = "member id",
		[PALIER_HASH] = "32 hex digits",
		[PALIER_ENUM] = "one of",
		[PALIER_JSON] = "object",
		[PALIER_OBJECT] = "object",
		[PALIER_LIST] = "list of objects",
		[PALIER_STRINGS] = "list of texts",
	};

	return f->flags & PALIER_SEALED ? "sealed text" : names[f->type];
}

static void fields_list(struct palier_buffer *out, const struct palier_schema *s, int depth)
{
	for (const struct palier_field *f = s->fields; f->name; f++) {
		add(out, "%*s- `%s`, %s", 2 * depth, "", f->name, type_name(f));
		for (const char *const *name = f->names; name && *name; name++)
			add(out, " `%s`", *name);
		add(out, "%s: %s\n", f->flags & PALIER_REQUIRED ? ", always" : "", f->doc);
		if (f->of && depth < 3)
			fields_list(out, f->of, depth + 1);
	}
}

static void effects_list(struct palier_buffer *out)
{
	for (size_t i = 0; i < COUNT(plugins); i++)
		for (unsigned e = 0; plugins[i]->effects[e].name; e++) {
			add(out, "\n**`%s`**%s\n\n", plugins[i]->effects[e].name,
				plugins[i]->effects[e].apply ? "" : " (changes no table)");
			fields_list(out, plugins[i]->effects[e].schema, 0);
		}
}

/* Between two marks of the document. */
static void replace(struct palier_buffer *text, const char *name, struct palier_bytes with)
{
	char begin[64], end[64];
	char *from, *to;
	struct palier_buffer fresh = { 0 };

	snprintf(begin, sizeof(begin), "<!-- %s -->\n", name);
	snprintf(end, sizeof(end), "<!-- end of %s -->\n", name);
	palier_buffer_add(text, "", 1);
	from = strstr(text->at, begin);
	to = strstr(text->at, end);
	if (!from || !to)
		fail_msg("%s lacks the marks of %s", DOCUMENT, name);
	from += strlen(begin);
	palier_buffer_add(&fresh, text->at, (size_t)(from - text->at));
	palier_buffer_add(&fresh, with.at, with.len);
	palier_buffer_add(&fresh, to, strlen(to));
	palier_buffer_deinit(text);
	*text = fresh;
}

static void says_every_table_and_effect(void **state)
{
	struct palier_bytes was = file_get(DOCUMENT);
	struct palier_buffer text = { 0 }, tables = { 0 }, effects = { 0 };

	(void)state;
	palier_buffer_add(&text, was.at, was.len);
	tables_list(&tables);
	effects_list(&effects);
	replace(&text, "tables", palier_buffer_bytes(&tables));
	replace(&text, "effects", palier_buffer_bytes(&effects));
	if (getenv("PALIER_REWRITE"))
		file_put(DOCUMENT, text.at, text.len);
	else if (text.len != was.len || memcmp(text.at, was.at, text.len) != 0)
		fail_msg(
			"docs/format.md is not what the tables say: PALIER_REWRITE=1 test_format writes it anew, or the format has changed");
	palier_buffer_deinit(&text);
	palier_buffer_deinit(&tables);
	palier_buffer_deinit(&effects);
	free((void *)(uintptr_t)was.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "docs/format.md lists every table and every effect", says_every_table_and_effect, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
