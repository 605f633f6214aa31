/* SPDX-License-Identifier: Apache-2.0 */
/* The one error table: return codes, the wire's reasons, the documentation and the CLI's exit codes come from it. */
#pragma once

#include <stdbool.h>

/* E(name, wire code, reason on the wire or "", retryable, exit code, what to tell a person) */
/* clang-format off */
#define PALIER_ERRORS(E) \
	E(PARSE,              -32700, "parse_error",         false,  65, "the line is not valid JSON") \
	E(REQUEST,            -32600, "request_invalid",     false,  65, "not a JSON-RPC 2.0 request") \
	E(METHOD,             -32601, "method_unknown",      false,  64, "no such method") \
	E(PARAMS,             -32602, "params_invalid",      false,  64, "a parameter is missing, unknown or wrong") \
	E(INTERNAL,           -32603, "internal",            true,   70, "palier could not do this; its log says why") \
	E(UNAUTHORIZED,       -32001, "unauthorized",        false,  77, "sign in first, with session.open") \
	E(FORBIDDEN,          -32001, "forbidden",           false,  78, "this role may not do that") \
	E(THROTTLED,          -32001, "throttled",           true,   75, "too many misses; wait a moment") \
	E(CARD_MALFORMED,     -32002, "card_malformed",      false,  10, "this is not a card number") \
	E(CARD_UNKNOWN,       -32002, "card_unknown",        false,  11, "no such card") \
	E(CARD_BLOCKED,       -32002, "card_blocked",        false,  12, "this card is blocked") \
	E(CARD_IN_USE,        -32002, "card_in_use",         false,  13, "this card already belongs to somebody") \
	E(MEMBER_UNKNOWN,     -32003, "member_unknown",      false,  14, "no such member") \
	E(MEMBER_EXISTS,      -32003, "member_exists",       false,  15, "a member with this phone or e-mail exists already") \
	E(MEMBER_FROZEN,      -32003, "member_frozen",       false,  16, "the customer has locked spending") \
	E(MEMBER_ERASED,      -32003, "member_erased",       false,  17, "this member has been erased") \
	E(SALE_UNKNOWN,       -32004, "sale_unknown",        false,  18, "no such sale") \
	E(SALE_EXISTS,        -32004, "sale_exists",         false,  19, "this receipt number is already booked") \
	E(RETURN_EXCEEDS_SALE, -32004, "return_exceeds_sale", false, 20, "more would be returned than was bought") \
	E(TOTAL_MISMATCH,     -32004, "total_mismatch",      false,  21, "payable is not what the quote says") \
	E(INSUFFICIENT_POINTS, -32005, "insufficient_points", false, 22, "not enough points") \
	E(PROOF_NEEDED,       -32005, "proof_needed",        false,  23, "the customer's PIN or one-time code is needed") \
	E(PROOF_WRONG,        -32005, "proof_wrong",         false,  24, "wrong PIN or code") \
	E(UNIT_UNKNOWN,       -32005, "unit_unknown",        false,  25, "no such unit") \
	E(REWARD_UNKNOWN,     -32005, "reward_unknown",      false,  26, "no such reward") \
	E(REWARD_UNAVAILABLE, -32005, "reward_unavailable",  false,  27, "this reward cannot be had here and now") \
	E(HOLD_UNKNOWN,       -32005, "hold_unknown",        false,  28, "no such hold") \
	E(HOLD_EXPIRED,       -32005, "hold_expired",        false,  29, "the hold has lapsed") \
	E(HOLD_RESOLVED,      -32005, "hold_resolved",       false,  30, "the hold is already captured or released") \
	E(CODE_MALFORMED,     -32006, "code_malformed",      false,  31, "this is not a code") \
	E(CODE_UNKNOWN,       -32006, "code_unknown",        false,  32, "no such code") \
	E(CODE_EXPIRED,       -32006, "code_expired",        false,  33, "this code has expired") \
	E(CODE_SPENT,         -32006, "code_spent",          false,  34, "this code has been used") \
	E(SELF_REFERRAL,      -32006, "self_referral",       false,  35, "nobody sponsors himself") \
	E(NOT_A_NEW_CUSTOMER, -32006, "not_a_new_customer",  false,  36, "sponsorship is for new customers") \
	E(REFERRAL_UNKNOWN,   -32006, "referral_unknown",    false,  37, "no such referral") \
	E(SUGGESTION_UNKNOWN, -32006, "suggestion_unknown",  false,  38, "no such suggestion") \
	E(OFFER_UNKNOWN,      -32006, "offer_unknown",       false,  39, "no such offer") \
	E(REQUEST_CONFLICT,   -32007, "request_conflict",    false,  40, "this request id was used for something else") \
	E(REQUEST_MISSING,    -32007, "request_missing",     false,  41, "a command needs a request id") \
	E(CLOCK,              -32007, "clock",               false,  42, "the time is too far from the store's clock") \
	E(STORAGE_FULL,       -32008, "storage_full",        true,   43, "the disk is full; nothing was booked") \
	E(READ_ONLY,          -32008, "read_only",           true,   44, "the ledger is read-only for the moment") \
	E(STOPPING,           -32008, "stopping",            true,   45, "palier is stopping") \
	E(BATCH_UNKNOWN,      -32009, "batch_unknown",       false,  46, "no such batch") \
	E(DAY_UNKNOWN,        -32009, "day_unknown",         false,  47, "no such business day") \
	E(DAY_CLOSED,         -32009, "day_closed",          false,  48, "that business day is closed") \
	/* below: never on the wire by themselves */ \
	E(NOENT,              -32603, "",                    false,   1, "not found") \
	E(INVAL,              -32603, "",                    false,  64, "not well-formed") \
	E(RANGE,              -32602, "params_invalid",      false,  65, "a figure is beyond 2^53-1") \
	E(STORE,              -32603, "",                    true,   74, "the index could not be read or written") \
	E(IO,                 -32603, "",                    true,   74, "a file could not be read or written") \
	E(DAMAGED,            -32603, "",                    false,  76, "the ledger is damaged") \
	E(CONFIG,             -32603, "",                    false,  79, "the configuration is wrong") \
	E(UNREACHABLE,        -32603, "",                    true,   69, "palierd does not answer")  \
	E(BUSY,               -32603, "",                    true,   75, "somebody else is using it")
/* clang-format on */

enum palier_error_row {
#define E(name, code, reason, retryable, exit_code, text) PALIER_ROW_##name,
	PALIER_ERROR_ROW_OK,
	PALIER_ERRORS(E)
#undef E
		PALIER_ERROR_ROWS,
};

/** What every function that can fail returns: 0, or one of these, all negative. */
enum palier_error {
	PALIER_OK = 0,
#define E(name, code, reason, retryable, exit_code, text) PALIER_E##name = -(int)PALIER_ROW_##name,
	PALIER_ERRORS(E)
#undef E
};

struct palier_error_info {
	const char *name;   /* "CARD_UNKNOWN" */
	int code;           /* JSON-RPC error code */
	const char *reason; /* data.reason; internal errors go out as "internal" */
	bool retryable;
	int exit_code;    /* of the command line tools; unique among wire reasons of -32002 and below */
	const char *text; /* one sentence in English */
};

/** @return the table's row; for an unknown code, that of PALIER_EINTERNAL; for PALIER_OK "OK" with exit code 0 */
const struct palier_error_info *palier_error_info(int err);
/** @return the code of a reason on the wire, PALIER_EINTERNAL when unknown */
int palier_error_of_reason(const char *reason, unsigned long len);
