/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, each in its cmd_*.c. */
#pragma once

#include "tools/cli.h"

extern const struct cli_command command_init;
extern const struct cli_command command_check;
extern const struct cli_command command_rebuild;
extern const struct cli_command command_backup;
extern const struct cli_command command_restore;
extern const struct cli_command command_archive;
extern const struct cli_command command_status;
extern const struct cli_command command_day;
extern const struct cli_command command_doctor;
extern const struct cli_command command_till;
extern const struct cli_command command_card;
extern const struct cli_command command_member;
extern const struct cli_command command_sale;
extern const struct cli_command command_balance;
extern const struct cli_command command_offer;
extern const struct cli_command command_coupon;
extern const struct cli_command command_qr;
extern const struct cli_command command_alert;
extern const struct cli_command command_referral;
extern const struct cli_command command_ambassador;
extern const struct cli_command command_journey;
extern const struct cli_command command_ladder;
extern const struct cli_command command_survey;
extern const struct cli_command command_print;
extern const struct cli_command command_queue;
extern const struct cli_command command_key;
extern const struct cli_command command_directive;
extern const struct cli_command command_journal;
extern const struct cli_command command_call;
extern const struct cli_command command_report;
extern const struct cli_command command_simulate;
extern const struct cli_command command_completion;
extern const struct cli_command command_help;
extern const struct cli_command command_metrics;
