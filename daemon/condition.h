/* SPDX-License-Identifier: Apache-2.0 */
/* `when { }`: predicates over basket, clock and member, compiled by the configuration, evaluated here and nowhere else.
 * palier_condition_compile and palier_condition_holds are declared in plugins/palier_plugin.h. */
#pragma once

#include "plugins/palier_plugin.h"

/** What a condition may ask of a member besides palier_facts and palier_fact; core's members answer it. */
int member_tags(struct palier_ctx *c, struct palier_id member, struct palier_strings *out);
int member_consents(struct palier_ctx *c, struct palier_id member, struct consent *out);
/** Does it select lines, by sku, category or tag? Without that it selects all. */
bool condition_selects(const struct palier_condition *w);
