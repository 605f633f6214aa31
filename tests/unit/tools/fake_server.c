/* SPDX-License-Identifier: Apache-2.0 */
/* The canned daemon. */
#include "tests/unit/tools/fake_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(FILE *to, const char *text, size_t len)
{
	fwrite(text, 1, len, to);
	fflush(to);
}

static void answer(FILE *to, const char *line, const char *text)
{
	const char *id = strstr(line, "\"id\":");

	if (!id)
		abort();
	id += 5;
	fprintf(to, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}\n", (int)strcspn(id, ",}"), id, text);
	fflush(to);
}

/* @return false when this connection is over */
static bool act(const struct fake_step *step, FILE *to, FILE *from, const char *line)
{
	switch (step->act) {
	case FAKE_ANSWER:
		answer(to, line, step->text);
		return true;
	case FAKE_RAW:
		say(to, step->text, strlen(step->text));
		say(to, "\n", 1);
		return true;
	case FAKE_HALF:
		say(to, step->text, strlen(step->text) / 2);
		return false;
	case FAKE_SILENT:
		while (fgetc(from) != EOF)
			;
		return false;
	default:
		return false;
	}
}

static void serve(struct fake_server *s, const struct fake_step **step, int fd)
{
	FILE *from = fdopen(fd, "r"), *to = fdopen(dup(fd), "w");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((*step)->act != FAKE_END && (n = getline(&line, &cap, from)) > 0) {
		line[n - 1] = '\0';
		if (s->line_count == FAKE_LINES)
			abort();
		s->lines[s->line_count++] = strdup(line);
		if (!act((*step)++, to, from, line))
			break;
	}
	free(line);
	fclose(to);
	fclose(from);
}

static void *run(void *arg)
{
	struct fake_server *s = arg;
	const struct fake_step *step = s->script;

	while (step->act != FAKE_END) {
		int fd = accept(s->listener, NULL, NULL);

		if (fd < 0)
			break;
		s->connections++;
		serve(s, &step, fd);
	}
	return NULL;
}

void fake_start(struct fake_server *s, const struct fake_step *script)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int err;

	*s = (struct fake_server){ .script = script, .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	err = bind(s->listener, (struct sockaddr *)&at, len) || listen(s->listener, 8) ||
	      getsockname(s->listener, (struct sockaddr *)&at, &len) || pthread_create(&s->thread, NULL, run, s);
	if (err)
		abort();
	snprintf(s->door, sizeof(s->door), "tcp:127.0.0.1:%u", ntohs(at.sin_port));
}

void fake_stop(struct fake_server *s)
{
	shutdown(s->listener, SHUT_RDWR); /* wakes an accept that nobody will answer */
	pthread_join(s->thread, NULL);
	close(s->listener);
}

void fake_free(struct fake_server *s)
{
	for (int i = 0; i < s->line_count; i++)
		free(s->lines[i]);
}
