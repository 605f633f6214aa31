/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.restored: whoever folds or pulls the journal sees that what was booked behind it before is gone. */
#include "daemon/restored.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/copies.h"
#include "daemon/core.h"
#include "daemon/log.h"

#define PALIER_FIELDS_ledger_restore(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_FIELDS_ledger_restored(F, M)
PALIER_MESSAGE(ledger_restore);
PALIER_SCHEMA(ledger_restore);

const struct palier_method method_ledger_restored = {
	.name = "ledger.restored",
	.flags = METHOD_COMMAND | METHOD_INTERNAL,
	.least = ROLE_OFFICE,
	.params = &ledger_restore_schema,
	.result = &nothing_schema,
	.doc = "the ledger was restored from a backup",
};

CORE_DECIDE(ledger_restored_decide)
{
	const struct ledger_restore *p = params;
	struct ledger_restored body = { .set = { 0, 0 } };

	PALIER_SET(&body, ledger_restored, taken, p->taken);
	PALIER_SET(&body, ledger_restored, events, p->events);
	return palier_effect_add(c, "ledger.restored", &body);
}

static int book(struct router *r, struct ledger *l, const struct backup_mark *mark)
{
	struct ledger_restore params = { .set = { 0, 0 } };
	char request[64];
	int n = snprintf(request, sizeof(request), "restored|%lld|%llu", (long long)mark->taken_ms,
		(unsigned long long)mark->seq);
	int err;

	PALIER_SET(&params, ledger_restore, taken, mark->taken_ms);
	PALIER_SET(&params, ledger_restore, events, (int64_t)mark->seq);
	err = router_own(r, &method_ledger_restored, palier_bytes_of(request, (size_t)n), &params, clock_now_ms());
	return err == PALIER_OK ? ledger_sync(l) : err;
}

int restored_book(struct router *r, struct ledger *l, char *why)
{
	char path[4096];
	struct backup_mark mark;
	int err = backup_mark_read(l->dir, RESTORED_MARK, &mark);

	ledger_path(l->dir, RESTORED_MARK, path);
	if (err == PALIER_ENOENT)
		return PALIER_OK;
	if (err != PALIER_OK)
		return complain(why, err, "%s is damaged: remove it, or restore again", path);
	err = book(r, l, &mark);
	if (err != PALIER_OK)
		return complain(why, err, "the restore cannot be booked: is the disk full?");
	log_warn("ledger.restored", "events=%llu: what was booked after that backup is lost", (unsigned long long)mark.seq);
	if (unlink(path) != 0 || directory_sync(l->dir) != PALIER_OK)
		return complain(why, PALIER_EIO, "cannot remove %s: %s", path, strerror(errno));
	return PALIER_OK;
}
