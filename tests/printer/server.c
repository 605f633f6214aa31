/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/printer/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLIP_MAX 65536

/* What is said behind the back of a host that has gone does not matter. */
static void answer(struct printer *p, int fd)
{
	if (p->answers > 0)
		(void)!send(fd, p->answer, p->answers, MSG_NOSIGNAL);
	p->answers = 0;
}

/* RST, as from a printer that is switched off and on. */
static void leave(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* @return bytes that were no whole command */
static size_t serve(struct printer_server *s, int fd)
{
	static uint8_t bytes[SLIP_MAX];
	size_t have = 0, taken = 0, most = s->manner == SERVER_SLOW ? 7 : 4096;
	ssize_t n;

	while ((n = recv(fd, bytes + have, most < SLIP_MAX - have ? most : SLIP_MAX - have, 0)) > 0) {
		have += (size_t)n;
		if (s->manner == SERVER_EMPTY && have >= s->after)
			s->printer->no_paper = true;
		taken += printer_take(s->printer, bytes + taken, have - taken);
		answer(s->printer, fd);
		if (s->manner == SERVER_LEAVES && have >= s->after) {
			leave(fd);
			break;
		}
	}
	return have - taken;
}

static void *run(void *who)
{
	struct printer_server *s = who;
	struct pollfd doors[] = { { .fd = s->listener, .events = POLLIN }, { .fd = s->stop, .events = POLLIN } };
	int fd;

	if (poll(doors, 2, -1) < 0 || !(doors[0].revents & POLLIN))
		return NULL;
	fd = accept(s->listener, NULL, NULL);
	if (s->manner == SERVER_STUCK)
		(void)poll(&doors[1], 1, -1);
	else
		printer_end(s->printer, serve(s, fd));
	close(fd);
	return NULL;
}

bool printer_serve(struct printer_server *s, struct printer *printer, enum server_manner manner)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int room = 1; /* the least that the kernel gives; connections inherit it */

	s->printer = printer;
	s->manner = manner;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (manner == SERVER_SLOW || manner == SERVER_STUCK)
		setsockopt(s->listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(s->listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(s->listener, 1) != 0 ||
		getsockname(s->listener, (struct sockaddr *)&at, &len) != 0)
		return false;
	snprintf(s->address, sizeof(s->address), "tcp:127.0.0.1:%d", ntohs(at.sin_port));
	return pthread_create(&s->thread, NULL, run, s) == 0;
}

void printer_served(struct printer_server *s)
{
	const uint64_t one = 1;

	(void)!write(s->stop, &one, sizeof(one));
	pthread_join(s->thread, NULL);
	close(s->listener);
	close(s->stop);
}
