/* SPDX-License-Identifier: Apache-2.0 */
/* One line an event, written with one write so that lines of several processes do not mix. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "protocol/datetime.h"

static void log_line(const char *level, const char *name, const char *fmt, va_list args)
{
	char line[1024], when[32];
	struct timespec now;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	time_format((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, when);
	n = snprintf(line, sizeof(line), "%s %s %s ", when, level, name);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, args);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nowhere left to say it */
}

#define LOG_LEVEL(level) \
	void log_##level(const char *name, const char *fmt, ...) \
	{ \
		va_list args; \
\
		va_start(args, fmt); \
		log_line(#level, name, fmt, args); \
		va_end(args); \
	}
LOG_LEVEL(info)
LOG_LEVEL(warn)
LOG_LEVEL(error)
