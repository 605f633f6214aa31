/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/e2e/scene.h"

static bool is_question(const char *method)
{
	static const char *const verbs[] = { ".lookup", ".quote", ".show", ".list", ".history", ".status", ".find",
		".export", ".alerts" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strstr(method, verbs[i]))
			return true;
	return false;
}

/* What has come up so far. */
struct playing {
	struct wire w;
	int requests;
	char holds[9][32], members[9][32];
};

/* The params with ids put in. */
static void params_fill(const struct scene_step *step, struct playing *p, char *out, size_t size)
{
	size_t n = is_question(step->method) ? 0 : (size_t)snprintf(out, size, "'request':'r-%d',", ++p->requests);

	for (const char *at = step->params; *at; at++) {
		assert_true(n + 64 < size);
		if ((at[0] != '$' && at[0] != '@') || at[1] < '1' || at[1] > '9') {
			out[n++] = *at;
			continue;
		}
		n += (size_t)snprintf(out + n, size - n, "%s", (at[0] == '$' ? p->holds : p->members)[at[1] - '1']);
		at++;
	}
	n -= n > 0 && out[n - 1] == ','; /* there were none */
	out[n] = '\0';
}

static void wants_check(const struct scene_step *step, const char *reply)
{
	for (int i = 0; i < SCENE_WANTS && step->wants[i].path; i++) {
		const char *value = field(reply, step->wants[i].path), *want = step->wants[i].value;

		if ((value == NULL) != (want == NULL) || (value && strcmp(value, want) != 0))
			fail_msg("%s %s: %s is %s, not %s\n%s", step->method, step->params, step->wants[i].path,
				value ? value : "not there", want ? want : "absent", reply);
	}
}

static void hold_keep(const char *reply, char holds[9][32])
{
	const char *id = field(reply, "result.hold");
	int i = 0;

	while (id && i < 8 && holds[i][0])
		i++;
	if (id)
		snprintf(holds[i], sizeof(holds[i]), "%s", id);
}

static bool wanted(const struct scene_step *step, const char *reply)
{
	const char *value = field(reply, step->wants[0].path);

	return value && strcmp(value, step->wants[0].value) == 0;
}

static void step_play(struct playing *p, const struct scene_step *step)
{
	int64_t before = step->refused ? last_seq(&p->w) : 0;
	char params[2048], *reply;

	params_fill(step, p, params, sizeof(params));
	if (step->refused) {
		ask_refused(&p->w, step->refused, step->method, "%s", params);
		assert_int_equal(last_seq(&p->w), before);
		return;
	}
	reply = ask_ok(&p->w, step->method, "%s", params);
	for (int64_t deadline = now_ms() + DEADLINE_MS; step->until && !wanted(step, reply) && now_ms() < deadline;) {
		sleep_ms(10);
		reply = ask_ok(&p->w, step->method, "%s", params);
	}
	wants_check(step, reply);
	hold_keep(reply, p->holds);
}

/* Tests run one after the other. */
static const struct scene *scene;

int scene_open(void **state)
{
	static struct shop_options options;

	scene = *state;
	options.points = scene->points;
	*state = &options;
	return shop_open(state);
}

void scene_play(void **state)
{
	struct playing p = { .requests = 0 };

	connect_to(&p.w, *state, DOOR_TRUST);
	for (int i = 0; i < 3; i++)
		snprintf(p.members[i], sizeof(p.members[i]), "%s",
			field(ask_ok(&p.w, "member.enroll", "'request':'e-%d','card':'CARD-%d'", i, i + 1),
				"result.member"));
	for (const struct scene_step *step = scene->steps; step->method; step++)
		step_play(&p, step);
	wire_close(&p.w);
}
