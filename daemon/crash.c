/* SPDX-License-Identifier: Apache-2.0 */
/* Signals of bad memory, answered with one line and an exit code. */
#include "daemon/crash.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "protocol/error.h"

/* Nothing but what a signal handler may call. */
static void on_crash(int signal)
{
	static const char bus[] = "error index.damaged signal=BUS: run palier rebuild, then start palierd again\n";
	static const char segv[] = "error index.damaged signal=SEGV: run palier rebuild, then start palierd again\n";
	const char *line = signal == SIGBUS ? bus : segv;

	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return; /* nowhere left to say it: the signal comes again, and kills */
	_exit(palier_error_info(PALIER_EDAMAGED)->exit_code);
}

void crash_catch(void)
{
	static const int signals[] = { SIGBUS, SIGSEGV };
	struct sigaction mine = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND }, theirs;

	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (sigaction(signals[i], NULL, &theirs) == 0 && theirs.sa_handler == SIG_DFL)
			sigaction(signals[i], &mine, NULL);
}
