/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tools/diary.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/datetime.h"

void diary_begin(struct diary *j)
{
	const char *tmp = getenv("TMPDIR");
	char path[128];

	*j = (struct diary){ .store = "lyon-03", .till = "till-1", .operator= "07" };
	snprintf(j->data, sizeof(j->data), "%s/palier-journal-XXXXXX", tmp ? tmp : "/tmp");
	assert(mkdtemp(j->data));
	snprintf(path, sizeof(path), "%s/journal", j->data);
	assert(mkdir(path, 0700) == 0);
	snprintf(path, sizeof(path), "%s/journal/1.jsonl", j->data);
	j->f = fopen(path, "we");
	assert(j->f);
	fprintf(j->f, "{\"head\":{\"format\":1,\"store\":\"lyon-03\",\"batch\":1}}\n");
}

const char *diary_member(unsigned number)
{
	static char texts[8][PALIER_ID_TEXT + 1];
	static unsigned turn;
	struct palier_id id = { .b = { 0 } };
	char *text = texts[turn++ % 8];

	for (unsigned i = 0; i < 4; i++)
		id.b[i] = id.b[9 - i] = (uint8_t)(number * 2654435761u >> 8 * i);
	id.b[4] = (uint8_t)(number >> 16);
	id.b[5] = (uint8_t)(number >> 8);
	palier_id_format(id, text);
	return text;
}

int64_t diary_noon(unsigned day)
{
	return day_number(day) * 86400 + 43200;
}

static void quote(char *text)
{
	for (; *text; text++)
		*text = *text == '\'' ? '"' : *text;
}

/* @return with " for ', to be freed */
static char *quoted(const char *fmt, va_list ap)
{
	char *text;

	assert(vasprintf(&text, fmt, ap) >= 0);
	quote(text);
	return text;
}

void diary_event(struct diary *j, int64_t at_s, const char *method, unsigned member, const char *effects, ...)
{
	char at[32], day[11], params[512], *text;
	va_list ap;

	va_start(ap, effects);
	text = quoted(effects, ap);
	va_end(ap);
	time_format(at_s * 1000, at);
	day_format(day_of_number(at_s / 86400), day);
	fprintf(j->f,
		"{\"seq\":%llu,\"at\":\"%s\",\"store\":\"%s\",\"till\":\"%s\",\"operator\":\"%s\",\"day\":\"%s\",\"method\":\"%s\",",
		(unsigned long long)++j->seq, at, j->store, j->till, j->operator, day, method);
	if (member)
		fprintf(j->f, "\"member\":\"%s\",", diary_member(member));
	snprintf(params, sizeof(params), "%s", j->params ? j->params : "{}");
	quote(params);
	fprintf(j->f, "\"params\":%s,\"effects\":[%s]}\n", params, text);
	free(text);
}

void diary_close(struct diary *j)
{
	if (j->f)
		assert(fclose(j->f) == 0);
	j->f = NULL;
}

void diary_remove(struct diary *j)
{
	char path[128];

	diary_close(j);
	snprintf(path, sizeof(path), "%s/journal/1.jsonl", j->data);
	unlink(path);
	snprintf(path, sizeof(path), "%s/journal", j->data);
	rmdir(path);
	rmdir(j->data);
}

void diary_sale(struct diary *j, int64_t at_s, unsigned member, const char *sale, int base, const char *more)
{
	diary_event(j, at_s, "sale.commit", member, "%s{'kind':'sale.booked','sale':'%s','total':%d,'payable':%d,'base':%d}",
		more, sale, base, base, base);
}

void diary_touch(struct diary *j, int64_t at_s, unsigned member, const char *touchpoint, const char *channel)
{
	diary_event(j, at_s, "journey.record", member,
		"{'kind':'journey.touch','member':'%s','touchpoint':'%s','channel':'%s'}", diary_member(member), touchpoint,
		channel);
}

void diary_stage(struct diary *j, int64_t at_s, unsigned member, const char *stage)
{
	diary_event(j, at_s, "journey.record", member, "{'kind':'journey.stage','member':'%s','stage':'%s'}",
		diary_member(member), stage);
}
