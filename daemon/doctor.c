/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a shop's health. */
#include "daemon/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/ledger.h"
#include "daemon/loop.h"
#include "daemon/store.h"
#include "protocol/crypto_key.h"
#include "protocol/json.h"

#define PATH_LEN 4096
#define HOUR_MS  INT64_C(3600000)
#define MIB      (UINT64_C(1) << 20)

enum state { FIT, NOTE, UNFIT };

struct doctor {
	const char *file;
	const struct config *config;
	struct palier_json *w; /* NULL: for people */
	bool colour;
	unsigned unfit;
	const char *check; /* under way */
	bool found;        /* there is a ledger, */
	bool running;      /* and palierd serves it */
	uint64_t seq;      /* of the last event; 0: none */
	int64_t last_ms;   /* when it was booked */
	uint32_t day;      /* open; 0: none */
	struct palier_arena arena;
};

/* --- saying it ----------------------------------------------------------------------------------------------------- */

static void say(struct doctor *d, enum state state, const char *advice, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* @param advice what to do; NULL: nothing */
static void say(struct doctor *d, enum state state, const char *advice, const char *fmt, ...)
{
	static const char *const names[] = { "fit", "note", "unfit" };
	static const char *const plain[] = { "ok   ", "note ", "FIX  " };
	static const char *const marks[] = { "\033[32m✓\033[0m ", "\033[33m!\033[0m ", "\033[31m✗\033[0m " };
	char text[WHY_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	d->unfit += state == UNFIT;
	if (!d->w) {
		printf("%s%-13s %s\n", d->colour ? marks[state] : plain[state], d->check, text);
		if (advice)
			printf("%*s-> %s\n", d->colour ? 16 : 19, "", advice);
		return;
	}
	palier_json_object(d->w);
	palier_json_key(d->w, "check");
	palier_json_str(d->w, d->check);
	palier_json_key(d->w, "state");
	palier_json_str(d->w, names[state]);
	palier_json_key(d->w, "text");
	palier_json_str(d->w, text);
	if (advice) {
		palier_json_key(d->w, "advice");
		palier_json_str(d->w, advice);
	}
	palier_json_end_object(d->w);
}

/* "3 days", "5 hours", "12 minutes" */
static const char *span_text(struct doctor *d, int64_t ms)
{
	int64_t minutes = ms / 60000;

	if (minutes >= 48 * 60)
		return palier_format(&d->arena, "%" PRId64 " days", minutes / (24 * 60));
	if (minutes >= 120)
		return palier_format(&d->arena, "%" PRId64 " hours", minutes / 60);
	return palier_format(&d->arena, "%" PRId64 " minutes", minutes);
}

/* --- the ledger ---------------------------------------------------------------------------------------------------- */

static void check_configuration(struct doctor *d)
{
	if (d->config)
		say(d, FIT, NULL, "%s is read without an error", d->file);
	else
		say(d, UNFIT, "mend what is named above, then ask again", "%s cannot be used", d->file);
}

static void check_ledger(struct doctor *d)
{
	char why[WHY_LEN];

	d->found = ledger_find(d->config->data, d->config->store.id, why) == PALIER_OK;
	if (d->found)
		say(d, FIT, NULL, "store %s, at %s", d->config->store.id, d->config->data);
	else
		say(d, UNFIT, NULL, "%s", why);
}

/* Shared, and let go at once: it is in nobody's way. */
static void check_daemon(struct doctor *d)
{
	char path[PATH_LEN];
	int fd = open(ledger_path(d->config->data, "lock", path), O_RDONLY | O_CLOEXEC);

	d->running = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	if (fd < 0 && errno != ENOENT)
		say(d, NOTE, "run this as the user whom the ledger belongs to", "cannot look whether palierd runs: %s",
			strerror(errno));
	else
		say(d, FIT, NULL, d->running ? "palierd works on this ledger" : "palierd does not run");
}

/* When the line was booked. */
static int64_t line_time(struct doctor *d, struct palier_bytes line)
{
	struct json_doc doc = { .capacity = (uint32_t)(line.len / 2 + 2) };
	int64_t at = 0;
	uint32_t token;

	doc.tokens = palier_alloc(&d->arena, doc.capacity * sizeof(*doc.tokens));
	if (json_parse(&doc, line, JSON_DEPTH_MAX) == PALIER_OK && (token = json_member(&doc, 0, "received")) != 0 &&
		time_parse(json_string(&doc, token, &d->arena), &at))
		return at;
	return 0;
}

static void head_take(struct doctor *d, struct palier_bytes line)
{
	struct json_doc doc = { .capacity = (uint32_t)(line.len / 2 + 2) };
	struct batch_head head;

	doc.tokens = palier_alloc(&d->arena, doc.capacity * sizeof(*doc.tokens));
	if (batch_head_read(&doc, line, &d->arena, &head)) {
		d->day = head.day;
		d->seq = head.first_seq - 1;
	}
}

/* The last event of a file. @return PALIER_OK, also when it ends in a torn line; PALIER_EIO */
static int journal_look(struct doctor *d, struct journal *j, uint32_t batch)
{
	struct journal_scan s;
	struct palier_bytes line;
	struct palier_buffer last = { 0 };
	struct palier_hash prev;
	uint64_t turn;
	int what, err = journal_scan_open(j, batch, 0, &s);

	if (err != PALIER_OK)
		return err;
	while ((what = journal_scan_next(&s, &line)) == JOURNAL_LINE) {
		if (s.offset == 0)
			head_take(d, line);
		if (batch_links(line, &d->seq, &turn, &prev)) {
			last.len = 0;
			palier_buffer_add(&last, line.at, line.len);
		}
	}
	if (last.len)
		d->last_ms = line_time(d, palier_buffer_bytes(&last));
	palier_buffer_deinit(&last);
	journal_scan_close(&s);
	return what < 0 ? what : PALIER_OK;
}

static void check_journal(struct doctor *d)
{
	char path[PATH_LEN];
	struct journal *j = NULL;
	uint32_t last;
	bool open;
	int err = journal_open(ledger_path(d->config->data, "journal", path), &j);

	if (err == PALIER_OK)
		err = journal_last(j, &last, &open);
	if (err == PALIER_OK && last > 0)
		err = journal_look(d, j, last);
	journal_close(j);
	if (err != PALIER_OK) {
		say(d, UNFIT, "run this as the user whom the ledger belongs to; if it is that one, see to the disk",
			"%s cannot be read", path);
		return;
	}
	if (!open)
		d->day = 0;
	if (d->seq == 0)
		say(d, FIT, NULL, "nothing has been booked yet");
	else
		say(d, FIT, NULL, "%" PRIu64 " events; `palier check` verifies them all", d->seq);
}

static void check_day(struct doctor *d)
{
	int64_t open_ms = d->day ? clock_now_ms() - zone_midnight(d->day) : 0;
	char day[11];

	if (!d->day) {
		say(d, FIT, NULL, "no business day is open; the next sale opens one");
		return;
	}
	day_format(d->day, day);
	if (open_ms > 48 * HOUR_MS)
		say(d, UNFIT, "close it: palier day close; palier-close.timer does so every night",
			"the business day %s has been open for %s: points lapse and tiers change only at a close", day,
			span_text(d, open_ms));
	else
		say(d, FIT, NULL, "the business day %s is open", day);
}

/* --- the clock ----------------------------------------------------------------------------------------------------- */

static void check_clock(struct doctor *d)
{
	static const char set[] = "set the clock, and let the network keep it (systemd-timesyncd, chrony)";
	int64_t now = clock_now_ms();
	char text[32];
	uint32_t today = zone_day(now);
	unsigned minute = zone_minute(now);

	time_format(now, text);
	if (today < 20260101 || today >= 21000101)
		say(d, UNFIT, set, "the clock says %s", text);
	else if (d->last_ms > now + 60000)
		say(d, UNFIT, set, "the clock is %s behind the last event: it was set back, or that one's was wrong",
			span_text(d, d->last_ms - now));
	else
		say(d, FIT, NULL, "it is %02u:%02u in %s", minute / 60, minute % 60, d->config->store.timezone);
}

/* --- the disk ------------------------------------------------------------------------------------------------------ */

#define SYNCS 24

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* As a sale does it: a few hundred bytes, then fdatasync, in a file whose room was taken ahead. @return false with errno */
static bool syncs_time(const char *dir, int64_t us[SYNCS])
{
	char path[PATH_LEN], text[512];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "%s/doctor.XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0)
		return false;
	unlink(path);
	memset(text, 'x', sizeof(text));
	ok = posix_fallocate(fd, 0, 65536) == 0 && fsync(fd) == 0;
	for (int i = 0; ok && i < SYNCS; i++) {
		int64_t from = clock_steady_us();

		ok = pwrite(fd, text, sizeof(text), (off_t)i * (off_t)sizeof(text)) == sizeof(text) && fdatasync(fd) == 0;
		us[i] = clock_steady_us() - from;
	}
	close(fd);
	return ok;
}

static const char *ms_text(struct doctor *d, int64_t us)
{
	return us < 10000 ? palier_format(&d->arena, "%" PRId64 ".%" PRId64 " ms", us / 1000, us / 100 % 10)
	                  : palier_format(&d->arena, "%" PRId64 " ms", us / 1000);
}

static void check_disk(struct doctor *d)
{
	int64_t us[SYNCS];
	const char *usual, *worst;

	if (!syncs_time(d->config->data, us)) {
		say(d, UNFIT, "run this as the user whom the ledger belongs to; if it is that one, see to the disk",
			"cannot write in %s: %s", d->config->data, strerror(errno));
		return;
	}
	qsort(us, SYNCS, sizeof(*us), by_size);
	usual = ms_text(d, us[SYNCS / 2]);
	worst = ms_text(d, us[SYNCS - 1]);
	if (us[SYNCS / 2] > 200000)
		say(d, UNFIT, "put the ledger on another disk: an SSD takes a few milliseconds",
			"too slow for a till: each sale will wait about %s, at worst %s so far", usual, worst);
	else if (us[SYNCS / 2] > 30000)
		say(d, NOTE, "an SSD would take a few milliseconds",
			"slow: each sale will wait about %s, at worst %s so far", usual, worst);
	else
		say(d, FIT, NULL, "each sale will wait about %s for the disk, at worst %s so far", usual, worst);
}

/* Where a sync does not do what it promises. */
static void check_filesystem(struct doctor *d)
{
	static const struct {
		unsigned type;
		enum state state;
		const char *name, *trouble;
	} kinds[] = {
		{ 0x01021994, UNFIT, "tmpfs", "in memory: the next power cut takes all of it" },
		{ 0x858458f6, UNFIT, "ramfs", "in memory: the next power cut takes all of it" },
		{ 0x6969, UNFIT, "nfs", "on another machine: neither locks nor the index are safe there" },
		{ 0xff534d42, UNFIT, "cifs", "on another machine: neither locks nor the index are safe there" },
		{ 0xfe534d42, UNFIT, "smb2", "on another machine: neither locks nor the index are safe there" },
		{ 0x4d44, UNFIT, "vfat", "on a file system without a journal of its own or permissions" },
		{ 0x65735546, NOTE, "fuse", "on a file system whose syncs depend on a program" },
	};
	struct statfs fs;

	if (statfs(d->config->data, &fs) != 0) {
		say(d, NOTE, NULL, "cannot look at the file system: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if ((unsigned)fs.f_type == kinds[i].type) {
			say(d, kinds[i].state, "set `data` to a directory on a local disk", "the ledger lies %s (%s)",
				kinds[i].trouble, kinds[i].name);
			return;
		}
	say(d, FIT, NULL, "the ledger lies on a local file system");
}

static void check_space(struct doctor *d)
{
	static const char more[] = "make room, or move `data` to a larger disk";
	struct statvfs fs;
	uint64_t mib;

	if (statvfs(d->config->data, &fs) != 0) {
		say(d, NOTE, NULL, "cannot look at the free space: %s", strerror(errno));
		return;
	}
	mib = (uint64_t)fs.f_bavail * fs.f_frsize / MIB;
	if (mib < 64 || (fs.f_files > 0 && fs.f_favail < 64))
		say(d, UNFIT, more, "%" PRIu64 " MiB and %" PRIu64 " files are left: sales will be refused soon", mib,
			(uint64_t)fs.f_favail);
	else if (mib < 1024)
		say(d, NOTE, more, "%" PRIu64 " MiB are left, for about %" PRIu64 " thousand sales", mib, mib);
	else
		say(d, FIT, NULL, "%" PRIu64 " GiB are left", mib / 1024);
}

/* --- permissions and limits ---------------------------------------------------------------------------------------- */

static void check_permissions(struct doctor *d)
{
	static const struct {
		const char *name;
		mode_t others; /* who else may do nothing; palier-seal's group may come as far as the closed days */
	} files[] = { { ".", 027 }, { "keys", 077 }, { "journal", 027 }, { "index", 077 }, { "FORMAT", 077 } };
	char path[PATH_LEN];
	struct stat data, st;

	if (stat(d->config->data, &data) != 0) {
		say(d, UNFIT, NULL, "cannot look at %s: %s", d->config->data, strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		ledger_path(d->config->data, files[i].name, path);
		if (stat(path, &st) != 0) {
			say(d, UNFIT, "restore it from a backup", "%s: %s", path, strerror(errno));
			return;
		}
		if (st.st_mode & files[i].others) {
			say(d, UNFIT, palier_format(&d->arena, "chmod go= %s", path),
				"others than its owner may read or change %s", path);
			return;
		}
		if (st.st_uid != data.st_uid) {
			say(d, UNFIT, palier_format(&d->arena, "chown -R %u %s", data.st_uid, d->config->data),
				"%s does not belong to the user whom the ledger belongs to", path);
			return;
		}
	}
	if (geteuid() != data.st_uid && geteuid() != 0)
		say(d, NOTE, "run this as that user", "the ledger belongs to user %u, and you are another", data.st_uid);
	else
		say(d, FIT, NULL, "only user %u may read the keys and the ledger", data.st_uid);
}

static void check_descriptors(struct doctor *d)
{
	rlim_t need = loop_descriptors(d->config);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		say(d, NOTE, NULL, "cannot look at the limit of open files: %s", strerror(errno));
	else if (limit.rlim_max < need)
		say(d, UNFIT, "raise the limit (LimitNOFILE= in the unit, ulimit -Hn), or lower limits.connections",
			"%llu files may be open, and so many connections need %llu", (unsigned long long)limit.rlim_max,
			(unsigned long long)need);
	else
		say(d, FIT, NULL, "enough files may be open for %" PRId64 " connections", d->config->limits.connections);
}

/* --- the doors ----------------------------------------------------------------------------------------------------- */

/* @return 0; an errno */
static int knock_at(const struct sockaddr *at, socklen_t len)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t err_len = sizeof(err);

	if (fd < 0)
		return errno;
	if (connect(fd, at, len) != 0)
		err = errno;
	if (err == EINPROGRESS)
		err = poll(&p, 1, 3000) != 1                                      ? ETIMEDOUT
		      : getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &err_len) != 0 ? errno
		                                                                  : err;
	close(fd);
	return err;
}

static int knock(const struct door_config *c)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct addrinfo *at = NULL;
	int err;

	if (c->kind == DOOR_UNIX) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", c->path);
		return knock_at((const struct sockaddr *)&un, sizeof(un));
	}
	if (getaddrinfo(c->host, c->port, &hints, &at) != 0)
		return EINVAL;
	err = knock_at(at->ai_addr, at->ai_addrlen);
	freeaddrinfo(at);
	return err;
}

static bool any_port(const struct door_config *c)
{
	return c->kind != DOOR_UNIX && strtol(c->port, NULL, 10) == 0;
}

static void check_doors(struct doctor *d)
{
	size_t answered = 0;

	if (!d->running) {
		say(d, FIT, NULL, "all are shut while palierd does not run");
		return;
	}
	for (size_t i = 0; i < d->config->door_count; i++) {
		const struct door_config *c = &d->config->doors[i];
		int err = any_port(c) ? 0 : knock(c);

		answered += err == 0;
		if (err == ETIMEDOUT || err == EPERM)
			say(d, UNFIT,
				"a firewall, or the unit, which lets in this machine alone: name the door in palierd.socket, or set "
				"IPAddressAllow= (systemctl edit palier)",
				"nobody answers at %s", c->address);
		else if (err == EACCES)
			say(d, NOTE, NULL, "you may not knock at %s", c->address);
		else if (err != 0)
			say(d, UNFIT, "reload palierd (SIGHUP): it may not have read this configuration",
				"nobody answers at %s: %s", c->address, strerror(err));
	}
	if (answered == d->config->door_count)
		say(d, FIT, NULL, "palierd answers at each");
}

/* --- backups, libraries -------------------------------------------------------------------------------------------- */

static int64_t ledger_age(struct doctor *d)
{
	char path[PATH_LEN];
	struct stat st;

	return stat(ledger_path(d->config->data, "FORMAT", path), &st) == 0 ? clock_now_ms() - (int64_t)st.st_mtime * 1000
	                                                                    : 0;
}

static void check_backup(struct doctor *d)
{
	static const char take[] = "palier backup DIR, better every night: palier-backup.timer";
	struct backup_mark mark;
	int err = backup_mark_read(d->config->data, BACKUP_MARK, &mark);
	int64_t age = clock_now_ms() - mark.taken_ms;

	if (d->seq == 0)
		say(d, FIT, NULL, "there is nothing to back up yet");
	else if (err != PALIER_OK)
		say(d, ledger_age(d) > 48 * HOUR_MS ? UNFIT : NOTE, take, "this ledger was never backed up");
	else if (mark.seq >= d->seq)
		say(d, FIT, NULL, "all %" PRIu64 " events are in the last backup", d->seq);
	else if (age > 48 * HOUR_MS)
		say(d, UNFIT, take, "the last backup is %s old, and %" PRIu64 " events were booked since", span_text(d, age),
			d->seq - mark.seq);
	else
		say(d, FIT, NULL, "the last backup is %s old", span_text(d, age));
}

static void check_libraries(struct doctor *d)
{
	say(d, FIT, NULL, "palier %s, %s, %s, libevent %s", PALIER_VERSION, store_library(), crypto_library(),
		loop_library());
}

/* --- certificates -------------------------------------------------------------------------------------------------- */

#define CERTIFICATES_MAX ((size_t)1 << 18) /* bytes of a file */
#define SOON_MS          (30 * 24 * HOUR_MS)

/* What a certificate is for, and what to do when it ends. */
struct purpose {
	const char *what, *advice;
};

struct certificates {
	unsigned count, wrong;
	int64_t ends_ms; /* the first of those that are in order */
};

static void certificate_judge(struct doctor *d, struct certificates *all, const struct purpose *p,
	const struct crypto_certificate *c)
{
	struct crypto_validity valid;
	int64_t now = clock_now_ms();
	char subject[256], edge[32];

	crypto_certificate_names_text(c, false, subject, sizeof(subject));
	crypto_certificate_validity(c, &valid);
	all->count++;
	all->wrong++;
	if (now < valid.from_ms) {
		time_format(valid.from_ms, edge);
		say(d, UNFIT, "set the clock, if it is wrong; else have one issued that is valid by now",
			"%s (%s) is not valid before %s", p->what, subject, edge);
	} else if (now >= valid.to_ms) {
		say(d, UNFIT, p->advice, "%s (%s) has expired %s ago", p->what, subject, span_text(d, now - valid.to_ms));
	} else if (valid.to_ms - now < SOON_MS) {
		say(d, NOTE, p->advice, "%s (%s) ends in %s", p->what, subject, span_text(d, valid.to_ms - now));
	} else {
		all->wrong--;
		all->ends_ms = all->ends_ms && all->ends_ms < valid.to_ms ? all->ends_ms : valid.to_ms;
	}
}

/* @return false with errno */
static bool file_text(const char *path, struct palier_buffer *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	palier_buffer_reserve(out, CERTIFICATES_MAX);
	n = read(fd, out->at, CERTIFICATES_MAX);
	close(fd);
	out->len = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

/* All that a file holds: an authority's may hold several. */
static void certificates_judge(struct doctor *d, struct certificates *all, const struct purpose *p, const char *path)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	struct palier_buffer text = { 0 };
	struct crypto_certificate *c;
	const char *at, *end;

	if (!file_text(path, &text)) {
		all->wrong++;
		say(d, NOTE, p->advice, "%s, %s, cannot be read: %s", p->what, path, strerror(errno));
	}
	end = text.at + text.len;
	for (at = text.at; text.len && (at = memmem(at, (size_t)(end - at), begin, sizeof(begin) - 1)); at++)
		if (crypto_certificate_read(palier_bytes_of(at, (size_t)(end - at)), &c) == PALIER_OK) {
			certificate_judge(d, all, p, c);
			crypto_certificate_free(c);
		}
	palier_buffer_deinit(&text);
}

static bool same_path(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Doors often share their files. */
static void doors_judge(struct doctor *d, struct certificates *all)
{
	static const struct purpose own = { "the certificate of a door",
		"have it issued anew, then reload palierd (SIGHUP)" },
				    theirs = { "the authority of who comes in by a door",
					    "have its next certificate added to client-ca, then reload palierd (SIGHUP)" };
	const struct door_config *doors = d->config->doors;

	for (size_t i = 0; i < d->config->door_count; i++) {
		bool own_seen = !doors[i].tls.certificate, theirs_seen = !doors[i].tls.client_ca;

		for (size_t k = 0; k < i; k++) {
			own_seen = own_seen || same_path(doors[i].tls.certificate, doors[k].tls.certificate);
			theirs_seen = theirs_seen || same_path(doors[i].tls.client_ca, doors[k].tls.client_ca);
		}
		if (!own_seen)
			certificates_judge(d, all, &own, doors[i].tls.certificate);
		if (!theirs_seen)
			certificates_judge(d, all, &theirs, doors[i].tls.client_ca);
	}
}

static void check_certificates(struct doctor *d)
{
	static const struct purpose days = { "the certificate that seals days",
		"have it issued by the office: palier key csr, then palier key import" },
				    orders = {
					    "the office's certificate for directives",
					    "add the office's next one to signing { office }, then reload palierd (SIGHUP)"
				    };
	struct certificates all = { .count = 0 };
	char ends[32];

	if (d->config->certificate)
		certificates_judge(d, &all, &days, d->config->certificate);
	for (size_t i = 0; i < d->config->office_count; i++)
		certificate_judge(d, &all, &orders, d->config->office[i]);
	doors_judge(d, &all);
	if (all.wrong)
		return;
	time_format(all.ends_ms, ends);
	if (all.count)
		say(d, FIT, NULL, "all %u are valid; the first ends on %.10s", all.count, ends);
	else
		say(d, FIT, NULL, "none is used");
}

/* --- all of them --------------------------------------------------------------------------------------------------- */

static const struct check {
	const char *name;
	bool config, ledger; /* what it needs */
	void (*run)(struct doctor *d);
} checks[] = {
	{ "configuration", false, false, check_configuration },
	{ "libraries", false, false, check_libraries },
	{ "ledger", true, false, check_ledger },
	{ "daemon", true, true, check_daemon },
	{ "doors", true, true, check_doors },
	{ "journal", true, true, check_journal },
	{ "day", true, true, check_day },
	{ "clock", true, false, check_clock },
	{ "disk", true, true, check_disk },
	{ "file system", true, true, check_filesystem },
	{ "space", true, true, check_space },
	{ "permissions", true, true, check_permissions },
	{ "open files", true, false, check_descriptors },
	{ "certificates", true, false, check_certificates },
	{ "backup", true, true, check_backup },
};

static void run_all(struct doctor *d)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		d->check = checks[i].name;
		if ((!checks[i].config || d->config) && (!checks[i].ledger || d->found))
			checks[i].run(d);
	}
}

int doctor_run(const char *file, const struct config *config, bool json)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);
	struct doctor d = { .file = file,
		.config = config,
		.w = json ? &w : NULL,
		.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") };

	palier_json_object(&w);
	palier_json_key(&w, "checks");
	palier_json_array(&w);
	run_all(&d);
	palier_json_end_array(&w);
	palier_json_key(&w, "fit");
	palier_json_bool(&w, d.unfit == 0);
	palier_json_end_object(&w);
	if (json)
		printf("%.*s\n", PALIER_ARG(palier_buffer_bytes(&out)));
	else if (d.unfit)
		printf("%u to be put right\n", d.unfit);
	else
		printf("this shop is fit\n");
	palier_buffer_deinit(&out);
	palier_arena_deinit(&d.arena);
	return d.unfit ? 1 : 0;
}
