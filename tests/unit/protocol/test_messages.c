/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the protocol, and that its documents say the same: PROTOCOL.md and openrpc.json.
 * PALIER_REWRITE=1 writes openrpc.json anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/messages.h"

#define MESSAGES_MAX 256

/* Every message that a method reaches. */
static const struct palier_schema *messages[MESSAGES_MAX];
static size_t messages_count;

static void reach(const struct palier_schema *s)
{
	for (size_t i = 0; i < messages_count; i++)
		if (messages[i] == s)
			return;
	assert_true(messages_count < MESSAGES_MAX);
	messages[messages_count++] = s;
	for (const struct palier_field *f = s->fields; f->name; f++)
		if (f->of)
			reach(f->of);
}

static int find_messages(void **state)
{
	(void)state;
	for (size_t i = 0; palier_methods[i]; i++) {
		reach(palier_methods[i]->params);
		reach(palier_methods[i]->result);
	}
	return 0;
}

static char *read_file(const char *name)
{
	struct palier_buffer text = { 0 };
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", PALIER_PROTOCOL_DIR, name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	do {
		palier_buffer_reserve(&text, 4096);
		n = fread(text.at + text.len, 1, 4096, f);
		text.len += n;
	} while (n > 0);
	fclose(f);
	palier_buffer_add(&text, "", 1);
	return text.at;
}

/* --- tables --- */

static void methods_have_names_of_their_own_and_are_found_by_them(void **state)
{
	(void)state;
	for (size_t i = 0; palier_methods[i]; i++)
		assert_ptr_equal(palier_method_find(palier_str(palier_methods[i]->name)), palier_methods[i]);
	assert_null(palier_method_find(PALIER_LIT("sale.commi")));
	assert_null(palier_method_find(PALIER_LIT("")));
}

static void fields_have_names_of_their_own_bounds_and_a_description(void **state)
{
	(void)state;
	for (size_t i = 0; i < messages_count; i++)
		for (const struct palier_field *f = messages[i]->fields; f->name; f++) {
			assert_true(f->doc && f->doc[0]);
			assert_true(f->least <= f->most);
			for (const struct palier_field *g = messages[i]->fields; g < f; g++)
				assert_string_not_equal(f->name, g->name);
		}
}

static void flags_stand_where_they_mean_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < messages_count; i++)
		for (const struct palier_field *f = messages[i]->fields; f->name; f++) {
			if (f->flags & PALIER_SEALED)
				assert_true(f->type == PALIER_STRING || f->type == PALIER_JSON);
			if (f->flags & PALIER_FALSE)
				assert_true(f->type == PALIER_BOOL);
			assert_true((f->of != NULL) == (f->type == PALIER_OBJECT || f->type == PALIER_LIST));
			assert_true((f->names != NULL) == (f->type == PALIER_ENUM));
		}
}

static void commands_have_the_common_params_first(void **state)
{
	(void)state;
	for (size_t i = 0; palier_methods[i]; i++) {
		const struct palier_field *f = palier_methods[i]->params->fields;

		if (!(palier_methods[i]->flags & METHOD_COMMAND))
			continue;
		for (const struct palier_field *c = command_schema.fields; c->name; c++, f++) {
			assert_string_equal(f->name, c->name);
			assert_int_equal(f->type, c->type);
			assert_int_equal(f->flags, c->flags);
			assert_int_equal(f->offset, c->offset);
		}
	}
}

static void roles_grow(void **state)
{
	(void)state;
	assert_true(palier_method_allows(&method_session_open, ROLE_DISPLAY));
	assert_false(palier_method_allows(&method_sale_commit, ROLE_DISPLAY));
	assert_true(palier_method_allows(&method_sale_commit, ROLE_CASHIER));
	assert_false(palier_method_allows(&method_balance_adjust, ROLE_CASHIER));
	assert_true(palier_method_allows(&method_balance_adjust, ROLE_OFFICE));
}

/* --- the OpenRPC document --- */

struct document {
	struct palier_buffer text;
	struct json_doc doc;
};

static void document_init(struct document *d)
{
	struct palier_json w = palier_json_to(&d->text);

	palier_discover(&w);
	d->doc.capacity = (uint32_t)d->text.len / 2 + 1;
	d->doc.tokens = calloc(d->doc.capacity, sizeof(struct json_token));
	assert_int_equal(json_parse(&d->doc, palier_buffer_bytes(&d->text), 32), PALIER_OK);
}

static void document_deinit(struct document *d)
{
	free(d->doc.tokens);
	palier_buffer_deinit(&d->text);
}

static void the_document_names_every_method_and_param(void **state)
{
	struct document d = { 0 };
	uint32_t methods, method;

	(void)state;
	document_init(&d);
	methods = json_member(&d.doc, 0, "methods");
	method = methods + 1;
	for (size_t i = 0; palier_methods[i]; i++) {
		uint32_t param = json_member(&d.doc, method, "params");
		uint32_t count = d.doc.tokens[param].count;

		assert_true(
			json_string_is(&d.doc, json_member(&d.doc, method, "name"), palier_str(palier_methods[i]->name)));
		param++;
		for (const struct palier_field *f = palier_methods[i]->params->fields; f->name; f++, count--) {
			assert_true(json_string_is(&d.doc, json_member(&d.doc, param, "name"), palier_str(f->name)));
			param += d.doc.tokens[param].span;
		}
		assert_int_equal(count, 0);
		method += d.doc.tokens[method].span;
	}
	assert_int_equal(method, methods + d.doc.tokens[methods].span);
	document_deinit(&d);
}

static void the_document_requires_the_request_of_a_command(void **state)
{
	struct document d = { 0 };
	uint32_t method, token;

	(void)state;
	document_init(&d);
	method = json_member(&d.doc, 0, "methods") + 1;
	while (!json_string_is(&d.doc, json_member(&d.doc, method, "name"), PALIER_LIT("sale.commit")))
		method += d.doc.tokens[method].span;
	token = json_member(&d.doc, method, "params") + 1;
	assert_true(json_string_is(&d.doc, json_member(&d.doc, token, "name"), PALIER_LIT("request")));
	assert_int_equal(d.doc.tokens[json_member(&d.doc, token, "required")].type, JSON_TRUE);
	document_deinit(&d);
}

/* Where a reference leads within the document; 0: nowhere. */
static uint32_t follow(const struct json_doc *d, struct palier_bytes path)
{
	uint32_t at = 0;

	while (path.len > 0) {
		const char *end;
		char name[64];
		size_t n;

		path.at++;
		path.len--;
		end = memchr(path.at, '/', path.len);
		n = end ? (size_t)(end - path.at) : path.len;
		assert_true(n < sizeof(name));
		memcpy(name, path.at, n);
		name[n] = '\0';
		at = json_member(d, at, name);
		if (at == 0)
			return 0;
		path.at += n;
		path.len -= n;
	}
	return at;
}

static void every_reference_leads_somewhere(void **state)
{
	struct document d = { 0 };
	unsigned followed = 0;

	(void)state;
	document_init(&d);
	for (uint32_t i = 1; i + 1 < d.doc.count; i++) {
		struct palier_bytes path;

		if (!json_string_is(&d.doc, i, PALIER_LIT("$ref")))
			continue;
		path = palier_bytes_of(d.text.at + d.doc.tokens[i + 1].start, d.doc.tokens[i + 1].len);
		if (path.at[0] != '#')
			continue;
		followed++;
		path = palier_bytes_of(path.at + 1, path.len - 1);
		if (follow(&d.doc, path) == 0)
			fail_msg("nothing at %.*s", PALIER_ARG(path));
	}
	assert_true(followed > 100);
	document_deinit(&d);
}

static void the_document_has_every_reason(void **state)
{
	struct document d = { 0 };
	uint32_t errors;

	(void)state;
	document_init(&d);
	errors = json_member(&d.doc, json_member(&d.doc, 0, "components"), "errors");
	for (int row = 1; row < PALIER_ERROR_ROWS; row++)
		assert_int_not_equal(json_member(&d.doc, errors, palier_error_info(-row)->reason), 0);
	document_deinit(&d);
}

static void openrpc_json_is_the_document(void **state)
{
	struct document d = { 0 };
	char *kept;

	(void)state;
	document_init(&d);
	palier_buffer_add(&d.text, "\n", 2);
	if (getenv("PALIER_REWRITE")) {
		FILE *f = fopen(PALIER_PROTOCOL_DIR "/openrpc.json", "w");

		assert_non_null(f);
		assert_true(fputs(d.text.at, f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	kept = read_file("openrpc.json");
	if (strcmp(kept, d.text.at) != 0)
		fail_msg("protocol/openrpc.json is out of date: PALIER_REWRITE=1 test_messages writes it anew");
	free(kept);
	document_deinit(&d);
}

/* --- PROTOCOL.md --- */

/* Is the word there as code: after a backquote, a quote or a blank, and ended by none of its own characters? */
static bool says(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if (at > text && strchr("`\"", at[-1]) && strchr("`\"", at[n]))
			return true;
	return false;
}

static void protocol_md_has_every_field(void **state)
{
	char *text = read_file("PROTOCOL.md");

	(void)state;
	for (size_t i = 0; i < messages_count; i++)
		for (const struct palier_field *f = messages[i]->fields; f->name; f++) {
			if (!says(text, f->name))
				fail_msg("PROTOCOL.md does not name %s of %s", f->name, messages[i]->name);
			for (const char *const *name = f->names; name && *name; name++)
				if (!says(text, *name))
					fail_msg("PROTOCOL.md does not name %s, a %s", *name, f->name);
		}
	free(text);
}

static void protocol_md_has_every_reason(void **state)
{
	char *text = read_file("PROTOCOL.md");

	(void)state;
	for (int row = 1; row < PALIER_ERROR_ROWS; row++)
		if (!says(text, palier_error_info(-row)->reason))
			fail_msg("PROTOCOL.md does not name %s", palier_error_info(-row)->reason);
	free(text);
}

static void protocol_md_has_a_section_for_every_method_in_the_tables_order(void **state)
{
	char *text = read_file("PROTOCOL.md"), *at = text;

	(void)state;
	for (size_t i = 0; palier_methods[i]; i++) {
		char heading[64];

		snprintf(heading, sizeof(heading), "\n### %s\n", palier_methods[i]->name);
		at = strstr(at, heading);
		if (!at)
			fail_msg("PROTOCOL.md has no section %s at its place", palier_methods[i]->name);
	}
	free(text);
}

static void try_message(const struct palier_schema *schema, const struct json_doc *d, uint32_t token)
{
	struct palier_arena a = { 0 };
	struct palier_problem why;

	if (schema_decode(schema, SCHEMA_WIRE, d, token, &a, palier_alloc(&a, schema->size), &why) != PALIER_OK)
		fail_msg("%s: %s: %.*s", why.field, why.text, PALIER_ARG(d->text));
	palier_arena_deinit(&a);
}

/* A line of an example. @param asked the method of the request before it; set by a request */
static void try_example(const struct json_doc *d, const struct palier_method **asked)
{
	uint32_t name = json_member(d, 0, "method"), params = json_member(d, 0, "params"),
		 result = json_member(d, 0, "result");

	if (name) {
		*asked = palier_method_find(json_string(d, name, NULL));
		if (!*asked)
			fail_msg("no such method: %.*s", PALIER_ARG(d->text));
	}
	if (params)
		try_message((*asked)->params, d, params);
	if (result && *asked != &method_rpc_discover)
		try_message((*asked)->result, d, result);
}

/* The examples: lines that begin with "--> " and "<-- ". */
static void the_examples_of_protocol_md_are_valid(void **state)
{
	static struct json_token tokens[4096];
	char *text = read_file("PROTOCOL.md");
	const struct palier_method *asked = NULL;
	unsigned lines = 0;

	(void)state;
	for (char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
		struct json_doc d = { .tokens = tokens, .capacity = 4096 };
		struct palier_bytes line = palier_bytes_of(at + 4, (size_t)(end - at) - 4);

		if (end - at < 5 || (memcmp(at, "--> ", 4) != 0 && memcmp(at, "<-- ", 4) != 0))
			continue;
		if (json_parse(&d, line, 32) != PALIER_OK)
			fail_msg("not JSON: %.*s", PALIER_ARG(line));
		try_example(&d, &asked);
		lines++;
	}
	assert_true(lines >= 42);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_have_names_of_their_own_and_are_found_by_them),
		cmocka_unit_test(fields_have_names_of_their_own_bounds_and_a_description),
		cmocka_unit_test(flags_stand_where_they_mean_something),
		cmocka_unit_test(commands_have_the_common_params_first),
		cmocka_unit_test(roles_grow),
		cmocka_unit_test(the_document_names_every_method_and_param),
		cmocka_unit_test(the_document_requires_the_request_of_a_command),
		cmocka_unit_test(every_reference_leads_somewhere),
		cmocka_unit_test(the_document_has_every_reason),
		cmocka_unit_test(openrpc_json_is_the_document),
		cmocka_unit_test(protocol_md_has_every_field),
		cmocka_unit_test(protocol_md_has_every_reason),
		cmocka_unit_test(protocol_md_has_a_section_for_every_method_in_the_tables_order),
		cmocka_unit_test(the_examples_of_protocol_md_are_valid),
	};

	return cmocka_run_group_tests_name("messages", tests, find_messages, NULL);
}
