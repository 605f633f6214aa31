/* SPDX-License-Identifier: Apache-2.0 */
/* What survey books that other plugins follow. */
#pragma once

#include "plugins/palier_plugin.h"

/* A question goes out by message. With survey.asked, which goes before it. */
#define PALIER_FIELDS_survey_sent(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "which survey") \
	F(M, ENUM(survey_kind), question, "question", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, ENUM(survey_way), way, "way", PALIER_REQUIRED, PALIER_ANY, "by e-mail or text message") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be answered") \
	F(M, INT, plan, "plan", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event since which it waited") \
	F(M, STRING, url, "url", 0, PALIER_RANGE(1, 256), "what its token stands behind")
PALIER_MESSAGE(survey_sent);
