/* SPDX-License-Identifier: Apache-2.0 */
/* The shop's directory and process, the line client, paths into JSON. */
#include "tests/e2e/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "protocol/json.h"

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

uint64_t draw(uint64_t *seed)
{
	uint64_t x = *seed ? *seed : 88172645463325252ull;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*seed = x;
	return x * 2685821657736338717ull;
}

uint64_t draw_below(uint64_t *seed, uint64_t below)
{
	return (draw(seed) >> 11) % below;
}

/* --- files --- */

char *file_read(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *at = NULL;
	size_t got = 0;
	ssize_t n = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		at = malloc((size_t)st.st_size + 1);
	while (at && got < (size_t)st.st_size && (n = read(fd, at + got, (size_t)st.st_size - got)) > 0)
		got += (size_t)n;
	close(fd);
	if (at)
		at[got] = 0;
	if (len)
		*len = got;
	return at;
}

void file_write(const char *path, const void *at, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, at, len) != (ssize_t)len)
		fail_msg("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

/* Sparse files stay sparse: the index is mostly a hole. */
static void file_copy(const char *from, const char *to, off_t size)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	off_t at = 0;

	if (in < 0 || out < 0 || ftruncate(out, size) != 0)
		fail_msg("cannot copy %s to %s: %s", from, to, strerror(errno));
	while (at < size && (at = lseek(in, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(in, at, SEEK_HOLE);
		char chunk[65536];
		ssize_t n;

		while (at < end && (n = pread(in, chunk,
					    end - at < (off_t)sizeof(chunk) ? (size_t)(end - at) : sizeof(chunk), at)) > 0) {
			assert_int_equal(pwrite(out, chunk, (size_t)n, at), n);
			at += n;
		}
	}
	close(in);
	close(out);
}

static struct {
	const char *from, *to;
} copying;

static int copy_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char to[4096];

	(void)ftw;
	snprintf(to, sizeof(to), "%s%s", copying.to, path + strlen(copying.from));
	if (type == FTW_D)
		return mkdir(to, 0700);
	if (type == FTW_F && S_ISREG(st->st_mode))
		file_copy(path, to, st->st_size);
	return 0;
}

void tree_copy(const char *from, const char *to)
{
	tree_remove(to);
	copying.from = from;
	copying.to = to;
	if (nftw(from, copy_entry, 16, FTW_PHYS) != 0)
		fail_msg("cannot copy %s to %s: %s", from, to, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void tree_remove(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int tree_holds(const char *dir, const char *what, size_t n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int found = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char path[4096], *text;
		size_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			found += tree_holds(path, what, n);
		text = e->d_type == DT_REG ? file_read(path, &len) : NULL;
		found += text && memmem(text, len, what, n) != NULL;
		free(text);
	}
	closedir(d);
	return found;
}

char *journal_text(const struct shop *s, size_t *len)
{
	char path[160], *all = calloc(1, 1);

	*len = 0;
	for (unsigned batch = 1;; batch++) {
		size_t n;
		char *text;

		snprintf(path, sizeof(path), "%s/journal/%u.jsonl", s->data, batch);
		text = file_read(path, &n);
		if (!text) {
			snprintf(path, sizeof(path), "%s/journal/%u.open", s->data, batch);
			text = file_read(path, &n);
		}
		if (!text)
			return all;
		n = strlen(text);
		all = realloc(all, *len + n + 1);
		memcpy(all + *len, text, n + 1);
		*len += n;
		free(text);
	}
}

/* --- the process --- */

static const char *palierd(void)
{
	static char path[4096];
	const char *dir = getenv("PALIER_BIN");

	snprintf(path, sizeof(path), "%s/palierd", dir ? dir : "build/bin");
	return path;
}

/* @param args NULL-terminated, behind the configuration @param out_fd where both streams go */
static pid_t spawn(const struct shop *s, const char *const *args, int out_fd)
{
	const char *argv[8] = { "palierd", "--config", s->config };
	pid_t parent = getpid(), pid = fork();
	int n;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* no daemon outlives a test that dies */
	if (getppid() != parent)
		_exit(126);
	if (s->options->descriptors && setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)s->options->descriptors,
									(rlim_t)s->options->descriptors }) != 0)
		_exit(125);
	dup2(out_fd, STDOUT_FILENO);
	dup2(out_fd, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	for (n = 0; n < 4 && args[n]; n++)
		argv[3 + n] = args[n];
	execv(palierd(), (char *const *)argv);
	_exit(127);
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* @return the exit code, or INT_MIN when it still runs at the deadline */
static int await(pid_t pid)
{
	int64_t until = now_ms() + DEADLINE_MS;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now_ms() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			print_error("it did not end within %d ms\n", DEADLINE_MS);
			return -1000;
		}
		sleep_ms(2);
	}
	return code_of(status);
}

static void log_print(const struct shop *s)
{
	char *text = shop_log(s);

	print_error("--- %s\n%s---\n", s->log, text ? text : "");
	free(text);
}

static void launch(struct shop *s)
{
	int fd = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	s->log_from = lseek(fd, 0, SEEK_END);
	s->pid = spawn(s, (const char *const[]){ NULL }, fd);
	close(fd);
	assert_true(s->pid > 0);
}

char *shop_log(const struct shop *s)
{
	char *text = file_read(s->log, NULL);

	if (text)
		memmove(text, text + s->log_from, strlen(text + s->log_from) + 1);
	return text;
}

static bool log_has(const struct shop *s, const char *what)
{
	char *text = shop_log(s);
	bool found = text && strstr(text, what);

	free(text);
	return found;
}

/* @return false when it ended, or the deadline passed, without */
static bool log_await(const struct shop *s, const char *what)
{
	int64_t until = now_ms() + DEADLINE_MS;
	siginfo_t info = { .si_pid = 0 };

	while (!log_has(s, what)) {
		if (now_ms() > until ||
			(waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid))
			return log_has(s, what);
		sleep_ms(2);
	}
	return true;
}

void shop_log_wait(const struct shop *s, const char *what)
{
	if (!log_await(s, what)) {
		log_print(s);
		fail_msg("the log does not say %s", what);
	}
}

void shop_start(struct shop *s)
{
	static const char *const doors[] = { "door=" DOOR_TRUST, "door=" DOOR_TOKEN, "door=" DOOR_PEER };

	launch(s);
	for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++)
		shop_log_wait(s, doors[i]);
}

bool shop_start_try(struct shop *s, int *code)
{
	launch(s);
	if (log_await(s, "serve.begin"))
		return true;
	*code = shop_wait(s);
	return false;
}

int shop_start_refused(struct shop *s)
{
	launch(s);
	return shop_wait(s);
}

int shop_stop(struct shop *s)
{
	int code;

	if (!s->pid)
		return 0;
	kill(s->pid, SIGTERM);
	code = await(s->pid);
	s->pid = 0;
	if (code != 0)
		log_print(s);
	return code;
}

int shop_wait(struct shop *s)
{
	int code = await(s->pid);

	s->pid = 0;
	return code;
}

void shop_kill(struct shop *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

int shop_verb(const struct shop *s, const char *verb, char **out)
{
	return shop_verb_with(s, (const char *const[]){ verb, NULL }, out);
}

int shop_verb_with(const struct shop *s, const char *const *args, char **out)
{
	char path[96];
	int fd, code;

	snprintf(path, sizeof(path), "%s/said", s->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	code = await(spawn(s, args, fd));
	close(fd);
	if (out)
		*out = file_read(path, NULL);
	return code;
}

static void said_path(const struct shop *s, pid_t pid, char *out, size_t size)
{
	snprintf(out, size, "%s/said-%d", s->dir, (int)pid);
}

pid_t program_start(const struct shop *s, const char *const *argv)
{
	pid_t parent = getpid(), pid = fork();
	const char *dir = getenv("PALIER_BIN");
	char path[4096];
	int fd;

	if (pid != 0) {
		assert_true(pid > 0);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	said_path(s, getpid(), path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(125);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build/bin", argv[0]);
	execv(path, (char *const *)argv);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

int program_wait(const struct shop *s, pid_t pid, char **out)
{
	char path[96];
	int code = await(pid);

	said_path(s, pid, path, sizeof(path));
	if (out)
		*out = file_read(path, NULL);
	unlink(path);
	return code;
}

int program_run(const struct shop *s, const char *const *argv, char **out)
{
	return program_wait(s, program_start(s, argv), out);
}

static bool verb_succeeds(const struct shop *s, const char *verb)
{
	char *said;
	int code = shop_verb(s, verb, &said);

	if (code != 0)
		print_error("--- palierd %s: %d\n%s---\n", verb, code, said);
	free(said);
	return code == 0;
}

void shop_sound(const struct shop *s)
{
	assert_true(verb_succeeds(s, "check"));
	assert_true(verb_succeeds(s, "rebuild"));
}

int shop_port(const struct shop *s, const char *door)
{
	char *text = shop_log(s), want[64], *at;
	int port = 0;

	snprintf(want, sizeof(want), "door=%s", door);
	for (at = text; at && (at = strstr(at, want)); at += strlen(want))
		port = atoi(at + strlen(want));
	free(text);
	return port;
}

/* --- the shop --- */

void shop_configure(struct shop *s, const struct shop_options *o)
{
	char text[16384];
	int n = snprintf(text, sizeof(text),
		"data = \"shop\"\noutbox = \"outbox\"\n"
		"store { id = \"%s\"  name = \"Comptoir\"  currency = \"EUR\"  timezone = \"Europe/Paris\"  language = "
		"\"fr\"  "
		"country = \"FR\"  %s }\n"
		"listen \"tcp:127.0.0.1:0\" { auth = trust  role = supervisor }\n"
		"listen \"tcp:127.0.0.2:0\" { auth = token }\n"
		"listen \"unix:palier.sock\" { auth = peer  role = supervisor }\n"
		"%s\n%s",
		o->id ? o->id : "lyon-03", o->store ? o->store : "", o->config ? o->config : "",
		o->points ? o->points : POINTS_USUAL);

	assert_true(n > 0 && (size_t)n < sizeof(text));
	file_write(s->config, text, (size_t)n);
}

int shop_open(void **state)
{
	static const struct shop_options usual;
	struct shop *s = calloc(1, sizeof(*s));

	signal(SIGPIPE, SIG_IGN);
	s->options = *state ? *state : &usual;
	*state = s;
	snprintf(s->dir, sizeof(s->dir), "%.40s/palier-e2e-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(s->dir))
		return -1;
	snprintf(s->config, sizeof(s->config), "%s/palier.conf", s->dir);
	snprintf(s->data, sizeof(s->data), "%s/shop", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/log", s->dir);
	shop_configure(s, s->options);
	if (!s->options->empty)
		assert_true(verb_succeeds(s, "init"));
	if (!s->options->empty && !s->options->stopped)
		shop_start(s);
	return 0;
}

/* A finding of a sanitizer ends palierd, but a test may have expected an end. */
static bool log_is_clean(const struct shop *s)
{
	char *text = file_read(s->log, NULL);
	bool clean = !text || (!strstr(text, "Sanitizer") && !strstr(text, "runtime error"));

	if (!clean)
		print_error("--- %s\n%s---\n", s->log, text);
	free(text);
	return clean;
}

int shop_close(void **state)
{
	struct shop *s = *state;
	int code = shop_stop(s);
	bool clean = log_is_clean(s);

	bool sound = s->options->broken || s->options->empty || code != 0 ||
	             (verb_succeeds(s, "check") && verb_succeeds(s, "rebuild"));

	tree_remove(s->dir);
	if (code != 0)
		print_error("palierd ended with %d\n", code);
	free(s);
	return code == 0 && clean && sound ? 0 : -1;
}

/* --- the client --- */

static int tcp_open(const char *host, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	to.sin_addr.s_addr = strcmp(host, DOOR_TRUST) == 0 ? htonl(INADDR_LOOPBACK) : htonl(INADDR_LOOPBACK + 1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int unix_open(const char *dir)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/palier.sock", dir);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

bool wire_open(struct wire *w, const struct shop *s, const char *door)
{
	const struct timeval deadline = { DEADLINE_MS / 1000, 0 };

	*w = (struct wire){ .fd = strcmp(door, DOOR_PEER) == 0 ? unix_open(s->dir) : tcp_open(door, shop_port(s, door)),
		.next_id = 1 };
	if (w->fd >= 0)
		setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
	return w->fd >= 0;
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->in);
	*w = (struct wire){ .fd = -1 };
}

bool wire_send(struct wire *w, const void *at, size_t len)
{
	const char *from = at;

	while (len > 0) {
		ssize_t n = send(w->fd, from, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}

/* @return bytes received, 0 at the end, -1 at the deadline or a reset */
static ssize_t receive(struct wire *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	if (w->begin > 0) {
		memmove(w->in, w->in + w->begin, w->len - w->begin);
		w->len -= w->begin;
		w->begin = 0;
	}
	if (w->size - w->len < 65536) {
		w->size += 131072;
		w->in = realloc(w->in, w->size);
	}
	if (poll(&p, 1, DEADLINE_MS) != 1)
		return -1;
	return recv(w->fd, w->in + w->len, w->size - w->len - 1, 0);
}

char *wire_line(struct wire *w)
{
	for (;;) {
		char *lf = w->len > w->begin ? memchr(w->in + w->begin, '\n', w->len - w->begin) : NULL;
		char *line;
		ssize_t n;

		if (lf) {
			line = w->in + w->begin;
			*lf = 0;
			w->begin = (size_t)(lf + 1 - w->in);
			return line;
		}
		n = receive(w);
		if (n <= 0)
			return NULL;
		w->len += (size_t)n;
	}
}

bool wire_ended(struct wire *w)
{
	return w->begin == w->len && receive(w) == 0;
}

static size_t request_write(char *out, size_t size, int64_t id, const char *method, const char *format, va_list args)
{
	size_t head = (size_t)snprintf(out, size, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"%s\",\"params\":{",
		(long long)id, method);
	size_t n = head + (size_t)vsnprintf(out + head, size - head, format, args);

	if (n + 4 > size)
		abort();
	for (size_t i = head; i < n; i++)
		if (out[i] == '\'')
			out[i] = '"';
	memcpy(out + n, "}}\n", 4);
	return n + 3;
}

static char *ask_v(struct wire *w, char *sent, size_t size, const char *method, const char *format, va_list args)
{
	int64_t id = w->next_id++;
	size_t n = request_write(sent, size, id, method, format, args);
	char *reply = wire_send(w, sent, n) ? wire_line(w) : NULL;

	return reply && figure(reply, "id") == id ? reply : NULL;
}

static __thread char sent_last[512 * 1024];

char *wire_ask(struct wire *w, const char *method, const char *format, ...)
{
	va_list args;
	char *reply;

	va_start(args, format);
	reply = ask_v(w, sent_last, sizeof(sent_last), method, format, args);
	va_end(args);
	return reply;
}

void connect_to(struct wire *w, const struct shop *s, const char *door)
{
	if (!wire_open(w, s, door))
		fail_msg("nobody answers at %s: %s", door, strerror(errno));
}

#define ASK(reply) \
	do { \
		va_list args; \
\
		va_start(args, format); \
		reply = ask_v(w, sent_last, sizeof(sent_last), method, format, args); \
		va_end(args); \
		if (!reply) \
			fail_msg("no reply to %s", sent_last); \
	} while (0)

char *ask(struct wire *w, const char *method, const char *format, ...)
{
	char *reply;

	ASK(reply);
	return reply;
}

char *ask_ok(struct wire *w, const char *method, const char *format, ...)
{
	char *reply;

	ASK(reply);
	if (!field(reply, "result"))
		fail_msg("%.2000sis answered %.2000s", sent_last, reply);
	return reply;
}

char *ask_refused(struct wire *w, const char *reason, const char *method, const char *format, ...)
{
	const char *got;
	char *reply;

	ASK(reply);
	got = field(reply, "error.data.reason");
	if (!got || strcmp(got, reason) != 0)
		fail_msg("%.2000sis answered %.2000s, not %s", sent_last, reply, reason);
	return reply;
}

char *ask_raw(struct wire *w, const char *line)
{
	char *reply = wire_send(w, line, strlen(line)) && wire_send(w, "\n", 1) ? wire_line(w) : NULL;

	if (!reply)
		fail_msg("no reply to %.1000s", line);
	return reply;
}

void till_make(struct wire *w, const char *till, const char *role, const char *token)
{
	struct palier_hash hash;
	char hex[2 * SHA256_LEN + 1];

	crypto_sha256(palier_str(token), &hash);
	for (int i = 0; i < SHA256_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
	ask_ok(w, "till.add", "'request':'add|%s','till':'%s','role':'%s','token_sha256':'%s'", till, till, role, hex);
}

void sign_in(struct wire *w, const struct shop *s, const char *till, const char *token)
{
	connect_to(w, s, DOOR_TOKEN);
	ask_ok(w, "session.open", "'till':'%s','token':'%s','protocol':1", till, token);
}

int64_t last_seq(struct wire *w)
{
	return figure(ask_ok(w, "system.status", "%s", ""), "result.seq");
}

int64_t metric(struct wire *w, const char *name, const char *reason)
{
	char *reply = ask_ok(w, "system.metrics", "%s", ""), want[128], *row;

	snprintf(want, sizeof(want), "\"name\":\"%s\"", name);
	row = strstr(reply, want);
	snprintf(want, sizeof(want), "\"reason\":\"%s\"", reason ? reason : "");
	if (row && reason)
		row = strstr(row, want);
	row = row ? strstr(row, "\"value\":") : NULL;
	if (!row)
		fail_msg("there is no metric %s %s", name, reason ? reason : "");
	return strtoll(row + strlen("\"value\":"), NULL, 10);
}

/* --- paths --- */

/* @param a owns the tape @return the token, or UINT32_MAX */
static uint32_t token_at(struct json_doc *d, const char *json, const char *path, struct palier_arena *a)
{
	struct palier_bytes text = palier_str(json);
	uint32_t at = 0;

	*d = (struct json_doc){ .capacity = (uint32_t)(text.len / 2 + 1) };
	d->tokens = palier_alloc(a, d->capacity * sizeof(*d->tokens));
	if (json_parse(d, text, JSON_DEPTH_MAX) != PALIER_OK)
		return UINT32_MAX;
	while (*path) {
		size_t n = strcspn(path, ".[");
		char key[64];

		if (*path == '[') {
			unsigned long index = strtoul(path + 1, (char **)(uintptr_t)&path, 10);

			if (d->tokens[at].type != JSON_ARRAY || index >= d->tokens[at].count)
				return UINT32_MAX;
			for (at++; index > 0; index--)
				at += d->tokens[at].span;
			path++;
		} else if (n > 0) {
			snprintf(key, sizeof(key), "%.*s", (int)n, path);
			at = d->tokens[at].type == JSON_OBJECT ? json_member(d, at, key) : 0;
			if (at == 0)
				return UINT32_MAX;
			path += n;
		} else {
			path++;
		}
	}
	return at;
}

const char *field(const char *json, const char *path)
{
	static char *ring[32];
	static unsigned turn;
	struct palier_arena a = { 0 };
	struct json_doc d;
	uint32_t at = token_at(&d, json, path, &a);
	struct palier_bytes b;
	char **out = &ring[turn++ % 32];

	if (at == UINT32_MAX) {
		palier_arena_deinit(&a);
		return NULL;
	}
	b = d.tokens[at].type == JSON_STRING ? json_string(&d, at, &a) : json_text(&d, at);
	*out = realloc(*out, b.len + 1);
	if (b.len > 0)
		memcpy(*out, b.at, b.len);
	(*out)[b.len] = 0;
	palier_arena_deinit(&a);
	return *out;
}

int64_t figure(const char *json, const char *path)
{
	struct palier_arena a = { 0 };
	struct json_doc d;
	uint32_t at = token_at(&d, json, path, &a);
	int64_t v = INT64_MIN;

	if (at != UINT32_MAX && !json_integer(&d, at, &v))
		v = INT64_MIN;
	palier_arena_deinit(&a);
	return v;
}

int64_t count_of(const char *json, const char *path)
{
	struct palier_arena a = { 0 };
	struct json_doc d;
	uint32_t at = token_at(&d, json, path, &a);
	int64_t n = at != UINT32_MAX && d.tokens[at].type >= JSON_ARRAY ? (int64_t)d.tokens[at].count : -1;

	palier_arena_deinit(&a);
	return n;
}

void field_is(const char *json, const char *path, const char *expected, const char *file, int line)
{
	const char *got = field(json, path);

	if (!got || strcmp(got, expected) != 0) {
		print_error("%s is %s, not %s, in %.4000s\n", path, got ? got : "not there", expected, json);
		_fail(file, line);
	}
}

void figure_is(const char *json, const char *path, int64_t expected, const char *file, int line)
{
	int64_t got = figure(json, path);

	if (got != expected) {
		print_error("%s is %s, not %lld, in %.4000s\n", path, got == INT64_MIN ? "no figure" : field(json, path),
			(long long)expected, json);
		_fail(file, line);
	}
}
