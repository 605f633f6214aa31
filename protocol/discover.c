/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, described: JSON Schema of a message, OpenRPC document of the methods. */
#include <stdio.h>

#include "protocol/messages.h"

static void add_member(struct palier_json *w, const char *key, const char *value)
{
	palier_json_key(w, key);
	palier_json_str(w, value);
}

static void add_number(struct palier_json *w, const char *key, int64_t value)
{
	palier_json_key(w, key);
	palier_json_int(w, value);
}

/* --- JSON Schema --- */

/* "type":"string", or ["string","null"] */
static void describe_type(const struct palier_field *f, const char *type, struct palier_json *w)
{
	palier_json_key(w, "type");
	if (!(f->flags & PALIER_NULLABLE)) {
		palier_json_str(w, type);
		return;
	}
	palier_json_array(w);
	palier_json_str(w, type);
	palier_json_str(w, "null");
	palier_json_end_array(w);
}

static void describe_reference(const struct palier_schema *s, struct palier_json *w)
{
	char path[96];

	snprintf(path, sizeof(path), "#/components/schemas/%s", s->name);
	add_member(w, "$ref", path);
}

static void describe_message(const struct palier_field *f, struct palier_json *w)
{
	if (!(f->flags & PALIER_NULLABLE)) {
		describe_reference(f->of, w);
		return;
	}
	palier_json_key(w, "oneOf");
	palier_json_array(w);
	palier_json_object(w);
	describe_reference(f->of, w);
	palier_json_end_object(w);
	palier_json_object(w);
	add_member(w, "type", "null");
	palier_json_end_object(w);
	palier_json_end_array(w);
}

static void describe_names(const struct palier_field *f, struct palier_json *w)
{
	describe_type(f, "string", w);
	palier_json_key(w, "enum");
	palier_json_array(w);
	for (const char *const *name = f->names; *name; name++)
		palier_json_str(w, *name);
	if (f->flags & PALIER_NULLABLE)
		palier_json_null(w);
	palier_json_end_array(w);
}

/* The bounds that a table states; PALIER_ANY states none. */
static void describe_range(const struct palier_field *f, const char *least, const char *most, struct palier_json *w)
{
	if (f->least != -PALIER_FIGURE_MAX)
		add_number(w, least, f->least);
	if (f->most != PALIER_FIGURE_MAX)
		add_number(w, most, f->most);
}

static void describe_quantity(const struct palier_field *f, struct palier_json *w)
{
	describe_type(f, "number", w);
	palier_json_key(w, "multipleOf");
	palier_json_scaled(w, 1, 3);
	palier_json_key(w, "minimum");
	palier_json_scaled(w, f->least > 0 ? f->least : 1, 3);
	if (f->most != PALIER_FIGURE_MAX) {
		palier_json_key(w, "maximum");
		palier_json_scaled(w, f->most, 3);
	}
}

static void describe_list(const struct palier_field *f, struct palier_json *w)
{
	describe_type(f, "array", w);
	palier_json_key(w, "items");
	palier_json_object(w);
	if (f->of)
		describe_reference(f->of, w);
	else
		add_member(w, "type", "string");
	palier_json_end_object(w);
	describe_range(f, "minItems", "maxItems", w);
}

static void describe_formed(const struct palier_field *f, const char *key, const char *form, struct palier_json *w)
{
	describe_type(f, "string", w);
	add_member(w, key, form);
}

static void describe_value(const struct palier_field *f, struct palier_json *w)
{
	switch (f->type) {
	case PALIER_STRING:
		describe_type(f, "string", w);
		describe_range(f, "minLength", "maxLength", w);
		break;
	case PALIER_INT:
		describe_type(f, "integer", w);
		add_number(w, "minimum", f->least);
		add_number(w, "maximum", f->most);
		break;
	case PALIER_BOOL:
		describe_type(f, "boolean", w);
		break;
	case PALIER_QUANTITY:
		describe_quantity(f, w);
		break;
	case PALIER_TIME:
		describe_formed(f, "format", "date-time", w);
		break;
	case PALIER_DAY:
		describe_formed(f, "format", "date", w);
		break;
	case PALIER_MEMBER:
		describe_formed(f, "pattern", "^m_[0-9a-hjkmnp-tv-z]{16}$", w);
		break;
	case PALIER_HASH:
		describe_formed(f, "pattern", "^[0-9A-Fa-f]{32}$", w);
		break;
	case PALIER_ENUM:
		describe_names(f, w);
		break;
	case PALIER_JSON:
		describe_type(f, "object", w);
		break;
	case PALIER_OBJECT:
		describe_message(f, w);
		break;
	case PALIER_LIST:
	case PALIER_STRINGS:
		describe_list(f, w);
		break;
	}
}

static void describe_required(const struct palier_schema *s, struct palier_json *w)
{
	palier_json_key(w, "required");
	palier_json_array(w);
	for (const struct palier_field *f = s->fields; f->name; f++)
		if (f->flags & PALIER_REQUIRED)
			palier_json_str(w, f->name);
	palier_json_end_array(w);
}

void schema_describe(const struct palier_schema *s, bool strict, struct palier_json *w)
{
	palier_json_object(w);
	add_member(w, "type", "object");
	palier_json_key(w, "properties");
	palier_json_object(w);
	for (const struct palier_field *f = s->fields; f->name; f++) {
		palier_json_key(w, f->name);
		palier_json_object(w);
		add_member(w, "description", f->doc);
		describe_value(f, w);
		palier_json_end_object(w);
	}
	palier_json_end_object(w);
	describe_required(s, w);
	if (strict) {
		palier_json_key(w, "additionalProperties");
		palier_json_bool(w, false);
	}
	palier_json_end_object(w);
}

/* --- OpenRPC --- */

#define MESSAGES_MAX 256

/* Every message that a method reaches, each once: those of params first, which are strict. */
struct messages {
	const struct palier_schema *at[MESSAGES_MAX];
	unsigned count, strict;
};

static void messages_add(struct messages *m, const struct palier_schema *s)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i] == s)
			return;
	if (m->count < MESSAGES_MAX)
		m->at[m->count++] = s;
}

/* From the messages between `from` and the end on to those inside them. */
static void messages_reach(struct messages *m, unsigned from)
{
	for (unsigned i = from; i < m->count; i++)
		for (const struct palier_field *f = m->at[i]->fields; f->name; f++)
			if (f->of)
				messages_add(m, f->of);
}

static void messages_collect(struct messages *m)
{
	m->count = 0;
	for (const struct palier_method *const *method = palier_methods; *method; method++)
		messages_add(m, (*method)->params);
	messages_reach(m, 0);
	m->strict = m->count;
	for (const struct palier_method *const *method = palier_methods; *method; method++)
		messages_add(m, (*method)->result);
	messages_reach(m, m->strict);
}

static void discover_param(const struct palier_method *m, const struct palier_field *f, struct palier_json *w)
{
	/* A command without `request` is refused with a reason of its own, so the table does not require it. */
	bool request = (m->flags & METHOD_COMMAND) && f == m->params->fields;
	char path[160];

	snprintf(path, sizeof(path), "#/components/schemas/%s/properties/%s", m->params->name, f->name);
	palier_json_object(w);
	add_member(w, "name", f->name);
	add_member(w, "description", f->doc);
	palier_json_key(w, "required");
	palier_json_bool(w, request || (f->flags & PALIER_REQUIRED));
	palier_json_key(w, "schema");
	palier_json_object(w);
	add_member(w, "$ref", path);
	palier_json_end_object(w);
	palier_json_end_object(w);
}

/* OpenRPC 1.3, "Service Discovery Method": its result is the document that its meta-schema describes. */
static void discover_result(const struct palier_method *m, struct palier_json *w)
{
	bool discover = m == &method_rpc_discover;

	palier_json_key(w, "result");
	palier_json_object(w);
	add_member(w, "name", discover ? "OpenRPC Schema" : m->result->name);
	palier_json_key(w, "schema");
	palier_json_object(w);
	if (discover)
		add_member(w, "$ref", "https://raw.githubusercontent.com/open-rpc/meta-schema/master/schema.json");
	else
		describe_reference(m->result, w);
	palier_json_end_object(w);
	palier_json_end_object(w);
}

static void discover_method(const struct palier_method *m, struct palier_json *w)
{
	palier_json_object(w);
	add_member(w, "name", m->name);
	add_member(w, "summary", m->doc);
	add_member(w, "paramStructure", "by-name");
	palier_json_key(w, "params");
	palier_json_array(w);
	for (const struct palier_field *f = m->params->fields; f->name; f++)
		discover_param(m, f, w);
	palier_json_end_array(w);
	discover_result(m, w);
	palier_json_key(w, "x-command");
	palier_json_bool(w, m->flags & METHOD_COMMAND);
	add_member(w, "x-role", m->flags & METHOD_OPEN ? "none" : role_names[m->least]);
	palier_json_end_object(w);
}

static void discover_error(int err, struct palier_json *w)
{
	const struct palier_error_info *info = palier_error_info(err);

	/* Some rows share a reason: it is described once, by the row it leads back to. */
	if (palier_error_of_reason(info->reason, strlen(info->reason)) != err)
		return;
	palier_json_key(w, info->reason);
	palier_json_object(w);
	add_number(w, "code", info->code);
	add_member(w, "message", info->text);
	palier_json_key(w, "data");
	palier_json_object(w);
	add_member(w, "reason", info->reason);
	palier_json_key(w, "retryable");
	palier_json_bool(w, info->retryable);
	palier_json_end_object(w);
	palier_json_end_object(w);
}

static void discover_components(struct palier_json *w)
{
	struct messages m;

	messages_collect(&m);
	palier_json_key(w, "components");
	palier_json_object(w);
	palier_json_key(w, "schemas");
	palier_json_object(w);
	for (unsigned i = 0; i < m.count; i++) {
		palier_json_key(w, m.at[i]->name);
		schema_describe(m.at[i], i < m.strict, w);
	}
	palier_json_end_object(w);
	palier_json_key(w, "errors");
	palier_json_object(w);
	for (int row = 1; row < PALIER_ERROR_ROWS; row++)
		discover_error(-row, w);
	palier_json_end_object(w);
	palier_json_end_object(w);
}

void palier_discover(struct palier_json *w)
{
	char version[16];

	snprintf(version, sizeof(version), "%d", PALIER_PROTOCOL_VERSION);
	palier_json_object(w);
	add_member(w, "openrpc", "1.3.2");
	palier_json_key(w, "info");
	palier_json_object(w);
	add_member(w, "title", "palier");
	add_member(w, "version", version);
	add_member(w, "description", "Loyalty beside the till: JSON-RPC 2.0, a line a request, a line a reply");
	palier_json_end_object(w);
	palier_json_key(w, "methods");
	palier_json_array(w);
	for (const struct palier_method *const *m = palier_methods; *m; m++)
		discover_method(*m, w);
	palier_json_end_array(w);
	discover_components(w);
	palier_json_end_object(w);
}
