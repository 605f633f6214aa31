/* SPDX-License-Identifier: Apache-2.0 */
/* A journal's line, without its LF: what reads as an event must be written to a line that reads to the same again and links. */
#include <stdlib.h>

#include "daemon/core.h"
#include "daemon/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct palier_plugin palier_plugin_points;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const struct plugin_set *plugins(void)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &palier_plugin_points, NULL };
	static struct plugin_set set;
	char why[WHY_LEN];

	if (!set.count)
		check(plugins_set(list, &set, why) == PALIER_OK);
	return &set;
}

static struct json_doc tape_for(struct palier_bytes line, struct palier_arena *a)
{
	struct json_doc d = { .capacity = (uint32_t)(line.len / 2 + 2) };

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	return d;
}

static bool read_event(struct palier_bytes line, struct palier_arena *a, struct palier_event *ev)
{
	struct json_doc d = tape_for(line, a);
	char why[WHY_LEN];

	memset(why, 'x', sizeof(why));
	if (event_read(plugins(), &d, line, a, ev, why) == PALIER_OK)
		return true;
	check(why[0] && memchr(why, 0, sizeof(why)));
	return false;
}

static struct palier_bytes write_event(const struct palier_event *ev, struct palier_arena *a)
{
	static const struct palier_hash prev = { { 1, 2, 3 } };
	struct palier_buffer out = { 0 };
	struct palier_bytes line;

	event_write(ev, &prev, &out);
	line = palier_copy(a, palier_buffer_bytes(&out));
	palier_buffer_deinit(&out);
	return line;
}

static void try_event(struct palier_bytes line, struct palier_arena *a)
{
	struct palier_event ev, again;
	struct palier_bytes written;
	struct palier_hash prev;
	uint64_t seq, turn;

	if (batch_links(line, &seq, &turn, &prev))
		check(line.at[0] == '{' && line.at[line.len - 1] == '}');
	if (!read_event(line, a, &ev))
		return;
	written = write_event(&ev, a);
	check(!memchr(written.at, '\n', written.len) && !memchr(written.at, 0, written.len));
	check(read_event(written, a, &again));
	check(palier_equal(written, write_event(&again, a)));
	check(batch_links(written, &seq, &turn, &prev) && seq == ev.seq && turn == ev.turn && prev.b[0] == 1);
}

static void try_head(struct palier_bytes line, struct palier_arena *a)
{
	struct json_doc d = tape_for(line, a);
	struct batch_head head;

	if (batch_head_read(&d, line, a, &head))
		check(head.first_seq > 0 && head.first_seq <= PALIER_FIGURE_MAX && head.day > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct palier_arena a;
	struct palier_bytes line = palier_bytes_of(data, size);

	try_event(line, &a);
	try_head(line, &a);
	palier_arena_reset(&a);
	return 0;
}
