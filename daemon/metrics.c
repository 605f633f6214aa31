/* SPDX-License-Identifier: Apache-2.0 */
/* The table of metrics, and its answer. */
#include "daemon/metrics.h"

#include <sys/statvfs.h>

#include "daemon/core.h"
#include "daemon/ledger.h"

struct metrics metrics;

enum metric_type { COUNTER, GAUGE };
static const char *const type_names[] = { "counter", "gauge" };

static const struct metric {
	enum metric_type type;
	const int64_t *value;
	const char *name, *reason, *help;
} rows[] = {
#define ROW(type, field, name, reason, help) { type, &metrics.field, name, reason, help },
	PALIER_METRICS(ROW)
#undef ROW
};

void metrics_refusal(int err)
{
	const char *reason = palier_error_info(err)->reason;

	metrics.refusals[-palier_error_of_reason(reason, strlen(reason))]++;
}

/* @return -1 when it cannot be told */
static int64_t disk_free(const char *dir)
{
	struct statvfs fs;

	return statvfs(dir, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
}

void metrics_look(struct palier_ctx *c)
{
	const struct ledger *l = c->ledger;

	metrics.events = (int64_t)l->head.seq;
	metrics.members = core_counter(core_tables(c), "members");
	metrics.alerts_open = core_counter(core_tables(c), COUNTER_ALERTS_OPEN);
	metrics.journal_bytes = l->day ? (int64_t)l->head.offset : 0;
	metrics.disk_free_bytes = disk_free(l->dir);
}

static void metric_write(const struct metric *m, struct palier_json *w)
{
	palier_json_object(w);
	palier_json_key(w, "name");
	palier_json_str(w, m->name);
	palier_json_key(w, "type");
	palier_json_str(w, type_names[m->type]);
	palier_json_key(w, "help");
	palier_json_str(w, m->help);
	if (m->reason) {
		palier_json_key(w, "reason");
		palier_json_str(w, m->reason);
	}
	palier_json_key(w, "value");
	palier_json_int(w, *m->value);
	palier_json_end_object(w);
}

/* Every reason once, also those that nobody has met yet: a counter begins at 0. */
static void refusals_write(struct palier_json *w)
{
	struct metric m = { COUNTER, NULL, "palier_refusals_total", NULL, "requests refused, by reason" };

	for (int row = 1; row < (int)PALIER_ERROR_ROWS; row++) {
		m.reason = palier_error_info(-row)->reason;
		m.value = &metrics.refusals[row];
		if (palier_error_of_reason(m.reason, strlen(m.reason)) == -row)
			metric_write(&m, w);
	}
}

void metrics_write(struct palier_json *w)
{
	palier_json_object(w);
	palier_json_key(w, "metrics");
	palier_json_array(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		metric_write(&rows[i], w);
	refusals_write(w);
	palier_json_end_array(w);
	palier_json_end_object(w);
}
