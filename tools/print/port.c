/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets, devices and files. A printer takes bytes as fast as it prints, so what is bounded is the time in which nothing happens. */
#include "tools/print/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REFUSE(p, err, ...) ((p)->why = palier_format((p)->arena, __VA_ARGS__), (err))

/* --- network --- */

/* Wait for a connection that is being made. @return 0, or errno */
static int connected(int fd, int patience_ms)
{
	struct pollfd want = { .fd = fd, .events = POLLOUT };
	int err = 0, ready;
	socklen_t len = sizeof(err);

	do
		ready = poll(&want, 1, patience_ms);
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return ETIMEDOUT;
	return ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0 ? errno : err;
}

/* @return the socket; -1 with errno */
static int connect_one(const struct addrinfo *to, int patience_ms)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		err = errno == EINPROGRESS ? connected(fd, patience_ms) : errno;
	if (!err)
		return fd;
	close(fd);
	errno = err;
	return -1;
}

static int unreachable(struct port *p, int why)
{
	if (why == ECONNREFUSED)
		return REFUSE(p, PALIER_EUNREACHABLE,
			"%s refuses the connection; is this the printer's address, and its port 9100? another till may be printing",
			p->name);
	return REFUSE(p, PALIER_EUNREACHABLE,
		"%s does not answer (%s); is the printer switched on, and its network cable in?", p->name, strerror(why));
}

static int open_network(struct port *p, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int err = getaddrinfo(host, port, &hints, &found);

	if (err)
		return REFUSE(p, PALIER_EUNREACHABLE, "%s: nothing is called so (%s); give the printer's IP address",
			p->name, gai_strerror(err));
	for (const struct addrinfo *to = found; to && p->fd < 0; to = to->ai_next)
		p->fd = connect_one(to, p->patience_ms);
	err = errno;
	freeaddrinfo(found);
	p->network = true;
	return p->fd < 0 ? unreachable(p, err) : PALIER_OK;
}

/* "printer.lan:9100", "[fe80::1]:9100" */
static int open_tcp(struct port *p, const char *address)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;
	bool bracketed = len > 2 && address[0] == '[' && address[len - 1] == ']';

	if (len == 0 || !colon[1])
		return REFUSE(p, PALIER_EPARAMS,
			"%s is no printer's address; it is tcp:HOST:PORT, and the port is mostly 9100", p->name);
	return open_network(p,
		palier_cstr(p->arena, bracketed ? palier_bytes_of(address + 1, len - 2) : palier_bytes_of(address, len)),
		colon + 1);
}

/* --- devices and files --- */

static int cannot_open(struct port *p, int why)
{
	switch (why) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return REFUSE(p, PALIER_EUNREACHABLE, "%s: no printer is there (%s); is it connected and switched on?",
			p->name, strerror(why));
	case EACCES:
	case EPERM:
		return REFUSE(p, PALIER_EUNREACHABLE,
			"%s may not be written; printers mostly belong to the group lp: usermod -aG lp USER, and sign in again",
			p->name);
	case EBUSY:
		return REFUSE(p, PALIER_EUNREACHABLE, "%s is used by another program", p->name);
	default:
		return REFUSE(p, PALIER_EUNREACHABLE, "%s: %s", p->name, strerror(why));
	}
}

/* A printer that is not there must not become a file: nothing is created. A file grows, as paper does. */
static int open_path(struct port *p)
{
	p->fd = open(p->name, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return p->fd < 0 ? cannot_open(p, errno) : PALIER_OK;
}

int port_open(const char *name, int patience_ms, struct palier_arena *a, struct port *out)
{
	*out = (struct port){ .name = name, .fd = -1, .patience_ms = patience_ms, .arena = a };
	if (strncmp(name, "tcp:", 4) == 0)
		return open_tcp(out, name + 4);
	if (strcmp(name, "-") != 0)
		return open_path(out);
	out->name = "standard output";
	out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return out->fd < 0 ? cannot_open(out, errno) : PALIER_OK;
}

/* --- writing and reading --- */

static int wait_for(struct port *p, short event, int ms)
{
	struct pollfd want = { .fd = p->fd, .events = event };
	int ready;

	do
		ready = poll(&want, 1, ms);
	while (ready < 0 && errno == EINTR);
	return ready < 0 ? PALIER_EIO : ready == 0 ? PALIER_ENOENT : PALIER_OK;
}

static int hung_up(struct port *p)
{
	return REFUSE(p, PALIER_EIO,
		"%s ended the connection before the slip was done; look at the printer and what it has printed, then print again",
		p->name);
}

/* A pipe whose reader has gone is told by errno, as a socket is. @return as write() */
static ssize_t write_some(const struct port *p, const char *at, size_t n)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	ssize_t wrote;

	if (p->network)
		return send(p->fd, at, n, MSG_NOSIGNAL);
	sigaction(SIGPIPE, &ignore, &before);
	wrote = write(p->fd, at, n);
	sigaction(SIGPIPE, &before, NULL);
	return wrote;
}

static int cannot_write(struct port *p, int why)
{
	if (why == EPIPE || why == ECONNRESET)
		return hung_up(p);
	return REFUSE(p, PALIER_EIO, "%s: %s; look at the printer: paper, cover, cable", p->name, strerror(why));
}

int port_write(struct port *p, struct palier_bytes bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write_some(p, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return cannot_write(p, errno);
		if (n < 0 && wait_for(p, POLLOUT, p->patience_ms) == PALIER_ENOENT)
			return REFUSE(p, PALIER_EIO, "%s takes no more; look at the printer: paper, cover, is it paused?",
				p->name);
		if (n > 0)
			bytes = palier_bytes_of(bytes.at + n, bytes.len - (size_t)n);
	}
	return PALIER_OK;
}

int port_read(struct port *p, int ms, uint8_t *out)
{
	int err = wait_for(p, POLLIN, ms);
	ssize_t n;

	if (err == PALIER_ENOENT)
		return err;
	n = err == PALIER_OK ? recv(p->fd, out, 1, 0) : -1;
	return n == 1 ? PALIER_OK : hung_up(p);
}

/* What the printer has not acknowledged is still here, and would be lost without a word if it ended the connection now. */
int port_drain(struct port *p)
{
	struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int left = 0, before = 0, still = 0;

	while (p->network && ioctl(p->fd, SIOCOUTQ, &left) == 0 && left > 0) {
		still = left == before ? still + 10 : 0;
		before = left;
		if (still > p->patience_ms)
			return REFUSE(p, PALIER_EIO, "%s takes no more; look at the printer: paper, cover, is it paused?",
				p->name);
		nanosleep(&pause, NULL);
	}
	left = p->network ? connected(p->fd, 0) : 0;
	return left == ECONNRESET || left == EPIPE ? hung_up(p) : PALIER_OK;
}

void port_close(struct port *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}
