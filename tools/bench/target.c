/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets share: the kinds' names, the cards, the dice. */
#include "tools/bench/target.h"

#include "protocol/crypto.h"
#include "protocol/scan.h"

const char *const kind_names[KINDS] = {
#define K(name, word, palier, redis) [KIND_##name] = (word),
	BENCH_KINDS(K)
#undef K
};

void bench_card(uint64_t n, char *text)
{
	text[0] = '2';
	text[1] = '9';
	for (int i = 11; i >= 2; i--, n /= 10)
		text[i] = (char)('0' + n % 10);
	text[12] = card_gs1_check(text, 12);
	text[13] = '\0';
}

void workload_rename(struct workload *w)
{
	uint8_t name[5];

	crypto_random(name, sizeof(name));
	palier_hex(name, sizeof(name), w->run);
}

uint64_t bench_draw(struct workload *w, uint64_t below)
{
	uint64_t z = w->dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint64_t)(((unsigned __int128)(z ^ (z >> 31)) * below) >> 64);
}

void put_uint(struct palier_buffer *out, uint64_t v)
{
	char text[20];
	size_t at = sizeof(text);

	do
		text[--at] = (char)('0' + v % 10);
	while (v /= 10);
	palier_buffer_add(out, text + at, sizeof(text) - at);
}
