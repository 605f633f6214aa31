/* SPDX-License-Identifier: Apache-2.0 */
/* The shim is told what to do by its environment, and by a file that both sides map. */
#include "tests/fault/kit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void shops_in_memory(void)
{
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
}

struct shim_switch *shim_on(const struct shop *s, const char *log)
{
	static const struct shim_switch off;
	const char *shim = getenv("PALIER_SHIM");
	struct shim_switch *faults;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/switches", s->dir);
	file_write(path, &off, sizeof(off));
	fd = open(path, O_RDWR | O_CLOEXEC);
	faults = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(faults != MAP_FAILED);
	setenv(SHIM_ROOT, s->dir, 1);
	setenv(SHIM_SWITCH, path, 1);
	if (log)
		setenv(SHIM_LOG, log, 1);
	setenv("LD_PRELOAD", shim ? shim : "build/tests/fault_shim.so", 1);
	return faults;
}

void shim_off(struct shim_switch *faults)
{
	munmap(faults, sizeof(*faults));
	unsetenv(SHIM_ROOT);
	unsetenv(SHIM_SWITCH);
	unsetenv(SHIM_LOG);
	unsetenv("LD_PRELOAD");
}

void shim_fail(struct shim_switch *faults, enum shim_op op, int after, int left, int error)
{
	shim_mend(faults);
	atomic_store(&faults->failed, 0);
	atomic_store(&faults->error, error);
	atomic_store(&faults->after, after);
	atomic_store(&faults->left, left);
	atomic_store(&faults->op, (int)op);
}

void shim_mend(struct shim_switch *faults)
{
	atomic_store(&faults->op, 0);
}
