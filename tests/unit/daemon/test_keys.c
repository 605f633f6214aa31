/* SPDX-License-Identifier: Apache-2.0 */
/* The key file: who can read what, and what is left of it once a slot is gone. */
#include "daemon/keys.h"

#include "tests/unit/daemon/kit.h"

struct ring {
	char *dir, path[4096];
	struct keys *keys;
	struct palier_arena arena;
};

static void ring_again(struct ring *r)
{
	keys_close(r->keys);
	assert_int_equal(keys_open(r->path, false, &r->keys), PALIER_OK);
}

static int ring_open(void **state)
{
	struct ring *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->dir = dir_make();
	strcpy(r->path, path_of(r->dir, "keys"));
	assert_int_equal(keys_create(r->path), PALIER_OK);
	ring_again(r);
	*state = r;
	return 0;
}

static int ring_close(void **state)
{
	struct ring *r = *state;

	keys_close(r->keys);
	palier_arena_deinit(&r->arena);
	dir_remove(r->dir);
	free(r);
	return 0;
}

static void draw(struct ring *r, uint32_t slot)
{
	assert_int_equal(keys_draw(r->keys, slot), PALIER_OK);
}

static struct palier_bytes seal(struct ring *r, uint32_t slot, const char *plain)
{
	return keys_seal(r->keys, slot, palier_str(plain), &r->arena);
}

static void assert_opens(struct ring *r, struct palier_bytes sealed, const char *plain)
{
	struct palier_bytes out;

	assert_int_equal(keys_unseal(r->keys, sealed, &r->arena, &out), PALIER_OK);
	assert_true(palier_is(out, plain));
}

static void assert_closed(struct ring *r, struct palier_bytes sealed, int err)
{
	struct palier_bytes out = PALIER_LIT("untouched");

	assert_int_equal(keys_unseal(r->keys, sealed, &r->arena, &out), err);
	assert_true(palier_is(out, "untouched"));
}

/* The same text under another slot's number. */
static struct palier_bytes with_slot(struct ring *r, struct palier_bytes sealed, const char *slot)
{
	const char *dot = memchr(sealed.at, '.', sealed.len);

	return palier_str(palier_format(&r->arena, "%s%.*s", slot, (int)(sealed.at + sealed.len - dot), dot));
}

/* --- sealing ------------------------------------------------------------------------------------------------------- */

static const struct seal_case {
	const char *name;
	uint32_t slot;
	size_t length;
} seals[] = {
	{ "an empty text comes back", 1, 0 },
	{ "a short text comes back", 1, 1 },
	{ "a text of two bytes comes back", 7, 2 },
	{ "a text of three bytes comes back", 7, 3 },
	{ "a name comes back", 0, 14 },
	{ "a long text comes back", 4095, 5000 },
	{ "a slot beyond the cache", 100000, 20 },
};

static void texts_come_back(void **state)
{
	const struct seal_case *row = *state;
	char *plain = calloc(1, row->length + 1);
	struct palier_bytes sealed;
	struct ring *r;
	void *own;

	ring_open(&own);
	r = own;
	memset(plain, 'p', row->length);
	if (row->slot)
		draw(r, row->slot);
	sealed = seal(r, row->slot, plain);
	assert_true(sealed.len > 0);
	assert_opens(r, sealed, plain);
	assert_false(palier_equal(sealed, seal(r, row->slot, plain))); /* a nonce of its own each time */
	ring_again(r);
	assert_opens(r, sealed, plain);
	ring_close(&own);
	free(plain);
}

static void a_text_opens_with_its_slot_alone(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed;

	draw(r, 1);
	draw(r, 2);
	sealed = seal(r, 1, "Élodie");
	assert_opens(r, sealed, "Élodie");
	assert_closed(r, with_slot(r, sealed, "2"), PALIER_EDAMAGED);
	assert_closed(r, with_slot(r, sealed, "0"), PALIER_EDAMAGED);
	assert_closed(r, with_slot(r, sealed, "3"), PALIER_ENOENT);
	assert_closed(r, with_slot(r, sealed, "4294967295"), PALIER_ENOENT);
	assert_closed(r, with_slot(r, seal(r, 0, "card"), "4294967296"), PALIER_EDAMAGED);
}

/* Two slots that share a place in the cache, in turn. */
static void slots_that_share_a_cache_line_are_kept_apart(void **state)
{
	struct ring *r = *state;
	struct palier_bytes one, other;

	draw(r, 1);
	draw(r, 4097);
	one = seal(r, 1, "one");
	other = seal(r, 4097, "other");
	for (int i = 0; i < 3; i++) {
		assert_opens(r, one, "one");
		assert_opens(r, other, "other");
	}
	assert_closed(r, with_slot(r, one, "4097"), PALIER_EDAMAGED);
	assert_closed(r, with_slot(r, one, "8193"), PALIER_ENOENT);
	assert_opens(r, one, "one");
}

static void a_slot_drawn_again_opens_nothing_old(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed;

	draw(r, 1);
	sealed = seal(r, 1, "old");
	draw(r, 1);
	assert_closed(r, sealed, PALIER_EDAMAGED);
	assert_opens(r, seal(r, 1, "new"), "new");
}

static void a_slot_without_a_key_seals_nothing(void **state)
{
	struct ring *r = *state;

	draw(r, 3);
	assert_int_equal(seal(r, 2, "text").len, 0); /* a hole before slot 3 */
	assert_int_equal(seal(r, 4, "text").len, 0); /* beyond the file's end */
	draw(r, 4);
	assert_opens(r, seal(r, 4, "text"), "text"); /* that it was not there is not remembered */
}

static void an_erased_slot_reads_as_absent(void **state)
{
	static const char zeros[CRYPTO_KEY_LEN];
	struct ring *r = *state;
	struct palier_bytes gone, kept;

	draw(r, 1);
	draw(r, 2);
	gone = seal(r, 1, "gone");
	kept = seal(r, 2, "kept");
	file_patch(r->path, 1 * CRYPTO_KEY_LEN, zeros, sizeof(zeros));
	ring_again(r);
	assert_closed(r, gone, PALIER_ENOENT);
	assert_int_equal(seal(r, 1, "text").len, 0);
	assert_opens(r, kept, "kept");
	assert_int_equal(keys_count(r->keys), 3);
}

static void a_slot_is_erased_for_good(void **state)
{
	struct ring *r = *state;
	struct palier_bytes gone, kept, stores;

	draw(r, 1);
	draw(r, 2);
	assert_int_equal(keys_sync(r->keys), PALIER_OK);
	gone = seal(r, 1, "gone");
	kept = seal(r, 2, "kept");
	stores = seal(r, 0, "the store's");
	assert_int_equal(keys_erase(r->keys, 1), PALIER_OK);
	assert_true(keys_dirty(r->keys));
	assert_closed(r, gone, PALIER_ENOENT);
	assert_int_equal(keys_sync(r->keys), PALIER_OK);
	/* Again, the store's own, and one that the file does not hold: nothing is written. */
	assert_int_equal(keys_erase(r->keys, 1), PALIER_OK);
	assert_int_equal(keys_erase(r->keys, 0), PALIER_OK);
	assert_int_equal(keys_erase(r->keys, 7), PALIER_OK);
	assert_false(keys_dirty(r->keys));
	ring_again(r);
	assert_closed(r, gone, PALIER_ENOENT);
	assert_opens(r, kept, "kept");
	assert_opens(r, stores, "the store's");
	assert_int_equal(keys_count(r->keys), 3);
}

/* `palier check` reads beside the daemon, which draws keys meanwhile. */
static void a_reader_finds_slots_drawn_since(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed, out;
	struct keys *reader = NULL;

	assert_int_equal(keys_open(r->path, true, &reader), PALIER_OK);
	draw(r, 1);
	draw(r, 2);
	sealed = seal(r, 2, "drawn since");
	assert_int_equal(keys_unseal(reader, sealed, &r->arena, &out), PALIER_OK);
	assert_true(palier_is(out, "drawn since"));
	assert_int_equal(keys_unseal(reader, with_slot(r, sealed, "3"), &r->arena, &out), PALIER_ENOENT);
	keys_close(reader);
}

/* --- what is not what was sealed ----------------------------------------------------------------------------------- */

static void every_changed_byte_is_refused(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed, changed;
	size_t dot;

	draw(r, 5);
	sealed = seal(r, 5, "Le Gall");
	dot = (size_t)((const char *)memchr(sealed.at, '.', sealed.len) - sealed.at);
	changed = palier_copy(&r->arena, sealed);
	for (size_t i = dot + 1; i < sealed.len; i++)
		for (int c = 0; c < 256; c++) {
			((char *)(uintptr_t)changed.at)[i] = (char)c;
			if (changed.at[i] != sealed.at[i])
				assert_closed(r, changed, PALIER_EDAMAGED);
			((char *)(uintptr_t)changed.at)[i] = sealed.at[i];
		}
	assert_opens(r, changed, "Le Gall");
}

static void every_shorter_text_is_refused(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed, out;

	draw(r, 5);
	sealed = seal(r, 5, "Le Gall");
	for (size_t n = 0; n < sealed.len; n++) {
		char *cut = malloc(n ? n : 1); /* as large as the text, so that a sanitizer sees a read beyond it */

		memcpy(cut, sealed.at, n);
		assert_int_equal(keys_unseal(r->keys, palier_bytes_of(cut, n), &r->arena, &out), PALIER_EDAMAGED);
		free(cut);
	}
}

static const struct text_case {
	const char *name, *text;
} texts[] = {
	{ "an empty text is refused", "" },
	{ "a text in clear is refused", "Le Gall" },
	{ "a slot alone is refused", "0" },
	{ "a slot and nothing is refused", "0." },
	{ "no slot is refused", ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "a negative slot is refused", "-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "a slot beyond 32 bits is refused", "4294967296.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "a slot of many digits is refused", "00000000000000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "what is no base64url is refused", "0.AAAA+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "what is shorter than its seal is refused", "0.AAAAAAAAAAAA" },
	{ "what was never sealed is refused", "0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
};

static void texts_are_refused(void **state)
{
	const struct text_case *row = *state;
	void *own;

	ring_open(&own);
	assert_closed(own, palier_str(row->text), PALIER_EDAMAGED);
	ring_close(&own);
}

/* --- the file ------------------------------------------------------------------------------------------------------ */

static const struct file_case {
	const char *name;
	size_t length, zeros; /* of it, the first are zeros */
	int err;
} files[] = {
	{ "an empty key file is refused", 0, 0, PALIER_EDAMAGED },
	{ "a key file of one byte is refused", 1, 0, PALIER_EDAMAGED },
	{ "a key file cut in slot 0 is refused", 31, 0, PALIER_EDAMAGED },
	{ "a key file whose slot 0 is erased is refused", 64, 32, PALIER_EDAMAGED },
	{ "a key file of slot 0 alone is opened", 32, 0, PALIER_OK },
	{ "a key file whose slot 0 begins with zeros is opened", 32, 31, PALIER_OK },
};

static void files_are_judged(void **state)
{
	const struct file_case *row = *state;
	struct keys *k = NULL;
	char *dir = dir_make(), text[64];

	memset(text, 'k', sizeof(text));
	memset(text, 0, row->zeros);
	file_put(path_of(dir, "keys"), text, row->length);
	for (int read_only = 0; read_only < 2; read_only++) {
		assert_int_equal(keys_open(path_of(dir, "keys"), read_only, &k), row->err);
		assert_int_equal(k != NULL, row->err == PALIER_OK);
		keys_close(k);
		k = NULL;
	}
	dir_remove(dir);
}

static void a_missing_file_is_not_made(void **state)
{
	struct ring *r = *state;
	struct keys *k = NULL;

	assert_int_equal(keys_open(path_of(r->dir, "other"), false, &k), PALIER_ENOENT);
	assert_null(k);
	assert_int_not_equal(access(path_of(r->dir, "other"), F_OK), 0);
}

static void an_existing_file_is_not_made_again(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed = seal(r, 0, "card");

	assert_int_equal(keys_create(r->path), PALIER_EIO);
	ring_again(r);
	assert_opens(r, sealed, "card");
}

static void the_file_is_its_owners_alone(void **state)
{
	struct ring *r = *state;
	struct stat st;

	assert_int_equal(stat(r->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, CRYPTO_KEY_LEN);
}

static void what_is_drawn_waits_for_the_sync(void **state)
{
	struct ring *r = *state;

	assert_false(keys_dirty(r->keys));
	assert_int_equal(keys_count(r->keys), 1);
	draw(r, 1);
	draw(r, 2);
	assert_true(keys_dirty(r->keys));
	assert_int_equal(keys_count(r->keys), 3);
	assert_int_equal(keys_sync(r->keys), PALIER_OK);
	assert_false(keys_dirty(r->keys));
}

static void a_read_only_file_draws_nothing(void **state)
{
	struct ring *r = *state;
	struct palier_bytes sealed;
	struct keys *k;

	draw(r, 1);
	sealed = seal(r, 1, "kept");
	assert_int_equal(keys_open(r->path, true, &k), PALIER_OK);
	assert_int_equal(keys_draw(k, 1), PALIER_EIO);
	keys_close(r->keys);
	r->keys = k;
	assert_opens(r, sealed, "kept"); /* what was in the cache is not the key that was not written */
}

/* --- keyed hashes -------------------------------------------------------------------------------------------------- */

static void hash(struct ring *r, char purpose, const char *text, uint8_t out[16])
{
	keys_hash(r->keys, purpose, palier_str(text), out);
}

static void hashes_differ_by_what_they_are_of(void **state)
{
	static const struct {
		char purpose;
		const char *text;
	} of[] = { { 'p', "" }, { 'p', "33612345678" }, { 'e', "33612345678" }, { 'p', "33612345679" }, { 'p', "p" },
		{ 'e', "" }, { 0, "33612345678" } };
	struct ring *r = *state;
	uint8_t a[16], b[16];

	for (size_t i = 0; i < COUNT(of); i++)
		for (size_t k = 0; k < COUNT(of); k++) {
			hash(r, of[i].purpose, of[i].text, a);
			hash(r, of[k].purpose, of[k].text, b);
			assert_int_equal(memcmp(a, b, sizeof(a)) == 0, i == k);
		}
}

static void hashes_are_the_stores_own(void **state)
{
	struct ring *r = *state;
	struct keys *other;
	uint8_t before[16], after[16];

	hash(r, 'p', "33612345678", before);
	draw(r, 1);
	ring_again(r);
	hash(r, 'p', "33612345678", after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(keys_create(path_of(r->dir, "other")), PALIER_OK);
	assert_int_equal(keys_open(path_of(r->dir, "other"), true, &other), PALIER_OK);
	keys_hash(other, 'p', PALIER_LIT("33612345678"), after);
	assert_memory_not_equal(before, after, sizeof(before));
	keys_close(other);
}

/* Texts around the room that is kept for short ones: each differs from the one before, and the end counts. */
static void long_texts_are_hashed_whole(void **state)
{
	struct ring *r = *state;
	uint8_t before[16] = { 0 }, got[16];

	for (size_t n = 250; n < 262; n++) {
		char *text = malloc(n);

		memset(text, 'x', n);
		keys_hash(r->keys, 'r', palier_bytes_of(text, n), got);
		assert_memory_not_equal(got, before, sizeof(got));
		memcpy(before, got, sizeof(got));
		text[n - 1] = 'y';
		keys_hash(r->keys, 'r', palier_bytes_of(text, n), got);
		assert_memory_not_equal(got, before, sizeof(got));
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, ring_open, ring_close, NULL }
		TEST("a sealed text opens with its own slot alone", a_text_opens_with_its_slot_alone),
		TEST("slots that share a place in the cache are kept apart", slots_that_share_a_cache_line_are_kept_apart),
		TEST("a slot that is drawn again opens nothing old", a_slot_drawn_again_opens_nothing_old),
		TEST("a slot without a key seals nothing", a_slot_without_a_key_seals_nothing),
		TEST("what was sealed under an erased slot reads as absent", an_erased_slot_reads_as_absent),
		TEST("a slot is erased for good, the store's own never", a_slot_is_erased_for_good),
		TEST("who reads beside the daemon finds the keys drawn since", a_reader_finds_slots_drawn_since),
		TEST("every changed byte of a sealed text is refused", every_changed_byte_is_refused),
		TEST("every shorter text is refused", every_shorter_text_is_refused),
		TEST("a missing key file is not made by opening it", a_missing_file_is_not_made),
		TEST("an existing key file is not made again", an_existing_file_is_not_made_again),
		TEST("the key file is its owner's alone", the_file_is_its_owners_alone),
		TEST("what is drawn waits for the sync", what_is_drawn_waits_for_the_sync),
		TEST("a read-only key file draws nothing", a_read_only_file_draws_nothing),
		TEST("keyed hashes differ by purpose and by text", hashes_differ_by_what_they_are_of),
		TEST("keyed hashes are the store's own, for good", hashes_are_the_stores_own),
		TEST("long texts are hashed whole", long_texts_are_hashed_whole),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(seals) + COUNT(texts) + COUNT(files)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(seals); i++)
		tests[n++] = (struct CMUnitTest){ seals[i].name, texts_come_back, NULL, NULL, (void *)&seals[i] };
	for (size_t i = 0; i < COUNT(texts); i++)
		tests[n++] = (struct CMUnitTest){ texts[i].name, texts_are_refused, NULL, NULL, (void *)&texts[i] };
	for (size_t i = 0; i < COUNT(files); i++)
		tests[n++] = (struct CMUnitTest){ files[i].name, files_are_judged, NULL, NULL, (void *)&files[i] };
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
