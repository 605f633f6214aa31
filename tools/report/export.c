/* SPDX-License-Identifier: Apache-2.0 */
/* XES and CSV: from the lines of the journey. */
#include "tools/report/export.h"

#include "protocol/crypto.h"
#include "tools/report/journey_parts.h"

void export_name(const struct export_key *key, struct palier_bytes of, char out[EXPORT_NAME])
{
	uint8_t mac[CRYPTO_MAC_MAX];

	(void)crypto_hmac(CRYPTO_SHA256, palier_bytes_of(key->b, sizeof(key->b)), of, mac);
	palier_hex(mac, (EXPORT_NAME - 1) / 2, out);
}

void export_customer(const struct journey *j, const struct export_key *key, uint32_t member, char out[EXPORT_NAME])
{
	char id[PALIER_ID_TEXT + 1];

	palier_id_format(j->members[member].id, id);
	export_name(key, palier_str(id), out);
}

struct exporting {
	const struct journey *j;
	const struct export_key *key;
	FILE *out;
};

/* "2026-11-21T09:03:11.120": the offset is the caller's */
static void time_text(const struct journey_touch *t, char text[32])
{
	time_format((int64_t)t->at_s * 1000 + t->at_ms, text);
	text[strlen(text) - 1] = '\0';
}

static const char *resource_of(const struct journey *j, const struct journey_touch *t)
{
	return journey_local(j, j->tills.at[j->places[t->place].till]);
}

static bool is_empty(const struct journey *j, const struct journey_line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (journey_shows(j, &line->at[i]))
			return false;
	return true;
}

static int ended(FILE *out)
{
	return fflush(out) == 0 && !ferror(out) ? PALIER_OK : PALIER_EIO;
}

/* --- XES --- */

static const char xes_head[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<log xes.version=\"1849-2016\" xes.features=\"\" xmlns=\"http://www.xes-standard.org/\">\n"
	"<extension name=\"Concept\" prefix=\"concept\" uri=\"http://www.xes-standard.org/concept.xesext\"/>\n"
	"<extension name=\"Time\" prefix=\"time\" uri=\"http://www.xes-standard.org/time.xesext\"/>\n"
	"<extension name=\"Lifecycle\" prefix=\"lifecycle\" uri=\"http://www.xes-standard.org/lifecycle.xesext\"/>\n"
	"<extension name=\"Organizational\" prefix=\"org\" uri=\"http://www.xes-standard.org/org.xesext\"/>\n"
	"<global scope=\"trace\">\n<string key=\"concept:name\" value=\"\"/>\n</global>\n"
	"<global scope=\"event\">\n<string key=\"concept:name\" value=\"\"/>\n"
	"<date key=\"time:timestamp\" value=\"1970-01-01T00:00:00.000+00:00\"/>\n"
	"<string key=\"lifecycle:transition\" value=\"complete\"/>\n<string key=\"org:resource\" value=\"\"/>\n</global>\n"
	"<classifier name=\"Activity\" keys=\"concept:name\"/>\n";

/* Control characters are no part of XML, nor are U+FFFE and U+FFFF. */
void export_xml(FILE *out, const char *text)
{
	for (; *text; text++) {
		const char *escaped = *text == '&'   ? "&amp;"
		                      : *text == '<' ? "&lt;"
		                      : *text == '>' ? "&gt;"
		                      : *text == '"' ? "&quot;"
		                                     : NULL;

		if (escaped)
			fputs(escaped, out);
		else if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0) {
			fputs("\xef\xbf\xbd", out);
			text += 2;
		} else
			fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, out);
	}
}

static void xml_string(FILE *out, const char *key, const char *value)
{
	fprintf(out, "<string key=\"%s\" value=\"", key);
	export_xml(out, value);
	fputs("\"/>\n", out);
}

static void xes_trace(void *who, const struct journey_line *line)
{
	const struct exporting *x = who;
	char name[EXPORT_NAME], at[32];

	if (is_empty(x->j, line))
		return;
	export_customer(x->j, x->key, line->number, name);
	fputs("<trace>\n", x->out);
	xml_string(x->out, "concept:name", name);
	for (size_t i = 0; i < line->count; i++) {
		const struct journey_touch *t = &line->at[i];

		if (!journey_shows(x->j, t))
			continue;
		time_text(t, at);
		fputs("<event>\n", x->out);
		xml_string(x->out, "concept:name", journey_activity(x->j, t->activity));
		fprintf(x->out, "<date key=\"time:timestamp\" value=\"%s+00:00\"/>\n", at);
		xml_string(x->out, "lifecycle:transition", "complete");
		xml_string(x->out, "org:resource", resource_of(x->j, t));
		if (x->j->more[line->index[i]].amount)
			fprintf(x->out, "<int key=\"palier:amount_minor\" value=\"%lld\"/>\n",
				(long long)x->j->more[line->index[i]].amount);
		fputs("</event>\n", x->out);
	}
	fputs("</trace>\n", x->out);
}

int export_xes(const struct journey *j, const struct export_key *key, FILE *out)
{
	struct exporting x = { j, key, out };

	fputs(xes_head, out);
	journey_each(j, xes_trace, &x);
	fputs("</log>\n", out);
	return ended(out);
}

/* --- CSV --- */

/* What a spreadsheet would take for a formula begins with an apostrophe. */
static void csv_text(FILE *out, const char *text)
{
	fprintf(out, "\"%s", text[0] && strchr("=+-@", text[0]) ? "'" : "");
	for (; *text; text++)
		fputs(*text == '"' ? "\"\"" : (const char[]){ *text, '\0' }, out);
	fputc('"', out);
}

static void csv_line(void *who, const struct journey_line *line)
{
	const struct exporting *x = who;
	char name[EXPORT_NAME], at[32];

	if (is_empty(x->j, line))
		return;
	export_customer(x->j, x->key, line->number, name);
	for (size_t i = 0; i < line->count; i++) {
		const struct journey_touch *t = &line->at[i];

		if (!journey_shows(x->j, t))
			continue;
		time_text(t, at);
		fprintf(x->out, "%s,", name);
		csv_text(x->out, journey_activity(x->j, t->activity));
		fprintf(x->out, ",%sZ,", at);
		csv_text(x->out, resource_of(x->j, t));
		fputs("\r\n", x->out);
	}
}

int export_csv(const struct journey *j, const struct export_key *key, FILE *out)
{
	struct exporting x = { j, key, out };

	fputs("case,activity,timestamp,resource\r\n", out);
	journey_each(j, csv_line, &x);
	return ended(out);
}
