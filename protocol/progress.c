/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar. */
#include "protocol/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define WIDTH 40

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_show(struct progress *p, uint64_t done, uint64_t total)
{
	int at = total ? (int)((unsigned __int128)done * 1000 / total) : 1000;
	char bar[WIDTH + 1];
	int64_t gone, left;

	if (at > 1000)
		at = 1000;
	if (at + 1 == p->told)
		return;
	p->told = at + 1;
	if (!isatty(STDERR_FILENO))
		return;
	if (!p->begun_ms)
		p->begun_ms = clock_ms();
	p->shown = at + 1;
	gone = clock_ms() - p->begun_ms;
	left = at ? gone * (1000 - at) / at : 0;
	for (int i = 0; i < WIDTH; i++)
		bar[i] = i < at * WIDTH / 1000 ? '#' : '.';
	bar[WIDTH] = 0;
	fprintf(stderr, "\r%s [%s] %3d%% %lld s left ", p->what, bar, at / 10, (long long)left / 1000);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = 0;
}
