/* SPDX-License-Identifier: Apache-2.0 */
/* Checks in the background. A check reads what is being written, so a finding counts only when a second look finds something too. */
#include "daemon/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/log.h"

#define LOWEST    19 /* of nice() */
#define SAID_MAX  4096
#define LINES_MAX 8 /* in the log, of one check */

/* --- the child ----------------------------------------------------------------------------------------------------- */

/* The program that runs, also when a newer one has taken its place on disk. It lets go of the lock before anything else: a palierd that was
 * killed is to be started again at once. */
static void check_exec(const struct ledger *l, int said, pid_t parent)
{
	close(l->lock);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || nice(LOWEST) == -1 || dup2(said, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0)
		_exit(127);
	execl("/proc/self/exe", "palierd", "--config", l->config->file, "check", (char *)NULL);
	_exit(127);
}

static void check_start(struct verify *v, const struct ledger *l, int64_t now_ms)
{
	pid_t parent = getpid();

	v->said = memfd_create("palierd check", MFD_CLOEXEC);
	if (v->said >= 0)
		v->pid = fork();
	if (v->said >= 0 && v->pid == 0)
		check_exec(l, v->said, parent);
	if (v->pid > 0) {
		v->is = (struct verified){ .at_ms = now_ms, .seq = l->synced.seq, .ok = true };
		return;
	}
	log_warn("verify.start", "err=\"%s\"", strerror(errno));
	verify_end(v);
}

/* --- what came of it ----------------------------------------------------------------------------------------------- */

/* Each line as one of the log. */
static void log_said(int fd)
{
	char text[SAID_MAX], *line = text, *end;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = 0;
	for (int i = 0; i < LINES_MAX && *line; i++, line = end + (*end != 0)) {
		end = strchrnul(line, '\n');
		log_error("verify.finding", "%.*s", (int)(end - line), line);
	}
}

static void check_ended(struct verify *v, struct ledger *l, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	v->pid = 0;
	if (code == palier_error_info(PALIER_EDAMAGED)->exit_code && !v->doubted) {
		v->doubted = true;
		v->wait = 1;
	} else if (code == 0 || v->doubted) {
		v->is.ok = code == 0;
		l->verified = v->is;
		v->doubted = false;
		if (code == 0)
			log_info("verify.ok", "seq=%llu", (unsigned long long)v->is.seq);
		else
			log_said(v->said);
	} else {
		log_warn("verify.failed", "status=%d: the ledger could not be checked", status);
	}
	verify_end(v);
}

/* --- when ---------------------------------------------------------------------------------------------------------- */

static uint32_t open_batch(const struct ledger *l)
{
	return l->day ? l->head.batch : 0;
}

void verify_begin(struct verify *v, const struct ledger *l)
{
	*v = (struct verify){ .said = -1, .wait = VERIFY_TICKS, .batch = open_batch(l) };
}

void verify_tick(struct verify *v, struct ledger *l, int64_t now_ms)
{
	uint32_t before = v->batch;
	int status;

	store_bury(l->store);
	v->batch = open_batch(l);
	if (before && before != v->batch)
		v->wait = VERIFY_TICKS;
	if (v->pid > 0) {
		if (waitpid(v->pid, &status, WNOHANG) == v->pid)
			check_ended(v, l, status);
	} else if (v->wait && --v->wait == 0) {
		check_start(v, l, now_ms);
	}
}

void verify_end(struct verify *v)
{
	if (v->pid > 0) {
		kill(v->pid, SIGKILL);
		waitpid(v->pid, NULL, 0);
	}
	v->pid = 0;
	if (v->said >= 0)
		close(v->said);
	v->said = -1;
}
