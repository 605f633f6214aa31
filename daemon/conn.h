/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: read once, answered all, sent once per turn. A connection's state is the list it is on. */
#pragma once

#include "daemon/doors.h"
#include "daemon/turn.h"

struct event_base;
struct feed;

enum conn_state {
	CONN_IDLE,   /* no whole line is here; may stay for ever */
	CONN_READY,  /* takes part in the next turn */
	CONN_FULL,   /* a slow reader: neither read nor answered until all its replies have left */
	CONN_ENDING, /* everything is answered; closes when it has left */
	CONN_LINGER, /* everything has left, our side is shut; what still comes in is thrown away, lest a reset overtake the
			replies */
	CONN_GONE,   /* closed; freed at the end of the pass */
	CONN_STATES,
};

struct conn {
	struct talk talk; /* first: a talk of ours is a conn */
	enum conn_state state;
	struct conn *next, *prev;
	struct conns *all;
	struct door *door;
	int fd;
	struct tls *tls; /* NULL: in clear */
	struct event *reading, *writing;
	bool reads, writes; /* which of the two are added */
	bool said_all;      /* the peer will send no more */
	bool closing;       /* we will read no more */
	int64_t line_by_us; /* when the line that has begun must be here, or whoever keeps us waiting go; 0: it may stay */
	int64_t stay_us;    /* how long that was from when it began */
	int64_t sent_by_us; /* when the next `owed` bytes must have left, or the peer be gone; 0: nothing waits */
	size_t owed;
};

struct conn_list {
	struct conn *first, *last;
	unsigned count;
};

struct conns {
	struct event_base *base;
	struct conn_list lists[CONN_STATES];
	int64_t patience_us; /* limits.line-seconds */
	struct feed *feed;
};

/** How many are served. */
unsigned conns_count(const struct conns *all);
/** Nobody is here any more, not even to be seen off. */
bool conns_empty(const struct conns *all);
/** Someone has come in. @param fd ours from now on, whatever happens */
void conn_new(struct conns *all, int fd, struct door *door);
/** Put it on a list, at the end. The only place where a state changes. */
void conn_move(struct conn *c, enum conn_state state);
/** After its turn: forget the lines that are answered, send, and see what it waits for. */
void conn_settle(struct conn *c);
/** Something was added to what it is sent. */
void conn_push(struct conn *c);
/** Close whoever is too slow, and give back the memory of large messages. Now and then. */
void conns_sweep(struct conns *all);
/** Take what has arrived, and no more: each goes when its lines are answered. */
void conns_end(struct conns *all);
void conns_free_gone(struct conns *all);
