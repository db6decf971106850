/*
 * Who sends an order, who is told of it, and when its record is free: a model for spin. README.md beside this file maps each rule, R13 to R20, to the code.
 *
 * One order by name and terms, closed as soon as it is filled, or resting until it is cancelled (RESTS). Callers mean it alike: each calls until it is told an end, with handlers
 * above the middleware that send its message again or keep a copy back. What the exchange has is told by the evidence, when it comes; how absence is proven is order.pml's matter.
 */

#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef CALLS
#define CALLS 2                 /* calls of one caller */
#endif
#ifndef OTHERS_CALLS
#define OTHERS_CALLS CALLS      /* calls of each caller but the first */
#endif
#ifndef SENDS
#define SENDS 1                 /* sends of one call */
#endif
#ifndef COPIES
#define COPIES 0                /* copies of the first caller's message that are kept back */
#endif
#ifndef CANCELS
#define CANCELS 0
#endif

#define CLAIMS 4                /* rounds of the order, and orders of its name after it */
#define NUMBERS (CALLERS * CALLS + COPIES + CANCELS)
#define CALLS_OF(caller) (caller == 0 -> CALLS : OTHERS_CALLS)
#define NOBODY 255

/* ONLY_ONCE leaves the second fill alone to be found. */

#ifdef ONLY_ONCE
#define INVARIANT(holds) skip
#else
#define INVARIANT(holds) assert(holds)
#endif

/* The weakenings: with any of them spin must find an order sent where none may be. */

#ifdef WEAK_DEBT
#define OWE(c) claim[c].told = 1
#else
#define OWE(c) claim[c].owed++; claim[c].troubled = 1; claim[c].quiet = 0
#endif

#ifdef WEAK_MINUTE
#define IS_QUIET(c) true
#else
#define IS_QUIET(c) (!claim[c].troubled || claim[c].quiet)
#endif

#ifdef WEAK_NEWEST
#define COUNTS_AS_SENDER(n, a) (n == a)
#else
#define COUNTS_AS_SENDER(n, a) true
#endif

#define GO_ON_FROM(c, d) claim[d].owed = claim[c].owed; claim[d].troubled = claim[c].troubled

#ifdef WEAK_LATE
#define IS_TOO_LATE(a) false
#else
#define IS_TOO_LATE(a) call[a].closed
#endif

#ifdef WEAK_CLOSE
#define ANSWERED_ON_ITS_WAY skip
#else
#define ANSWERED_ON_ITS_WAY answered = 1
#endif

#ifdef WEAK_LAST_WORD
#define LAST_WORD skip
#else
#define LAST_WORD lastWord()
#endif

#ifdef WEAK_OVERTAKEN
#define IS_OVERTAKEN(a) false
#else
#define IS_OVERTAKEN(a) (a < floor)
#endif

mtype = { NONE, IN_FLIGHT, IN_DOUBT, EXECUTED, ABSENT };

typedef Claim {
  mtype state = NONE;
  byte owed, next, number;
  bit told, troubled, shared, quiet, gone, filled;
  byte kept                     /* the number of the call whose cancel is kept */
}

typedef Call {
  bit running, closed;
  bit joined[CLAIMS]
}

Claim claim[CLAIMS];
Call call[NUMBERS + 1];
byte claims, number;
bit answered;                   /* a call of this wish was answered within ten minutes */

/* The world outside. */
bit open;
byte openNumber;
byte floor;                     /* the number of the call whose cancel was accepted */
bit filledFor[CALLERS], denied[CALLERS], pausing[CALLERS];
byte busy = CALLERS + COPIES + CANCELS;
bit begun;

#define SETTLED(c) (claim[c].state == EXECUTED || claim[c].state == ABSENT)

/* [R13] A verdict answers equal calls as long as one runs that means it, one was left untold, or, after trouble, a repeat may still come: within the minute. */
inline free() {
  isHeld = 0;
  for (i : 1 .. NUMBERS) { isHeld = isHeld || call[i].running }
  i = 0;
  for (i : 0 .. CLAIMS - 1) {
    if
    :: !isHeld && !claim[i].gone && (claim[i].state == EXECUTED && claim[i].told && claim[i].owed == 0 && IS_QUIET(i) || claim[i].state == ABSENT && (claim[i].next || IS_QUIET(i))) ->
       claim[i].gone = 1; claim[i].owed = 0; claim[i].told = 0; claim[i].troubled = 0; claim[i].shared = 0; claim[i].quiet = 0; claim[i].kept = 0
    :: else
    fi
  }
  i = 0; isHeld = 0
}

inline enter(own) {
  free();
  number++;
  n = number;
  if
  :: own && answered -> call[n].closed = 1
  :: else -> call[n].running = 1
  fi
}

/* [R14] Of equal calls nobody knows which one a send came from: the newest gives it its number, and every one of them counts as its sender. Who comes takes over one debt. */
inline join(a, c) {
  for (i : 1 .. NUMBERS) {
    if
    :: COUNTS_AS_SENDER(i, a) && (i == a || i > floor) && !call[i].closed && call[i].running && !call[i].joined[c] ->
       call[i].joined[c] = 1;
       claim[c].troubled = claim[c].troubled || claim[c].shared;
       claim[c].shared = 1;
       claim[c].owed = (claim[c].owed > 0 -> claim[c].owed - 1 : 0)
    :: else
    fi
  }
  i = 0
}

inline newest() {
  a = 0;
  for (i : 1 .. NUMBERS) {
    if
    :: call[i].running && !call[i].closed -> a = i
    :: else
    fi
  }
  i = 0
}

/* [R15] A send joins the record of its wish; it leaves only under a new one, where there is none, or its last did nothing: then as the next round, which goes on owing. */
inline ask() {
  c = NOBODY; mayLeave = 0;
  for (i : 0 .. CLAIMS - 1) {
    if
    :: claim[i].state != NONE && !claim[i].gone && !claim[i].next && (!SETTLED(i) || claim[i].number > floor || a < floor) -> c = i
    :: else
    fi
  }
  i = 0;
  if
  /* [R16] What a cancel has ended, or was kept for and proved absent, no call sends again that began before it. */
  :: IS_OVERTAKEN(a) || c != NOBODY && claim[c].state == ABSENT && claim[c].kept > a ->
     if
     :: c != NOBODY -> join(a, c)
     :: else
     fi
  :: else ->
     if
     :: c != NOBODY && claim[c].state != ABSENT -> join(a, c)
     /* [R17] Once its answer is on its way up no copy of a message leaves, until a call comes that wants the order anew. */
     :: (c == NOBODY || claim[c].state == ABSENT) && IS_TOO_LATE(a) -> c = NOBODY
     :: else ->
        assert(claims < CLAIMS);
        claims++;
        if
        :: c != NOBODY -> claim[c].next = claims; GO_ON_FROM(c, claims - 1)
        :: else
        fi;
        c = claims - 1;
        claim[c].state = IN_FLIGHT;
        claim[c].number = a;
        join(a, c);
        mayLeave = 1
     fi
  fi
}

inline latest() {
  do
  :: claim[c].next -> c = claim[c].next - 1
  :: else -> break
  od
}

inline settle(c, verdict) {
  if
  :: !SETTLED(c) ->
     claim[c].state = verdict; claim[c].quiet = 0;
     if
     :: claim[c].kept && verdict == EXECUTED -> open = 0; claim[c].kept = 0
     :: else
     fi;
     free()
  :: else
  fi
}

/* [R18] A call is told less than is known of what it joined by no handler above: where something stands, that is its answer. */
inline lastWord() {
  for (j : 0 .. CLAIMS - 1) {
    if
    :: call[n].joined[j] && said == ABSENT ->
       c = j; latest();
       if
       :: claim[c].state == EXECUTED -> said = EXECUTED
       :: claim[c].state == IN_FLIGHT || claim[c].state == IN_DOUBT -> said = NONE
       :: else
       fi
    :: else
    fi
  }
  j = 0; c = NOBODY
}

/* [R19] A call that ends was told, or each record it joined that did not do nothing owes it one telling. */
inline exit(isTold) {
  call[n].running = 0; call[n].closed = 1;
  counted = 0;
  for (j : 0 .. CLAIMS - 1) {
    if
    :: call[n].joined[j] ->
       c = j; latest();
       if
       :: !(counted & (1 << c)) && isTold && (said == EXECUTED && claim[c].state == EXECUTED || said == ABSENT && claim[c].state == ABSENT) ->
          claim[c].told = 1; claim[c].quiet = 0
       :: !(counted & (1 << c)) && !(isTold && (said == EXECUTED && claim[c].state == EXECUTED || said == ABSENT)) && claim[c].state != ABSENT -> OWE(c)
       :: else
       fi;
       counted = counted | (1 << c);
       call[n].joined[j] = 0
    :: else
    fi
  }
  j = 0; c = NOBODY; counted = 0;
  free()
}

#define MAY_FILL (!filledFor[id] && !denied[id] && a > floor)

inline fill() {
  isFirst = MAY_FILL;
  printf("t%d exchange: the order of caller %d is filled under call %d\n", number, id + 1, a);
  assert(isFirst);
  isFirst = 0;
  filledFor[id] = 1; claim[c].filled = 1;
#ifdef RESTS
  open = 1; openNumber = a
#endif
}

inline doubt() {
  printf("t%d network: caller %d has no answer\n", number, id + 1);
  claim[c].state = IN_DOUBT; claim[c].troubled = 1; claim[c].quiet = 0
}

/* One send: c is the record it has met, said what it was told. */
inline send() {
  said = ABSENT;
  if
  :: mayLeave ->
     if
     :: d_step { IS_OVERTAKEN(a) -> mayLeave = 0; settle(c, ABSENT) }
     :: d_step { !IS_OVERTAKEN(a) && !open -> mayLeave = 0; fill(); printf("t%d network: caller %d is answered\n", number, id + 1); settle(c, EXECUTED) }
     :: d_step { !IS_OVERTAKEN(a) && !open -> mayLeave = 0; fill(); doubt() }
     :: d_step { mayLeave = 0; printf("t%d exchange: refuses caller %d\n", number, id + 1); settle(c, ABSENT) }
     :: d_step { mayLeave = 0; doubt() }
     fi
  :: else
  fi;
  if
  :: c == NOBODY
  :: c != NOBODY ->
     if
     :: atomic { SETTLED(c) -> said = claim[c].state }
     :: said = NONE             /* waits no longer */
     fi
  fi;
  c = NOBODY
}

proctype Caller(byte id) {
  byte calls, sends, n, a, c = NOBODY, i, j, counted;
  mtype said = NONE;
  bit mayLeave, isHeld, isFirst, isDone;
  do
  :: calls < CALLS_OF(id) && !isDone ->
     d_step { pausing[id] = 0; calls++; enter(0); sends = 0; said = NONE; begun = 1; printf("t%d caller %d: calls, %d\n", number, id + 1, n) }
     do
     :: sends < SENDS && said != EXECUTED ->
        d_step { sends++; newest(); ask(); printf("t%d caller %d: sends as of call %d, leaves: %d\n", number, id + 1, a, mayLeave) }
        send();
        a = 0
     :: sends > 0 -> break
     od;
     atomic { call[n].closed = 1; ANSWERED_ON_ITS_WAY; LAST_WORD }
     if
     :: d_step { said != NONE ->
          exit(1); answered = 1;
          printf("t%d caller %d: is told %e\n", number, id + 1, said);
          INVARIANT(said != ABSENT || !filledFor[id] || open == 0 && floor > 0);
          denied[id] = (said == ABSENT);
          isDone = 1; said = NONE; n = 0
        }
     :: d_step { exit(0); answered = 1; said = NONE; n = 0; pausing[id] = (calls < CALLS_OF(id)); printf("t%d caller %d: is told nothing\n", number, id + 1) }
     fi
  :: else -> break
  od;
  atomic { busy--; calls = 0; sends = 0; isDone = 0 }
}

/* A handler above has kept back a copy of the first caller's message. */
proctype Copy() {
  byte id, n, a, c = NOBODY, i, j, counted;
  mtype said = NONE;
  bit mayLeave, isHeld, isFirst;
  d_step { begun ->
    newest();
    if
    :: a == 0 -> enter(1); a = n
    :: else
    fi;
    ask();
    printf("t%d copy: is sent as of call %d, leaves: %d\n", number, a, mayLeave)
  }
  send();
  if
  :: d_step { n > 0 -> exit(said != NONE) }
  :: n == 0
  fi;
  atomic { busy--; said = NONE; n = 0; a = 0 }
}

proctype Cancel() {
  byte n, i;
  bit isHeld;
  d_step { begun -> number++; n = number; printf("t%d cancel: calls, %d\n", number, n) }
  d_step {
    if
    :: open ->
       open = 0; floor = n;
       for (i : 0 .. CALLERS - 1) { filledFor[i] = 0 }
       printf("t%d exchange: cancels the order\n", number)
    :: else ->
       for (i : 0 .. CLAIMS - 1) {
         if
         :: claim[i].state == IN_FLIGHT || claim[i].state == IN_DOUBT -> claim[i].kept = n
         :: else
         fi
       }
    fi;
    i = 0; busy--
  }
}

#define IN_DOUBT_AT(c) (claims > c && claim[c].state == IN_DOUBT)

/* What is in doubt is known in the end. */
active proctype Evidence() {
  byte i, c;
  bit isHeld;
end:
  do
  :: d_step { IN_DOUBT_AT(0) || IN_DOUBT_AT(1) || IN_DOUBT_AT(2) || IN_DOUBT_AT(3) ->
       c = (IN_DOUBT_AT(0) -> 0 : (IN_DOUBT_AT(1) -> 1 : (IN_DOUBT_AT(2) -> 2 : 3)));
       if
       :: claim[c].filled -> settle(c, EXECUTED)
       :: else -> settle(c, ABSENT)
       fi;
       printf("t%d evidence: %e\n", number, claim[c].state);
       c = 0
     }
  od
}

#define MAY_TURN_QUIET(c) (SETTLED(c) && !claim[c].gone && claim[c].troubled && !claim[c].quiet)

/* [R20] A minute passes. Where several callers mean one order, none may pause longer between two calls: nothing tells its repeat from a new order. */
active proctype Minute() {
  byte i;
  bit isPausing, isHeld;
end:
  do
  :: d_step {
       (CALLERS == 1 || !pausing[0] && !pausing[CALLERS - 1]) && (MAY_TURN_QUIET(0) || MAY_TURN_QUIET(1) || MAY_TURN_QUIET(2) || MAY_TURN_QUIET(3)) ->
       for (i : 0 .. CLAIMS - 1) { claim[i].quiet = claim[i].quiet || MAY_TURN_QUIET(i) }
       i = 0;
       free()
     }
  od
}

init {
  byte k;
  atomic {
    do
    :: k < CALLERS -> run Caller(k); k++
    :: k >= CALLERS && k < CALLERS + COPIES -> run Copy(); k++
    :: k >= CALLERS + COPIES && k < CALLERS + COPIES + CANCELS -> run Cancel(); k++
    :: else -> break
    od;
    k = 0
  }

  /* In the end everybody was answered, every record has a verdict that agrees with the book, and no order stands that was to be cancelled. */
  atomic {
    busy == 0 && (claims < 1 || SETTLED(0)) && (claims < 2 || SETTLED(1)) && (claims < 3 || SETTLED(2)) && (claims < 4 || SETTLED(3)) ->
    for (k : 0 .. CLAIMS - 1) {
      assert(claim[k].state == NONE || (claim[k].state == EXECUTED) == claim[k].filled)
    }
    assert(!open || openNumber > floor);
    k = 0
  }
}
