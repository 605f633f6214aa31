/* SPDX-License-Identifier: Apache-2.0 */
/* The doors of HTTP: requests that are refused and what follows them, POST /rpc beside the line protocol, and the head office with nothing but curl,
 * openssl and sha256sum. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "tests/e2e/doors.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SIGNING  "signing { certificate = \"store.pem\"  key = \"store.key\" }\n"

static const struct shop_options with_doors = { .config = SIGNING DOORS, .stopped = true };
static const struct shop_options hurried = { .config = SIGNING DOORS "limits { line-seconds = 1 }\n", .stopped = true };

static void open_doors(struct shop *s)
{
	doors_certify(s);
	shop_start(s);
}

/* The statuses of the replies, "200 404 "; borrowed until the next call. */
static const char *statuses(const char *said)
{
	static char out[256];
	size_t n = 0;

	out[0] = '\0';
	for (const char *at = said; n + 5 < sizeof(out) && (at = strstr(at, "HTTP/1.1 ")); at += 9)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%.3s ", at + 9);
	return out;
}

/* --- requests that are refused ------------------------------------------------------------------------------------- */

#define HOST   "Host: 127.0.0.1\r\n"
#define JSON   "Content-Type: application/json\r\n"
#define POST   "POST /rpc HTTP/1.1\r\n" HOST JSON
#define ASK    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.nothingx\"}" /* 48 bytes */
#define GOOD   POST "Content-Length: 48\r\n\r\n" ASK
#define A8     "aaaaaaaa"
#define A64    A8 A8 A8 A8 A8 A8 A8 A8
#define A512   A64 A64 A64 A64 A64 A64 A64 A64
#define A4096  A512 A512 A512 A512 A512 A512 A512 A512
#define A16384 A4096 A4096 A4096 A4096

/* What follows a refusal is not looked at, unless it is certain where it begins. */
static const struct malformed {
	const char *sentence, *request, *statuses;
	size_t size; /* 0: as long as the text */
} malformed[] = {
	{ "a good one, and another", GOOD GOOD, "200 200 ", 0 },
	{ "no Host", "POST /rpc HTTP/1.1\r\n" JSON "Content-Length: 48\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "two Hosts", "POST /rpc HTTP/1.1\r\n" HOST HOST JSON "Content-Length: 48\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "the Host of somebody else", "GET /rpc HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421 ", 0 },
	{ "a Host that only begins like ours", "GET /rpc HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", "421 ", 0 },
	{ "a Host with a user", "GET /rpc HTTP/1.1\r\nHost: evil@127.0.0.1\r\n\r\n", "421 ", 0 },
	{ "the Host by the name of the configuration", "GET /rpc HTTP/1.1\r\nHost: Till.Example:80\r\n\r\n", "405 ", 0 },
	{ "the Host localhost, with a port", "GET /rpc HTTP/1.1\r\nHost: localhost:1\r\n\r\n", "405 ", 0 },
	{ "two lengths", POST "Content-Length: 48\r\nContent-Length: 48\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "two lengths in one", POST "Content-Length: 48, 48\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "a length with a sign", POST "Content-Length: +48\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "a negative length", POST "Content-Length: -1\r\n\r\n" ASK GOOD, "400 ", 0 },
	{ "a length beyond all measure", POST "Content-Length: 99999999999999999999\r\n\r\n", "413 ", 0 },
	{ "a length beyond the limit without a token", POST "Content-Length: 16385\r\n\r\n" GOOD, "413 ", 0 },
	{ "no length", POST "\r\n" GOOD, "411 200 ", 0 },
	{ "a length and chunks", POST "Content-Length: 48\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GOOD, "400 ", 0 },
	{ "chunks", POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GOOD, "411 ", 0 },
	{ "chunks by another name", POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" GOOD, "400 ", 0 },
	{ "a NUL in a field", POST "X: a\0b\r\n\r\n", "400 ", sizeof(POST "X: a\0b\r\n\r\n") - 1 },
	{ "a NUL at the beginning", "\0", "400 ", 1 },
	{ "an end of line without CR", "GET /rpc HTTP/1.1\nHost: 127.0.0.1\n\n", "400 ", 0 },
	{ "a CR alone", "GET /rpc HTTP/1.1\r\nHost: 127.0.0.1\rX: y\r\n\r\n", "400 ", 0 },
	{ "a field on two lines", "GET /rpc HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", "400 ", 0 },
	{ "a field without a colon", "GET /rpc HTTP/1.1\r\n" HOST "nothing\r\n\r\n", "400 ", 0 },
	{ "a field without a name", "GET /rpc HTTP/1.1\r\n" HOST ": a\r\n\r\n", "400 ", 0 },
	{ "a head of 16 KiB", "GET /rpc HTTP/1.1\r\n" HOST "X: " A16384 "\r\n\r\n", "431 ", 0 },
	{ "a head that never ends", "GET /rpc HTTP/1.1\r\n" HOST "X: " A16384 A4096, "431 ", 0 },
	{ "an unknown method", "BREW /rpc HTTP/1.1\r\n" HOST "\r\n" GOOD, "405 200 ", 0 },
	{ "a method of another path", "GET /rpc HTTP/1.1\r\n" HOST "\r\n" GOOD, "405 200 ", 0 },
	{ "a method that is no word", "G(T /rpc HTTP/1.1\r\n" HOST "\r\n" GOOD, "400 ", 0 },
	{ "a path that is not there", "GET /nothing HTTP/1.1\r\n" HOST "\r\n" GOOD, "404 200 ", 0 },
	{ "a path with ..", "GET /v1/../rpc HTTP/1.1\r\n" HOST "\r\n" GOOD, "404 200 ", 0 },
	{ "a path with %2e%2e", "GET /v1/%2e%2e/rpc HTTP/1.1\r\n" HOST "\r\n", "404 ", 0 },
	{ "a path that leads out", "GET ../../etc/passwd HTTP/1.1\r\n" HOST "\r\n", "400 ", 0 },
	{ "a whole address", "GET http://127.0.0.1/rpc HTTP/1.1\r\n" HOST "\r\n", "400 ", 0 },
	{ "a path of the office", "GET /v1/store HTTP/1.1\r\n" HOST "\r\n" GOOD, "404 200 ", 0 },
	{ "a path with a space", "GET /rpc x HTTP/1.1\r\n" HOST "\r\n", "400 ", 0 },
	{ "another HTTP", "GET /rpc HTTP/2.0\r\n" HOST "\r\n" GOOD, "505 ", 0 },
	{ "HTTP/1.0, after which nothing follows", "GET /rpc HTTP/1.0\r\n" HOST "\r\n" GOOD, "405 ", 0 },
	{ "no HTTP", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"day.status\"}\n", "400 ", 0 },
	{ "an expectation that nobody knows", POST "Expect: tea\r\nContent-Length: 48\r\n\r\n" ASK, "417 ", 0 },
	{ "a body where none belongs", "GET /nothing HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" GOOD, "404 ", 0 },
	{ "a form of another site's page",
		"POST /rpc HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 48\r\n\r\n" ASK, "415 ", 0 },
	{ "a token that is nobody's", POST "Authorization: Bearer no\r\nContent-Length: 48\r\n\r\n" ASK, "401 ", 0 },
	{ "an authorization that is no token", POST "Authorization: Basic YTpi\r\nContent-Length: 48\r\n\r\n" ASK, "401 ",
		0 },
	{ "half a body", POST "Content-Length: 48\r\n\r\n{", "", 0 },
	{ "half a head", "GET /rpc HTTP/1.1\r\nHo", "", 0 },
	{ "the end of it", POST "Connection: keep-alive, close\r\nContent-Length: 48\r\n\r\n" ASK GOOD, "200 ", 0 },
};

static void refusals(void **state)
{
	struct shop *s = *state;
	char *said;

	open_doors(s);
	for (size_t i = 0; i < COUNT(malformed); i++) {
		const struct malformed *m = &malformed[i];

		said = door_say(s, DOOR_HTTP, m->request, m->size ? m->size : strlen(m->request));
		if (strcmp(statuses(said), m->statuses) != 0)
			fail_msg("%s: \"%s\", not \"%s\": %s", m->sentence, statuses(said), m->statuses, said);
		free(said);
	}
}

/* Whatever arrives meanwhile wins no time: a byte now and then keeps nobody here. */
static void dripped(struct shop *s, const char *text)
{
	int64_t until = now_ms() + DEADLINE_MS;
	int fd = door_connect(s, DOOR_HTTP);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = strlen(text), sent = 0;
	char scrap[512];
	bool open = true;

	while (open && now_ms() < until) {
		const char *drop = sent < n ? text + sent : "a";

		open = send(fd, drop, 1, MSG_NOSIGNAL) == 1;
		sent++;
		if (poll(&p, 1, 50) == 1)
			open = open && recv(fd, scrap, sizeof(scrap), 0) > 0;
	}
	assert_false(open);
	close(fd);
}

static void slow(void **state)
{
	struct shop *s = *state;
	struct wire w;

	open_doors(s);
	dripped(s, "GET /rpc HTTP/1.1\r\nX: ");
	dripped(s, POST "Content-Length: 10000\r\n\r\n");
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(metric(&w, "palier_connections_cut_total", "slow_sender"), 2);
	wire_close(&w);
}

/* Nor does one stay for ever that sends nothing; it is no fault. */
static void idle(void **state)
{
	struct shop *s = *state;
	char scrap[16];
	struct wire w;
	int fd;

	open_doors(s);
	fd = door_connect(s, DOOR_HTTP);
	assert_int_equal(recv(fd, scrap, sizeof(scrap), 0), 0);
	close(fd);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(metric(&w, "palier_connections_cut_total", "slow_sender"), 0);
	wire_close(&w);
}

static void continues(void **state)
{
	static const char head[] = POST "Expect: 100-continue\r\nContent-Length: 48\r\n\r\n";
	struct shop *s = *state;
	char said[4096] = "";
	ssize_t n = 0, more;
	int fd;

	open_doors(s);
	fd = door_connect(s, DOOR_HTTP);
	assert_int_equal(send(fd, head, sizeof(head) - 1, MSG_NOSIGNAL), sizeof(head) - 1);
	assert_int_equal(recv(fd, said, 25, MSG_WAITALL), 25);
	assert_string_equal(said, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_int_equal(send(fd, ASK, 48, MSG_NOSIGNAL), 48);
	shutdown(fd, SHUT_WR);
	while ((more = recv(fd, said + n, sizeof(said) - 1 - (size_t)n, 0)) > 0)
		n += more;
	said[n] = '\0';
	assert_string_equal(statuses(said), "200 ");
	close(fd);
}

/* --- POST /rpc ----------------------------------------------------------------------------------------------------- */

/* The body of one reply; borrowed from it. */
static const char *body_of(const char *said)
{
	const char *body = strstr(said, "\r\n\r\n");

	assert_non_null(body);
	return body + 4;
}

/* @param token NULL: none @return to be freed */
static char *post(const struct shop *s, const char *token, const char *body)
{
	char text[4096], bearer[128] = "";
	int n;

	if (token)
		snprintf(bearer, sizeof(bearer), "Authorization: bearer %s\r\n", token);
	n = snprintf(text, sizeof(text), POST "%sContent-Length: %zu\r\n\r\n%s", bearer, strlen(body), body);
	return door_say(s, DOOR_HTTP, text, (size_t)n);
}

#define ENROLL \
	"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"member.enroll\",\"params\":{\"request\":\"e-1\",\"card\":\"CARD-1\",\"name\":\"Zo\xc3\xa9\"}}"
#define STATUS "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"day.status\"}"

static void same_as_lines(void **state)
{
	struct shop *s = *state;
	struct wire w, till;
	char *said, *line;

	open_doors(s);
	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret");
	sign_in(&till, s, "till-1", "secret");
	said = post(s, "secret", ENROLL);
	assert_string_equal(statuses(said), "200 ");
	assert_field(body_of(said), "result.card.number", "CARD1");
	free(said);
	line = ask_raw(&till, ENROLL);
	assert_field(line, "result.replayed", "true");
	said = post(s, "secret", ENROLL);
	assert_int_equal(strlen(body_of(said)), strlen(line) + 1);
	assert_memory_equal(body_of(said), line, strlen(line));
	free(said);
	line = ask_raw(&till, STATUS);
	said = post(s, "secret", STATUS "\n");
	assert_memory_equal(body_of(said), line, strlen(line));
	free(said);
	wire_close(&till);
	wire_close(&w);
}

/* Nobody is signed in by who came before on the same connection. */
static void each_for_itself(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char text[2048], *said;
	int n;

	open_doors(s);
	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret");
	n = snprintf(text, sizeof(text),
		POST "Authorization: Bearer secret\r\nContent-Length: 46\r\n\r\n" STATUS POST
		     "Content-Length: 46\r\n\r\n" STATUS);
	said = door_say(s, DOOR_HTTP, text, (size_t)n);
	assert_string_equal(statuses(said), "200 401 ");
	assert_non_null(strstr(said, "\"reason\":\"unauthorized\""));
	free(said);
	said = post(s, "secret",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"events.subscribe\",\"params\":{\"topics\":[\"sale\"]}}");
	assert_field(body_of(said), "error.data.reason", "forbidden");
	free(said);
	ask_ok(&w, "till.revoke", "'request':'r','till':'till-1'");
	said = post(s, "secret", STATUS);
	assert_string_equal(statuses(said), "401 ");
	free(said);
	wire_close(&w);
}

/* --- the head office ----------------------------------------------------------------------------------------------- */

/* curl by the https door, as README.md has it. @return its exit code */
static int curl(const struct shop *s, char **out, const char *arguments)
{
	return shop_shell(s, out,
		"url=https://127.0.0.1:%d/v1; curl -sS --cacert doors-ca.pem --cert hq.pem --key hq.key %s",
		shop_port(s, DOOR_HTTPS), arguments);
}

/* The reply must hold it. */
static void curl_says(const struct shop *s, const char *arguments, const char *expected)
{
	char *said;
	int code = curl(s, &said, arguments);

	if (code != 0 || !strstr(said, expected))
		fail_msg("curl %s: ended with %d, and says %s", arguments, code, said);
	free(said);
}

#define SUM "$(sed -n 's/.*\"sha256\":\"\\([0-9a-f]*\\)\".*/\\1/p' outbox/1/manifest.json)"

static void day_close(const struct shop *s, int i, bool sealed)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "sale.commit", "'request':'s-%d','sale':'R-%d','lines':[{'sku':'a','amount':100}],'payable':100", i, i);
	ask_ok(&w, "day.close", "'request':'c-%d'", i);
	wire_close(&w);
	if (sealed)
		assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, NULL }, NULL),
			0);
}

static void pulled(void **state)
{
	struct shop *s = *state;

	open_doors(s);
	day_close(s, 1, true);
	day_close(s, 2, false);
	curl_says(s, "$url/store", "\"last_batch\":2");
	curl_says(s, "$url/batches", "{\"batches\":[{\"batch\":1,");
	curl_says(s, "\"$url/batches?after=1\"", "{\"batches\":[]}");
	curl_says(s, "\"$url/batches?before=1\"", "bad_request");
	curl_says(s, "$url/batches/2/manifest.json", "\"reason\":\"batch_unknown\"");
	curl_says(s, "-i $url/batches/3/events.jsonl", "HTTP/1.1 404 ");
	curl_says(s, "-i $url/batches/2/events.jsonl.zst", "HTTP/1.1 404 ");
	curl_says(s, "-i $url/batches/01/events.jsonl", "HTTP/1.1 404 ");
	/* with nothing of ours installed */
	assert_int_equal(
		curl(s, NULL,
			"-f -O $url/batches/1/events.jsonl -O $url/batches/1/manifest.json -O $url/batches/1/manifest.p7s"),
		0);
	assert_int_equal(
		shop_shell(s, NULL,
			"openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json -CAfile office-ca.pem "
			"-purpose any -no_check_time -out /dev/null && "
			"sed -n 's/.*\"sha256\":\"\\([0-9a-f]*\\)\".*/\\1  events.jsonl/p' manifest.json | sha256sum -c --strict && "
			"cmp events.jsonl shop/journal/1.jsonl"),
		0);
	curl_says(s, "-i --data-binary @manifest.p7s $url/batches/1/manifest.p7s", "Allow: GET, HEAD");
}

/* Compressed, under the tag and the sum of the compressed bytes, whole or what a cut transfer lacks. */
static void pulled_compressed(void **state)
{
	struct shop *s = *state;

	open_doors(s);
	day_close(s, 1, true);
	assert_int_equal(curl(s, NULL, "-f -D head -o 1.zst $url/batches/1/events.jsonl.zst"), 0);
	assert_int_equal(
		shop_shell(s, NULL,
			"zstd -dqc 1.zst | cmp - outbox/1/events.jsonl && "
			"grep -qi \"^etag: .$(sha256sum <1.zst | cut -c 1-64).\" head && "
			"grep -q \"^Repr-Digest: sha-256=:$(openssl dgst -sha256 -binary 1.zst | base64):\" head && "
			"grep -q '^Content-Type: application/zstd' head && head -c 100 1.zst >part && cd outbox/1 && sha256sum --quiet -c events.jsonl.zst.sha256"),
		0);
	assert_int_equal(curl(s, NULL, "-f -C - -o part $url/batches/1/events.jsonl.zst"), 0);
	assert_int_equal(shop_shell(s, NULL, "cmp part 1.zst"), 0);
	curl_says(s, "-i -H 'If-None-Match: *' $url/batches/1/events.jsonl.zst", "HTTP/1.1 304 ");
	curl_says(s, "-I $url/batches/1/events.jsonl.zst", "Accept-Ranges: bytes");
}

/* docs/office.md: the outbox without palierd. nginx is asked until it serves. */
static void other_ways(void **state)
{
	static const char server[] =
		"daemon off; pid nginx.pid; error_log stderr; events { }\n"
		"http { access_log off; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;\n"
		"server { listen unix:web.sock ssl; ssl_certificate door.pem; ssl_certificate_key door.key; ssl_client_certificate office-ca.pem;\n"
		"ssl_verify_client on; location /batches/ { alias outbox/; } } }\n";
	struct shop *s = *state;
	pid_t nginx;

	open_doors(s);
	day_close(s, 1, true);
	assert_int_equal(
		shop_shell(s, NULL,
			"mkdir hq && rsync -a --exclude manifest.p7s --exclude '*.new' outbox/ hq/ && test ! -e hq/1/manifest.p7s && "
			"rsync -a --include '*/' --include manifest.p7s --exclude '*' outbox/ hq/ && diff -r outbox hq"),
		0);
	file_write(shop_file(s, "nginx.conf"), server, sizeof(server) - 1);
	assert_int_equal(shop_shell(s, NULL,
				 "sed -i \"s|unix:|unix:$PWD/|; s|alias |alias $PWD/|\" nginx.conf && chmod -R go+rX ."),
		0);
	nginx = program_start(s,
		(const char *const[]){ "sh", "-c",
			"PATH=$PATH:/usr/sbin; cd \"$0\" && exec nginx -p \"$0/\" -c nginx.conf -g 'user root;'", s->dir,
			NULL });
	assert_int_equal(
		shop_shell(s, NULL,
			"web='curl -sS --unix-socket web.sock --retry 100 --retry-delay 0 --retry-all-errors --cacert doors-ca.pem'; "
			"$web --cert hq.pem --key hq.key -f https://127.0.0.1/batches/1/events.jsonl | cmp - outbox/1/events.jsonl && "
			"$web https://127.0.0.1/batches/1/events.jsonl | grep -q 'No required SSL certificate'"),
		0);
	kill(nginx, SIGTERM);
	assert_int_equal(program_wait(s, nginx, NULL), 0);
}

/* An sshd of its own, which lets in with one key, to read, in the shop's directory. */
static pid_t sshd_start(const struct shop *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd); /* nobody else takes it so soon */
	assert_int_equal(
		shop_shell(s, NULL,
			"ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f hq-ssh && echo %d >port && "
			"printf '[127.0.0.1]:%%s %%s\\n' %d \"$(cut -d' ' -f1,2 host.pub)\" >known && "
			"printf 'Port %%s\\nListenAddress 127.0.0.1\\nHostKey %%s/host\\nAuthorizedKeysFile %%s/hq-ssh.pub\\nPidFile none\\n"
			"UsePAM no\\nStrictModes no\\nPasswordAuthentication no\\nSubsystem sftp internal-sftp\\n"
			"Match User %%s\\nForceCommand internal-sftp -R -d %%s\\nAllowTcpForwarding no\\nPermitTTY no\\n' "
			"%d \"$PWD\" \"$PWD\" $(id -un) \"$PWD\" >sshd_config && "
			"printf 'Host store\\nHostName 127.0.0.1\\nPort %%s\\nUser %%s\\nIdentityFile %%s/hq-ssh\\nIdentitiesOnly yes\\n"
			"UserKnownHostsFile %%s/known\\nConnectionAttempts 30\\n' %d $(id -un) \"$PWD\" \"$PWD\" >ssh_config && "
			"{ [ $(id -u) != 0 ] || mkdir -p /run/sshd; }",
			ntohs(at.sin_port), ntohs(at.sin_port), ntohs(at.sin_port), ntohs(at.sin_port)),
		0);
	return program_start(s,
		(const char *const[]){ "sh", "-c", "exec /usr/sbin/sshd -D -e -f \"$0/sshd_config\"", s->dir, NULL });
}

#define SFTP "printf 'lcd hq/lyon-03/batches\\ncd outbox\\nget -a -r *\\n' | sftp -q -F ssh_config -b - store"
#define CURL \
	"curl='curl -sS --hostpubsha256 '$(ssh-keygen -lf host.pub | sed 's/.*SHA256:\\([^ ]*\\).*/\\1/')' --key hq-ssh --pubkey " \
	"hq-ssh.pub -u '$(id -un)':' store=127.0.0.1:$(cat port) && "
#define CURL_PULL \
	"for n in $($curl -l sftp://$store/~/outbox/ | grep -x '[1-9][0-9]*'); do " \
	"[ -e hq/lyon-03/batches/$n/manifest.p7s ] || $curl --fail --create-dirs --output-dir hq/lyon-03/batches/$n -C - " \
	"-O sftp://$store/~/outbox/$n/events.jsonl -O sftp://$store/~/outbox/$n/manifest.json -O sftp://$store/~/outbox/$n/manifest.p7s " \
	"|| exit 1; done"
#define VERIFIED "$PALIER_BIN/palier-hq verify hq --authority office-ca.pem"

/* docs/office.md: by SFTP, with sftp and with curl; a transfer that was cut is gone on with. */
static void by_sftp(void **state)
{
	struct shop *s = *state;
	char *said;
	pid_t sshd;

	open_doors(s);
	day_close(s, 1, true);
	sshd = sshd_start(s);
	assert_int_equal(shop_shell(s, NULL, "mkdir -p hq/lyon-03/batches && " SFTP " && diff -r outbox hq/lyon-03/batches"),
		0);
	day_close(s, 2, true);
	assert_int_equal(
		shop_shell(s, NULL,
			"mkdir hq/lyon-03/batches/2 && head -c 100 outbox/2/events.jsonl >hq/lyon-03/batches/2/events.jsonl && " SFTP
			" && diff -r outbox hq/lyon-03/batches"),
		0);
	assert_int_equal(shop_shell(s, &said, VERIFIED), 0);
	assert_non_null(strstr(said, "verified"));
	free(said);
	assert_int_not_equal(shop_shell(s, NULL,
				     "printf 'put host.pub outbox/1/more\\n' | sftp -q -F ssh_config -b - store"),
		0);

	assert_int_equal(
		shop_shell(s, NULL,
			"rm -r hq/lyon-03/batches/2/* && head -c 100 outbox/2/events.jsonl >hq/lyon-03/batches/2/events.jsonl && " CURL
				CURL_PULL " && diff -r -x '*.zst*' outbox hq/lyon-03/batches && " VERIFIED),
		0);
	/* One flipped byte is found, however it came. */
	assert_int_equal(shop_shell(s, NULL, "sed -i 's/sale.commit/sale.permit/' hq/lyon-03/batches/2/events.jsonl"), 0);
	assert_int_equal(shop_shell(s, &said, VERIFIED), 76);
	assert_non_null(strstr(said, "file_sha256"));
	free(said);
	kill(sshd, SIGTERM);
	program_wait(s, sshd, NULL);
}

static void parts(void **state)
{
	struct shop *s = *state;

	open_doors(s);
	day_close(s, 1, true);
	curl_says(s, "-i -H \"If-None-Match: \\\"" SUM "\\\"\" $url/batches/1/events.jsonl", "HTTP/1.1 304 Not Modified");
	curl_says(s, "-i -H 'If-None-Match: \"other\"' $url/batches/1/events.jsonl", "HTTP/1.1 200 OK");
	curl_says(s, "-I $url/batches/1/events.jsonl", "Accept-Ranges: bytes");
	curl_says(s,
		"-i $url/batches/1/events.jsonl | grep -a Repr-Digest: | grep -F \"$(openssl dgst -sha256 -binary outbox/1/events.jsonl | base64)\"",
		"sha-256=:");
	curl_says(s, "-i -r 0-3 $url/batches/1/events.jsonl | tail -1", "{\"he");
	curl_says(s, "-i -r 0-3 $url/batches/1/events.jsonl", "Content-Range: bytes 0-3/");
	curl_says(s, "-i -r -4 $url/batches/1/events.jsonl", "HTTP/1.1 206 ");
	curl_says(s, "-i -r 99999999- $url/batches/1/events.jsonl", "HTTP/1.1 416 ");
	curl_says(s, "-i -H 'Range: bytes=-0' $url/batches/1/events.jsonl", "HTTP/1.1 416 ");
	curl_says(s, "-i -H 'Range: bytes=5-2' $url/batches/1/events.jsonl", "HTTP/1.1 200 ");
	curl_says(s, "-i -H 'Range: bytes=0-1,3-4' $url/batches/1/events.jsonl", "HTTP/1.1 200 ");
	curl_says(s, "-i -H 'Range: lines=0-1' $url/batches/1/events.jsonl", "HTTP/1.1 200 ");
	curl_says(s, "-i -r 0-3 -H \"If-Range: \\\"" SUM "\\\"\" $url/batches/1/events.jsonl", "HTTP/1.1 206 ");
	curl_says(s, "-i -r 0-3 -H 'If-Range: \"other\"' $url/batches/1/events.jsonl", "HTTP/1.1 200 ");
	/* a transfer that was cut goes on */
	assert_int_equal(shop_shell(s, NULL, "head -c 100 outbox/1/events.jsonl >events.jsonl"), 0);
	assert_int_equal(curl(s, NULL, "-f -C - -O $url/batches/1/events.jsonl"), 0);
	assert_int_equal(shop_shell(s, NULL, "cmp events.jsonl outbox/1/events.jsonl"), 0);
	/* what is not what the manifest says does not leave */
	assert_int_equal(
		shop_shell(s, NULL,
			"cp outbox/1/events.jsonl all && rm outbox/1/events.jsonl && head -c 100 all >outbox/1/events.jsonl"),
		0);
	curl_says(s, "-i $url/batches/1/events.jsonl", "HTTP/1.1 500 ");
	curl_says(s, "$url/store", "\"protocol\":1");
}

#define ACK(sum) "-i -H 'Content-Type: application/json' -d \"{\\\"sha256\\\":\\\"" sum "\\\"}\" $url/batches/1/ack"

static void acknowledged(void **state)
{
	struct shop *s = *state;
	char at[64];
	struct wire w;

	open_doors(s);
	day_close(s, 1, true);
	curl_says(s, ACK(A64), "HTTP/1.1 409 ");
	curl_says(s, ACK("aa"), "HTTP/1.1 422 ");
	curl_says(s, "-i -H 'Content-Type: application/json' -d '[' $url/batches/1/ack", "HTTP/1.1 400 ");
	curl_says(s, "-i -H 'Content-Type: application/json' -d '{}' $url/batches/9/ack", "HTTP/1.1 404 ");
	connect_to(&w, s, DOOR_TRUST);
	assert_null(field(ask_ok(&w, "batch.show", "'batch':1"), "result.acknowledged_at"));
	curl_says(s, ACK(SUM), "HTTP/1.1 200 ");
	shop_kill(s);
	wire_close(&w);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	snprintf(at, sizeof(at), "\"acknowledged_at\":\"%s\"",
		field(ask_ok(&w, "batch.show", "'batch':1"), "result.acknowledged_at"));
	curl_says(s, ACK(SUM), at);
	curl_says(s, "$url/batches", at);
	assert_non_null(strstr(ask_ok(&w, "batch.list", "%s", ""), at));
	wire_close(&w);
}

static void profiles(void **state)
{
	struct shop *s = *state;
	char member[64], gone[64], url[128];
	struct wire w;

	open_doors(s);
	connect_to(&w, s, DOOR_TRUST);
	snprintf(member, sizeof(member), "%s",
		field(ask_ok(&w, "member.enroll", "'request':'1','card':'CARD-1','name':'Zoe','email':'zoe@example.org'"),
			"result.member"));
	snprintf(gone, sizeof(gone), "%s",
		field(ask_ok(&w, "member.enroll", "'request':'2','card':'CARD-2','name':'Anna'"), "result.member"));
	curl_says(s, "$url/profiles", "\"email\":\"zoe@example.org\"");
	curl_says(s, "$url/profiles", "\"cards\":[{\"number\":\"CARD1\",\"status\":\"active\"}]");
	ask_ok(&w, "member.erase", "'request':'3','member':'%s'", gone);
	snprintf(url, sizeof(url), "\"$url/profiles?after=%lld\"", (long long)last_seq(&w) - 1);
	curl_says(s, url, "\"erased\":true}]}");
	curl_says(s, url, gone);
	ask_ok(&w, "member.update", "'request':'4','member':'%s','name':'Zoe Martin'", member);
	snprintf(url, sizeof(url), "\"$url/profiles?after=%lld\"", (long long)last_seq(&w) - 1);
	curl_says(s, url, "\"name\":\"Zoe Martin\"");
	for (int i = 0; i < 101; i++)
		ask_ok(&w, "member.enroll", "'request':'n-%d','card':'NEXT-%d'", i, i);
	curl_says(s, "$url/profiles", "\"next\":");
	snprintf(url, sizeof(url), "\"$url/profiles?after=%lld\"", (long long)last_seq(&w));
	curl_says(s, url, "{\"profiles\":[]}");
	wire_close(&w);
}

static void directives(void **state)
{
	struct shop *s = *state;

	open_doors(s);
	curl_says(s, "-i -X PUT --data-binary '{}' $url/directives/1", "{\"directive\":1,\"missing\":\"signature\"}");
	curl_says(s, "-i -X PUT --data-binary 'x' $url/directives/2.p7s", "{\"directive\":2,\"missing\":\"directive\"}");
	shop_kill(s);
	shop_start(s);
	curl_says(s, "-i -X PUT --data-binary 'x' $url/directives/1.p7s", "\"error\":{\"reason\":");
	assert_int_equal(
		shop_shell(s, NULL,
			"test \"$(cat shop/directives/1.json)\" = '{}' && test \"$(cat shop/directives/1.p7s)\" = x"),
		0);
	curl_says(s, "-i -X PUT --data-binary 'x' $url/directives/0", "HTTP/1.1 404 ");
	curl_says(s, "-i -X PUT --data-binary 'x' $url/directives/../1", "HTTP/1.1 404 ");
}

/* --- signed directives, made with openssl alone --- */

static const struct shop_options ordered = {
	.config = "signing { certificate = \"store.pem\"  key = \"store.key\"  office = {\"orders.pem\"} }\n" DOORS,
	.stopped = true,
};

/* NAME.pem and NAME.key: somebody who signs. */
static void signer_make(const struct shop *s, const char *name)
{
	assert_int_equal(
		shop_shell(s, NULL,
			"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%s -days 2 -addext "
			"keyUsage=digitalSignature -keyout %s.key -out %s.pem 2>/dev/null",
			name, name, name),
		0);
}

/* FILE.json and FILE.p7s. @param before the file of the directive before; "/dev/null": it is the first */
static void directive_make(const struct shop *s, const char *file, const char *store, int number, const char *before,
	const char *order, const char *signer)
{
	assert_int_equal(
		shop_shell(s, NULL,
			"if test -s %s; then prev=$(sha256sum <%s | cut -c 1-64); else prev=$(printf %%064d 0); fi && "
			"printf '%%s' '{\"format\":1,\"store\":\"%s\",\"directive\":%d,\"prev_sha256\":\"' $prev "
			"'\",\"issued\":\"2026-11-26T09:00:00.000Z\",\"orders\":[%s]}' >%s.json && echo >>%s.json && "
			"openssl cms -sign -binary -outform DER -md sha256 -in %s.json -signer %s.pem -inkey %s.key -out %s.p7s",
			before, before, store, number, order, file, file, file, signer, signer, file),
		0);
}

/* Both parts as directive M, the text first. */
static void put(const struct shop *s, int number, const char *text, const char *signature, const char *first,
	const char *then)
{
	char arguments[256];

	snprintf(arguments, sizeof(arguments), "-i -X PUT --data-binary @%s.json $url/directives/%d", text, number);
	curl_says(s, arguments, first);
	snprintf(arguments, sizeof(arguments), "-i -X PUT --data-binary @%s.p7s $url/directives/%d.p7s", signature, number);
	curl_says(s, arguments, then);
}

#define MEMBER(n, card) "{\"order\":\"member\",\"member\":\"m_000000000000000" n "\",\"card\":\"" card "\"}"
#define BEANS           "{\"order\":\"grant\",\"member\":\"m_0000000000000001\",\"unit\":\"beans\",\"points\":5,\"source\":\"a/1/0\"}"
#define WAITS           "HTTP/1.1 202 "
#define DONE(n)         "{\"directive\":" n ",\"sha256\":\""
#define REFUSED(x)      "{\"error\":{\"reason\":\"params_invalid\",\"message\":\"" x

static void ordered_open(struct shop *s)
{
	signer_make(s, "orders");
	signer_make(s, "stranger");
	shop_configure(s, &ordered);
	open_doors(s);
	directive_make(s, "one", "lyon-03", 1, "/dev/null", MEMBER("1", "CARD-1"), "orders");
}

static void directives_carried_out(void **state)
{
	struct shop *s = *state;
	struct wire w;
	int64_t seq;

	ordered_open(s);
	put(s, 1, "one", "one", WAITS, DONE("1"));
	connect_to(&w, s, DOOR_TRUST);
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member", "m_0000000000000001");
	seq = last_seq(&w);
	/* Again, after a power cut, and as if it were the next one: it is answered again. */
	put(s, 1, "one", "one", DONE("1"), DONE("1"));
	shop_kill(s);
	wire_close(&w);
	shop_start(s);
	put(s, 1, "one", "one", DONE("1"), DONE("1"));
	put(s, 2, "one", "one", WAITS, DONE("1"));
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(last_seq(&w), seq);
	assert_figure(ask_ok(&w, "directive.status", "%s", ""), "result.directive", 1);
	/* The next one takes its place: the signature that was there is not its own. */
	directive_make(s, "two", "lyon-03", 2, "one.json", MEMBER("2", "CARD-2"), "orders");
	put(s, 2, "two", "two", WAITS, DONE("2"));
	directive_make(s, "other", "lyon-03", 2, "one.json", MEMBER("3", "CARD-3"), "orders");
	put(s, 2, "other", "two", "HTTP/1.1 409 ", DONE("2"));
	/* The signature first. */
	directive_make(s, "three", "lyon-03", 3, "two.json", MEMBER("3", "CARD-3"), "orders");
	curl_says(s, "-i -X PUT --data-binary @three.p7s $url/directives/3.p7s", WAITS);
	curl_says(s, "-i -X PUT --data-binary @three.json $url/directives/3", DONE("3"));
	assert_figure(ask_ok(&w, "directive.status", "%s", ""), "result.directive", 3);
	wire_close(&w);
}

static void directives_refused(void **state)
{
	struct shop *s = *state;
	struct wire w;

	ordered_open(s);
	/* By somebody else, of another text, for another store, out of turn, and what is no directive. */
	directive_make(s, "strange", "lyon-03", 1, "/dev/null", MEMBER("2", "CARD-2"), "stranger");
	put(s, 1, "strange", "strange", WAITS, "\"field\":\"signature\"}}");
	put(s, 1, "one", "strange", WAITS, "\"field\":\"signature\"}}");
	directive_make(s, "paris", "paris-01", 1, "/dev/null", MEMBER("1", "CARD-1"), "orders");
	put(s, 1, "paris", "paris", WAITS, REFUSED("this directive is for the store paris-01"));
	directive_make(s, "far", "lyon-03", 3, "/dev/null", MEMBER("1", "CARD-1"), "orders");
	put(s, 3, "far", "far", WAITS, REFUSED("directive 1 comes next, this is 3"));
	directive_make(s, "half", "lyon-03", 1, "/dev/null", "{\"order\":\"member\"}", "orders");
	put(s, 1, "half", "half", WAITS, "\"field\":\"orders[0].member\"}}");
	directive_make(s, "beans", "lyon-03", 1, "/dev/null", MEMBER("1", "CARD-1") "," BEANS, "orders");
	put(s, 1, "beans", "beans", WAITS, "\"field\":\"orders[1].unit\"}}");
	assert_int_equal(shop_shell(s, NULL, "printf '{}' >none.json && cp one.p7s none.p7s && : >empty.json"), 0);
	put(s, 1, "none", "none", WAITS, "HTTP/1.1 422 ");
	/* Too long, and too short. */
	assert_int_equal(
		shop_shell(s, NULL,
			"head -c 163841 /dev/zero >long.json && head -c 12289 /dev/zero >long.p7s && head -c 163840 /dev/zero >most.json"),
		0);
	put(s, 1, "long", "long", "HTTP/1.1 413 ", "HTTP/1.1 413 ");
	put(s, 1, "most", "one", WAITS, "HTTP/1.1 422 ");
	put(s, 1, "empty", "one", WAITS, "HTTP/1.1 422 ");
	curl_says(s, "-i $url/directives/1", "HTTP/1.1 405 ");
	/* Nothing of all this was done, and the right one is. */
	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_ok(&w, "directive.status", "%s", ""), "result.directive", 0);
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'CARD-1'");
	put(s, 1, "one", "one", WAITS, DONE("1"));
	assert_figure(ask_ok(&w, "directive.status", "%s", ""), "result.directive", 1);
	wire_close(&w);
}

static const struct CMUnitTest tests[] = {
	IN_SHOP("requests that can be read in two ways are refused, and the next client is served", refusals, &with_doors),
	IN_SHOP("who sends a byte now and then is cut", slow, &hurried),
	IN_SHOP("a connection without a request ends by itself", idle, &hurried),
	IN_SHOP("a client that asks first is told to send its body", continues, &with_doors),
	IN_SHOP("POST /rpc answers as a line does, and replays what came by either", same_as_lines, &with_doors),
	IN_SHOP("each POST stands for itself", each_for_itself, &with_doors),
	IN_SHOP("curl, openssl and sha256sum are enough to pull a batch and verify it", pulled, &with_doors),
	IN_SHOP("the same compressed, whole or what is missing of it", pulled_compressed, &with_doors),
	IN_SHOP("rsync and nginx hand over the outbox as docs/office.md has it", other_ways, &with_doors),
	IN_SHOP("so does an sshd, to sftp and to curl", by_sftp, &with_doors),
	IN_SHOP("a batch comes in parts, once, and only if it is another", parts, &with_doors),
	IN_SHOP("what is acknowledged stays so after kill -9", acknowledged, &with_doors),
	IN_SHOP("the office is told whose personal data have changed", profiles, &with_doors),
	IN_SHOP("a directive is kept until both of its parts are here", directives, &with_doors),
	IN_SHOP("a signed directive is carried out once, however often it is sent", directives_carried_out, &with_doors),
	IN_SHOP("a directive that is not the office's next one for this store is refused", directives_refused, &with_doors),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
