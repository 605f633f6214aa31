/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon counts: a row a metric. Counted where it happens, in the one thread there is; read by system.status and system.metrics. */
#pragma once

#include "daemon/ctx.h"

/* M(type, name in C, name for Prometheus, reason or NULL, help) */
#define PALIER_METRICS(M) \
	M(COUNTER, requests, "palier_requests_total", NULL, "lines answered") \
	M(COUNTER, commands, "palier_commands_total", NULL, "events booked for a command") \
	M(COUNTER, replays, "palier_replays_total", NULL, "commands sent again and answered from the ledger") \
	M(COUNTER, turns, "palier_turns_total", NULL, "turns that were synced to disk") \
	M(COUNTER, undone, "palier_undone_total", NULL, \
		"times that the index was folded anew because it or the disk had failed") \
	M(COUNTER, sync_us, "palier_sync_microseconds_total", NULL, "spent writing and syncing the journal") \
	M(GAUGE, sync_us_last, "palier_sync_microseconds_last", NULL, "the last of them") \
	M(GAUGE, sync_us_max, "palier_sync_microseconds_max", NULL, "the longest of them") \
	M(COUNTER, commits, "palier_index_commits_total", NULL, "commits of the index") \
	M(COUNTER, commits_failed, "palier_index_commits_failed_total", NULL, "of them, failed and tried again") \
	M(COUNTER, commit_us, "palier_index_commit_microseconds_total", NULL, "spent in commits of the index") \
	M(GAUGE, commit_us_max, "palier_index_commit_microseconds_max", NULL, "the longest of them") \
	M(COUNTER, accepted, "palier_connections_accepted_total", NULL, "connections let in") \
	M(COUNTER, refused_uid, "palier_connections_refused_total", "uid", "connections turned away at the door") \
	M(COUNTER, refused_full, "palier_connections_refused_total", "connections", "connections turned away at the door") \
	M(COUNTER, refused_descriptors, "palier_connections_refused_total", "descriptors", \
		"connections turned away at the door") \
	M(COUNTER, cut_sender, "palier_connections_cut_total", "slow_sender", "connections ended by the daemon") \
	M(COUNTER, cut_reader, "palier_connections_cut_total", "slow_reader", "connections ended by the daemon") \
	M(COUNTER, cut_overflow, "palier_connections_cut_total", "overflow", "connections ended by the daemon") \
	M(COUNTER, cut_tls, "palier_connections_cut_total", "tls", "connections ended by the daemon") \
	M(COUNTER, http_2xx, "palier_http_replies_total", "2xx", "replies by HTTP") \
	M(COUNTER, http_3xx, "palier_http_replies_total", "3xx", "replies by HTTP") \
	M(COUNTER, http_4xx, "palier_http_replies_total", "4xx", "replies by HTTP") \
	M(COUNTER, http_5xx, "palier_http_replies_total", "5xx", "replies by HTTP") \
	M(COUNTER, http_file_bytes, "palier_http_file_bytes_total", NULL, "of files, sent by HTTP") \
	M(COUNTER, reloads, "palier_reloads_total", NULL, "configurations taken on SIGHUP") \
	M(COUNTER, reloads_refused, "palier_reloads_refused_total", NULL, "configurations refused on SIGHUP") \
	M(GAUGE, connections, "palier_connections", NULL, "connections open") \
	M(COUNTER, told, "palier_events_told_total", NULL, "lines sent to subscribers") \
	M(GAUGE, subscribers, "palier_subscribers", NULL, "connections that have subscribed to events") \
	M(GAUGE, subscribers_behind, "palier_subscribers_behind", NULL, "of them, those that are still told the past") \
	M(GAUGE, events, "palier_events", NULL, "events in the ledger") \
	M(GAUGE, members, "palier_members", NULL, "members enrolled so far") \
	M(GAUGE, alerts_open, "palier_alerts_open", NULL, "alerts that nobody has resolved") \
	M(GAUGE, journal_bytes, "palier_journal_bytes", NULL, "of the open journal file") \
	M(GAUGE, disk_free_bytes, "palier_disk_free_bytes", NULL, "that the ledger's file system has left")

#define PALIER_METRIC_FIELD(type, field, name, reason, help) int64_t field;
struct metrics {
	PALIER_METRICS(PALIER_METRIC_FIELD)
	int64_t refusals[PALIER_ERROR_ROWS]; /* palier_refusals_total, by reason: at the first error of that reason */
};
extern struct metrics metrics;

void metrics_refusal(int err);
/** Bring those up to date that are looked up rather than counted. */
void metrics_look(struct palier_ctx *c);
/** system.metrics */
void metrics_write(struct palier_json *w);
