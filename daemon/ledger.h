/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: journal, index and keys as one thing. A turn's accepted events wait here until ledger_sync has them on disk. */
#pragma once

#include "daemon/event.h"
#include "daemon/why.h"

/** What the last check in the background said. */
struct verified {
	int64_t at_ms; /* when it began; 0: there was none yet */
	uint64_t seq;  /* the last event then */
	bool ok;
};

struct ledger {
	char dir[3900];
	const struct config *config;
	const struct plugin_set *plugins;
	int lock;
	struct store *store;
	struct keys *keys;
	struct journal *journal;
	struct store_mark head;   /* the last event accepted, on disk or waiting */
	struct store_mark synced; /* the last on disk */
	struct verified verified;
	struct palier_hash prev_batch; /* of the last closed file, for the next head line */
	uint32_t day;                  /* the open business day; 0: none, the next command opens one */
	uint64_t first_seq;            /* of the open batch */
	bool closing;                  /* the turn under way ends the day: nothing else joins it */
	uint32_t jobs_done;            /* the batch in which the jobs after the close before it have nothing left to do */
	uint64_t turn;                 /* first seq of the turn under way; 0: none yet */
	bool commit_now;               /* the index must follow at once: a day was opened or closed */
	int64_t commit_after_ms;       /* no sooner, after one that failed */
	int64_t dirty_since_ms;        /* when the index began to lag; 0: it does not */
	struct json_token *tape;       /* for reading event lines */
	uint32_t tape_size;
	struct palier_buffer line;
	struct palier_ctx fold; /* for folding lines again */
	struct palier_arena arena;
	uint32_t *erase; /* slots of the key file to be overwritten once the turn is on disk */
	size_t erase_count, erase_room;
	bool programme_sent; /* the office's files follow once the turn is on disk */
};

/** Make an empty ledger in a directory that does not exist or is empty. @param why one line that says what is wrong and what to do */
int ledger_create(const char *dir, const struct config *config, struct plugin_set *plugins, char *why);

/** Is there a ledger of this store that this palier can read? @return PALIER_OK; an error with *why */
int ledger_find(const char *dir, const char *store_id, char *why);
/** Open and recover: verify the open day, cut a torn tail, fold what the index has not seen. Takes the directory's lock.
 * @param plugins bound to the index by this */
int ledger_open(const struct config *config, struct plugin_set *plugins, struct ledger **out, char *why);
/** Commit the index and close. What waits unsynced is lost. @return PALIER_OK; PALIER_ESTORE: the next start folds what is missing */
int ledger_close(struct ledger *l);

/** Is there room for another turn? @return PALIER_OK; PALIER_ESTORAGE_FULL */
int ledger_reserve(struct ledger *l);
/** Give c's event its seq, turn, place and day. */
void ledger_place(struct ledger *l, struct palier_ctx *c);
/** The command is decided: its line waits for the turn's end, its writes go into the index.
 * @return PALIER_OK; PALIER_ESTORAGE_FULL: refused; PALIER_ESTORE: the turn has failed, call ledger_undo */
int ledger_accept(struct ledger *l, struct palier_ctx *c);
/** Was the day's close accepted? Then the turn is over. */
bool ledger_closing(const struct ledger *l);
/** Bytes of lines that wait. */
size_t ledger_waiting(const struct ledger *l);
/** Make what waits durable: keys, then lines, then the overwriting of the keys that they erase. When they close the day its file is then
 * finished; what fails there is PALIER_EIO too, since the close is durable and the next start finishes it.
 * @return PALIER_OK; PALIER_ESTORAGE_FULL: call ledger_undo; PALIER_EIO: stop the process */
int ledger_sync(struct ledger *l);
/** Forget what waits; fold the index again from the file. @return PALIER_OK, else stop the process */
int ledger_undo(struct ledger *l);
/** Between turns: commit the index when enough has gathered or it is old. @return PALIER_OK, else stop the process */
int ledger_pace(struct ledger *l, int64_t now_ms);

/** Read and decode the event whose line begins there, as the index says. @return PALIER_OK; PALIER_EDAMAGED; PALIER_EIO */
int ledger_event_at(struct ledger *l, uint32_t batch, uint64_t offset, struct palier_arena *a, struct palier_event *out);

/** Likewise of a line that has been read. @param line of that place */
int ledger_event_read(struct ledger *l, struct palier_bytes line, uint32_t batch, uint64_t offset, struct palier_arena *a,
	struct palier_event *out);
/** The seq of the first event of a batch, from its head line. @return PALIER_OK; PALIER_EDAMAGED; PALIER_EIO */
int ledger_first_seq(struct ledger *l, uint32_t batch, struct palier_arena *a, uint64_t *out);

/** DIR/NAME. @param path 4096 bytes @return path */
const char *ledger_path(const char *dir, const char *name, char *path);
/** Make the names in a directory durable; fsync of a file makes only its bytes so. @return PALIER_OK; PALIER_EIO (errno tells) */
int ledger_dir_sync(const char *dir);
bool dir_is_empty(const char *dir);
/** Take the lock that the daemon, rebuild and restore hold. @param fd to be closed by the caller, also on error, unless negative */
int ledger_lock(const char *dir, int *fd, char *why);

/* --- offline work (palierd's verbs) --- */

/** Verify every line of the journal, and that the tables are what it folds to. Findings go to stdout, progress to stderr.
 * @return PALIER_OK; PALIER_EDAMAGED after at least one finding; another error with *why */
int ledger_check(const struct config *config, struct plugin_set *plugins, char *why);
/** Make the index again from the journal. @return PALIER_OK; an error with *why */
int ledger_rebuild(const struct config *config, struct plugin_set *plugins, char *why);
/** Fold the journal again into the index of a ledger whose lock is held, unless it is right as it is; the keys of those whom the journal
 * erases are overwritten, and a key file that is older than the journal gets blank slots for who is missing in it. For restore. */
int ledger_refold(const struct config *config, struct plugin_set *plugins, char *why);
/** Copy the ledger, whether palierd runs or not, into a directory that is new or empty.
 * @param keys_dir another such directory, for the key file; NULL: DIR/keys-apart */
int ledger_backup(const struct config *config, const char *dir, const char *keys_dir, char *why);
/** Make the ledger of the configuration, which may not exist yet, from a backup, verified first. */
int ledger_restore(const struct config *config, struct plugin_set *plugins, const char *dir, const char *keys_dir,
	char *why);

/** Compress the closed days that are sealed, and at least so many days old (daemon/archiving.c). The daemon may run. */
int ledger_archive(const struct config *config, unsigned days, int64_t now_ms, char *why);

/** What ledger_backup leaves in the data directory when it has succeeded, and ledger_restore: which backup it was. */
#define BACKUP_MARK   "backup"
#define RESTORED_MARK "restored"
struct backup_mark {
	int64_t taken_ms;
	uint64_t seq; /* the last event in it */
};
/** @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED */
int backup_mark_read(const char *dir, const char *name, struct backup_mark *out);
