/* SPDX-License-Identifier: Apache-2.0 */
/* palierd under a service manager, which the test plays: what it is told, and sockets that it passes. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

/* --- what it is told ----------------------------------------------------------------------------------------------- */

static struct sockaddr_un address_in(const struct shop *s, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", s->dir, name);
	return at;
}

/* @return the manager's end; the next start finds it */
static int manager_open(const struct shop *s, const char *watchdog_us)
{
	struct sockaddr_un at = address_in(s, "notify");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	if (watchdog_us)
		setenv("WATCHDOG_USEC", watchdog_us, 1);
	return fd;
}

static void manager_close(int fd)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(fd);
}

/* Wait for the next message that is no bare status, which must begin so. */
static void told(int fd, const char *expected, char *message, size_t size)
{
	do {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, DEADLINE_MS) != 1)
			fail_msg("%s was never told", expected);
		n = recv(fd, message, size - 1, 0);
		assert_true(n > 0);
		message[n] = 0;
	} while (strncmp(message, "STATUS=", 7) == 0);
	if (strncmp(message, expected, strlen(expected)) != 0)
		fail_msg("told %s, not %s", message, expected);
}

static void tells_in_order(void **state)
{
	static const struct shop_options wrong = { .points = "points { nonsense }" };
	struct shop *s = *state;
	char message[1024];
	int fd = manager_open(s, NULL);

	shop_start(s);
	told(fd, "READY=1\n", message, sizeof(message));
	assert_non_null(strstr(message, "STATUS=Serving tcp:127.0.0.1:"));
	kill(s->pid, SIGHUP);
	told(fd, "RELOADING=1\nMONOTONIC_USEC=", message, sizeof(message));
	assert_true(atoll(message + strlen("RELOADING=1\nMONOTONIC_USEC=")) / 1000 <= now_ms());
	told(fd, "READY=1\n", message, sizeof(message));
	shop_configure(s, &wrong);
	kill(s->pid, SIGHUP);
	told(fd, "RELOADING=1\n", message, sizeof(message));
	told(fd, "READY=1\n", message, sizeof(message));
	assert_non_null(strstr(message, "refused"));
	shop_configure(s, s->options);
	assert_int_equal(shop_stop(s), 0);
	told(fd, "STOPPING=1\n", message, sizeof(message));
	manager_close(fd);
}

static void tells_that_it_lives(void **state)
{
	struct shop *s = *state;
	char message[1024];
	int fd = manager_open(s, "200000");

	shop_start(s);
	told(fd, "READY=1\n", message, sizeof(message));
	for (int i = 0; i < 3; i++)
		told(fd, "WATCHDOG=1", message, sizeof(message));
	kill(s->pid, SIGTERM);
	do
		told(fd, "", message, sizeof(message));
	while (strcmp(message, "WATCHDOG=1") == 0);
	assert_true(strncmp(message, "STOPPING=1\n", strlen("STOPPING=1\n")) == 0);
	manager_close(fd);
}

static void tells_no_one(void **state)
{
	struct shop *s = *state;
	char message[1024];
	struct pollfd p = { .events = POLLIN };
	int fd = manager_open(s, NULL);

	shop_start(s);
	told(fd, "READY=1\n", message, sizeof(message));
	shop_log_wait(s, "serve.begin");
	p.fd = fd;
	assert_int_equal(poll(&p, 1, 1500), 0); /* longer than the loop's tick: nobody asked to be told */
	manager_close(fd);
}

/* --- sockets that it passes ---------------------------------------------------------------------------------------- */

static int socket_at(const void *at, socklen_t len)
{
	int fd = socket(((const struct sockaddr *)at)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, at, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* Start with these sockets as descriptors 3 and on, as sd_listen_fds(3) wants it. */
static void start_with(struct shop *s, const int *fds, int n)
{
	char path[4096], number[16];
	int log = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	snprintf(path, sizeof(path), "%s/palierd", getenv("PALIER_BIN") ? getenv("PALIER_BIN") : "build/bin");
	s->log_from = lseek(log, 0, SEEK_END);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(log, STDERR_FILENO);
		for (int i = 0; i < n; i++)
			dup2(fds[i], 100 + i);
		for (int i = 0; i < n; i++)
			dup2(100 + i, 3 + i);
		close_range(3 + (unsigned)n, ~0u, 0);
		snprintf(number, sizeof(number), "%d", n);
		setenv("LISTEN_FDS", number, 1);
		snprintf(number, sizeof(number), "%d", getpid());
		setenv("LISTEN_PID", number, 1);
		execl(path, "palierd", "--config", s->config, (char *)NULL);
		_exit(127);
	}
	close(log);
	shop_log_wait(s, "serve.begin");
}

static void takes_unix(void **state)
{
	struct shop *s = *state;
	struct sockaddr_un at = address_in(s, "palier.sock");
	int fd = socket_at(&at, sizeof(at));
	struct stat before, after;
	struct wire w;

	assert_int_equal(stat(at.sun_path, &before), 0);
	start_with(s, &fd, 1);
	connect_to(&w, s, DOOR_PEER);
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	assert_int_equal(stat(at.sun_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	/* Who knocks meanwhile is answered by the next. */
	connect_to(&w, s, DOOR_PEER);
	start_with(s, &fd, 1);
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.sale", "R-1");
	wire_close(&w);
	close(fd);
}

/* A port that is ours as long as the socket is open. */
static int socket_tcp(struct sockaddr_in6 *at, int *port)
{
	socklen_t len = sizeof(*at);
	int fd;

	*at = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	fd = socket_at(at, sizeof(*at));
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &len), 0);
	*port = ntohs(at->sin6_port);
	return fd;
}

static bool answers(const struct sockaddr_in6 *at)
{
	struct wire w = { .fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), .next_id = 1 };
	bool good = connect(w.fd, (const struct sockaddr *)at, sizeof(*at)) == 0 &&
	            wire_ask(&w, "system.status", "%s", "") != NULL;

	wire_close(&w);
	return good;
}

static void reload(struct shop *s, const struct shop_options *o)
{
	static int count;
	char mark[64], config[512];
	struct shop_options marked = *o;

	/* A setting that tells one reload's log line from the next is its doors; here their number is enough. */
	snprintf(config, sizeof(config), "%s\nlisten \"unix:mark-%d.sock\" { auth = peer }\n", o->config ? o->config : "",
		++count);
	snprintf(mark, sizeof(mark), "mark-%d.sock", count);
	marked.config = config;
	shop_configure(s, &marked);
	kill(s->pid, SIGHUP);
	shop_log_wait(s, mark);
}

static void takes_tcp(void **state)
{
	struct shop *s = *state;
	struct sockaddr_in6 at;
	int port, fd = socket_tcp(&at, &port);
	char door[128];
	struct shop_options with = { .config = door };

	/* The same address, written in another way. */
	snprintf(door, sizeof(door), "listen \"tcp:[0:0::1]:%d\" { auth = token }", port);
	shop_configure(s, &with);
	start_with(s, &fd, 1);
	assert_true(answers(&at));
	reload(s, &with);
	assert_true(answers(&at));
	/* The door goes and comes back: nobody else could bind there meanwhile, since the manager goes on listening. */
	reload(s, s->options);
	reload(s, &with);
	assert_true(answers(&at));
	close(fd);
}

static void warns_of_strangers(void **state)
{
	struct shop *s = *state;
	struct sockaddr_in6 at;
	int port, fds[2] = { socket_tcp(&at, &port), socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	char expected[64];

	start_with(s, fds, 2);
	snprintf(expected, sizeof(expected), "socket=tcp:[::1]:%d", port);
	shop_log_wait(s, expected);
	shop_log_wait(s, "no listening stream socket");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	static const struct shop_options stopped = { .stopped = true };
	const struct CMUnitTest tests[] = {
		IN_SHOP("the service manager is told of serving, reloading and stopping, in this order", tells_in_order,
			&stopped),
		IN_SHOP("a watchdog is told that the loop turns", tells_that_it_lives, &stopped),
		IN_SHOP("where there is no watchdog nothing is told", tells_no_one, &stopped),
		IN_SHOP("a passed Unix socket is served, and left where it is", takes_unix, &stopped),
		IN_SHOP("a passed TCP socket is served, and taken up again after a reload without it", takes_tcp, &stopped),
		IN_SHOP("a passed socket without a door is warned of", warns_of_strangers, &stopped),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
