/* SPDX-License-Identifier: Apache-2.0 */
/* The disk probe. */
#include "tools/bench/probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/error.h"
#include "tools/bench/load.h"

#define AHEAD (1 << 20) /* what the journal takes ahead at a time */

static int append(int fd, off_t at)
{
	char line[PROBE_APPEND];

	memset(line, 'x', sizeof(line));
	if (at % AHEAD < PROBE_APPEND && posix_fallocate(fd, at, AHEAD) != 0)
		return PALIER_EIO;
	return pwrite(fd, line, sizeof(line), at) == (ssize_t)sizeof(line) && fdatasync(fd) == 0 ? PALIER_OK : PALIER_EIO;
}

int probe_run(const char *directory, int64_t duration_ns, struct probe_result *out)
{
	char path[4096];
	int64_t began, now, before;
	int fd, err = PALIER_OK;

	if (snprintf(path, sizeof(path), "%s/palier-probe-XXXXXX", directory) >= (int)sizeof(path))
		return PALIER_EIO;
	fd = mkstemp(path);
	if (fd < 0)
		return PALIER_EIO;
	memset(out, 0, sizeof(*out));
	began = now = now_ns();
	while (err == PALIER_OK && now - began < duration_ns) {
		before = now;
		err = append(fd, (off_t)(out->appends * PROBE_APPEND));
		now = now_ns();
		histogram_add(&out->latency, (uint64_t)(now - before));
		out->appends++;
	}
	out->elapsed_ns = now - began;
	unlink(path);
	close(fd);
	return err;
}
