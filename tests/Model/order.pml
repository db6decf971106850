/*
 * One order on its way through send, doubt, reconciliation and resend: a model for spin.
 * README.md beside this file maps each rule, R1 to R12, to the code. build/model.sh checks it.
 *
 * Time is counted in ticks of the exchange's clock. Whatever is not bounded by a rule may take any number of them: a pause of the process,
 * the way to the exchange, the exchange's queue, the next question. One intent, one client order id; the order is closed as soon as it is
 * filled (MARKET), so that the exchange takes the same id again and nothing but the rules prevents a second fill.
 */

#ifndef RECV_WINDOW
#define RECV_WINDOW 1
#endif
#ifndef SETTLE_MARGIN
#define SETTLE_MARGIN 2
#endif
#ifndef SEND_BEFORE
#define SEND_BEFORE 1           /* how long after its journal record an attempt may still be stamped */
#endif
#ifndef MINIMUM_ABSENCES
#define MINIMUM_ABSENCES 3
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2              /* sends of the order, by whomever */
#endif
#ifndef CALLS
#define CALLS 3                 /* calls of the application */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LAST_START
#define LAST_START 6            /* no attempt begins later: late enough for one after the first has been proven absent */
#endif

#ifndef SKEW
#define SKEW 1                  /* how far the process's idea of the exchange's time may be off, either way, anew at each reading */
#endif

#define HORIZON (LAST_START + SEND_BEFORE + SKEW + RECV_WINDOW + SETTLE_MARGIN + 1)

/* The weakenings: with any of them spin must find a second fill. */

#ifdef WEAK_WINDOW
#define EVIDENCE_WINDOW 0
#else
#define EVIDENCE_WINDOW RECV_WINDOW
#endif

#ifdef WEAK_LAG
#define LONGEST_LAG (SETTLE_MARGIN + 1)
#else
#define LONGEST_LAG SETTLE_MARGIN       /* assumption A1 */
#endif

#ifdef WEAK_JOURNAL
#define RECORD_BEFORE_SENDING skip
#else
#define RECORD_BEFORE_SENDING record()
#endif

#ifdef WEAK_STAMP
#define MAY_STAMP(a) true
#else
#define MAY_STAMP(a) (t <= attempt[a].noStampAfter)
#endif

#ifdef WEAK_CLOCK
#define TIME_OF_QUESTION (now + 1)
#else
#define TIME_OF_QUESTION now
#endif

#ifdef WEAK_FORGET
#define FORGET(verdict) if :: verdict == EXECUTED -> journal = FREE :: else fi
#else
#define FORGET(verdict) skip
#endif

#ifdef WEAK_OPENORDER
#define MAY_BE_SHOWN  false             /* openOrder never shows what is closed */
#define MUST_BE_SHOWN false
#else
#define MAY_BE_SHOWN  (fills > 0)
#define MUST_BE_SHOWN (fills > 0 && now - filledAt > LONGEST_LAG)
#endif

/* ONLY_ONCE leaves the first invariant alone, so that what a weakening leads to is told to its end: the second fill. */

#ifdef ONLY_ONCE
#define INVARIANT(holds) skip
#else
#define INVARIANT(holds) assert(holds)
#endif

#define MAY_CALL (!calling && heard == NOTHING && ledger == NOTHING && calls < CALLS)
#define MAY_START (attempts < ATTEMPTS && now <= LAST_START)

mtype = { NOTHING, NOT_EXECUTED, EXECUTED };            /* verdicts; EXECUTED is a state of claim and journal too */
mtype = { FREE, CLAIMED, JOURNALLED, SENT, DOUBT };     /* the claim */
mtype = { OPEN };                                       /* the journal: FREE, OPEN, EXECUTED */
mtype = { UNSENT, PENDING, WIRE, QUEUE, FILLED, REFUSED, NOWHERE };

typedef Attempt {
  mtype where = UNSENT;
  byte noStampAfter;
  byte stamp;
  bit provenAbsent
}

byte now = 1;

/* The world outside the process. */
Attempt attempt[ATTEMPTS];
byte attempts, fills, filledAt;

/* On disk. */
mtype journal = FREE;
byte journalBound;              /* the latest NoStampAfter of the open entry */
mtype ledger = NOTHING;         /* what the application has noted for good */

/* In memory. */
mtype claim = FREE;
byte current, deadline, answers, askedAt;
bit asking, asked;              /* a question is under way; one was put in this tick */
bit calling, patient, owner;    /* a call is there; it waits for its verdict whatever happens; it is the one that sent */
mtype heard = NOTHING;

byte calls, crashes;

/* How a step that ends a claim ends. */
#define ON_DISK 1
#define LATE 2
#define RESEND 3

/* [R1] A verdict agrees with the book. Nobody there to be told: the claim keeps it. */
inline tell(verdict) {
  INVARIANT((verdict == EXECUTED) == (fills > 0));
  if
  :: calling ->
     calling = 0; patient = 0; heard = verdict;
     printf("t%d middleware: tells the application %e\n", now, verdict);
     FORGET(verdict)
  :: else
  fi;
  owner = 0
}

/* What must be chosen before a step: what the clock shows, and how the step ends. */

inline readClock() {
  if
  :: t = now - SKEW
  :: t = now
  :: t = now + SKEW
  fi
}

inline chooseEnd() {
  if
  :: ending = ON_DISK
  :: ending = LATE         /* the process may die before the end of the claim is on disk */
  fi
}

inline chooseEndOrResend() {
  if
  :: ending = ON_DISK
  :: ending = LATE
  :: owner && MAY_START -> ending = RESEND
  fi
}

inline settle(state) {
  if
  :: ending == ON_DISK -> journal = state; journalBound = 0
  :: else
  fi;
  ending = 0
}

inline doubt() {
  claim = DOUBT;
  answers = 0; askedAt = 0
}

inline executed() {
  claim = EXECUTED;
  deadline = 0; answers = 0; askedAt = 0;
  settle(EXECUTED);
  tell(EXECUTED)
}

inline release() {
  claim = FREE;
  deadline = 0; answers = 0; askedAt = 0;
  settle(FREE)
}

/* [R2] The id is free for another attempt only where every attempt before it was refused for certain, proven absent or never sent. */
inline notExecuted() {
  release();
  tell(NOT_EXECUTED)
}

inline notExecutedOrResend() {
  if
  :: ending == RESEND ->
     claim = CLAIMED;
     answers = 0; askedAt = 0; ending = 0;
     printf("t%d middleware: resends\n", now)
  :: else -> notExecuted()
  fi
}

inline record() {
  journal = OPEN;
  journalBound = (attempt[current].noStampAfter > journalBound -> attempt[current].noStampAfter : journalBound);
  printf("t%d journal: attempt %d, no stamp after %d\n", now, current + 1, attempt[current].noStampAfter)
}

inline drop(a) {
  attempt[a].where = NOWHERE;
  attempt[a].noStampAfter = 0
}

/* [R3] The signer refuses to stamp after the bound the journal has on disk. */
inline sign(a) {
  if
  :: MAY_STAMP(a) -> attempt[a].where = WIRE; attempt[a].stamp = t; printf("t%d signer: attempt %d leaves, stamp %d\n", now, a + 1, t)
  :: else -> attempt[a].where = NOWHERE; printf("t%d signer: refuses to stamp attempt %d\n", now, a + 1)
  fi;
  attempt[a].noStampAfter = 0;
  t = 0
}

active proctype Clock() {
end:
  do
  :: d_step { now < HORIZON -> now++; asked = 0 }
  od
}

/* Calls with one and the same client order id until it has noted an end. */
active proctype Application() {
  byte ending;
end:
  do
  :: d_step { MAY_CALL -> calls++; calling = 1; printf("t%d application: calls\n", now) }
  :: d_step { MAY_CALL -> calls++; calling = 1; patient = 1; printf("t%d application: calls\n", now) }

  /* [R4] Leaving the call, by cancellation or for want of time, frees nothing that may have left. */
  :: atomic { calling && !patient ->
       chooseEnd();
       d_step {
         calling = 0; owner = 0; printf("t%d application: leaves its call\n", now);
         if
         :: claim == CLAIMED -> release()
         :: claim == JOURNALLED -> drop(current); release()
         :: claim == SENT -> doubt()
         :: else
         fi;
         ending = 0
       } }

  :: d_step { heard == EXECUTED -> heard = NOTHING; ledger = EXECUTED; calls = CALLS }
  :: d_step { heard == NOT_EXECUTED -> heard = NOTHING; ledger = NOT_EXECUTED; calls = CALLS }
  :: d_step { heard == NOT_EXECUTED -> heard = NOTHING }         /* and will call again */
  od
}

active proctype Middleware() {
  byte t, ending;
end:
  do
  :: d_step { calling && claim == FREE ->
       if
       :: MAY_START -> claim = CLAIMED; owner = 1
       :: else -> tell(NOT_EXECUTED)
       fi }

  /* [R5] The record is on disk, with the bound of the stamp, before the attempt is signed; a pause may follow. */
  :: atomic { claim == CLAIMED && MAY_START ->
       readClock();
       d_step {
         current = attempts; attempts++;
         attempt[current].where = PENDING; attempt[current].noStampAfter = t + SEND_BEFORE;
         t = 0;
         claim = JOURNALLED;
         RECORD_BEFORE_SENDING
       } }
  :: atomic { claim == CLAIMED && !MAY_START -> chooseEnd(); d_step { notExecuted() } }

  /* [R6] Each attempt's own stamp bounds the doubt about it; the latest bounds the doubt about the claim. */
  :: atomic { claim == JOURNALLED ->
       readClock(); chooseEnd();
       d_step {
         sign(current);
         if
         :: attempt[current].where == WIRE ->
            claim = SENT; ending = 0;
            deadline = (attempt[current].stamp + EVIDENCE_WINDOW > deadline -> attempt[current].stamp + EVIDENCE_WINDOW : deadline)
         :: else -> notExecuted()
         fi
       } }
#ifdef WEAK_JOURNAL
  :: d_step { claim == SENT && journal != OPEN -> record() }
#endif

  /* The reply, if it comes. */
  :: atomic { claim == SENT && attempt[current].where == FILLED -> chooseEnd(); d_step { executed() } }
  :: atomic { claim == SENT && attempt[current].where == REFUSED ->
       chooseEndOrResend();
       d_step { printf("t%d middleware: hears the refusal\n", now); notExecutedOrResend() } }
  :: d_step { claim == SENT -> doubt(); printf("t%d middleware: no reply, in doubt\n", now) }

  /* [R7] The exchange's own time is asked first, then the order, so that an answer is never older than the time it counts for. */
  :: d_step { claim == DOUBT && !asking && (!asked || now > deadline && answers < MINIMUM_ABSENCES) ->
       asking = 1; asked = 1; askedAt = TIME_OF_QUESTION }

  /* [R8] Shown: executed. */
  :: atomic { claim == DOUBT && asking && MAY_BE_SHOWN ->
       chooseEnd();
       d_step { asking = 0; printf("t%d exchange: shows the order\n", now); executed() } }

  /* [R9] Not shown: counts if asked after every window had closed; the last needed proves absence if asked a settle margin later still. */
  :: atomic { claim == DOUBT && asking && !MUST_BE_SHOWN ->
       chooseEndOrResend();
       d_step {
         asking = 0;
         printf("t%d exchange: no such order (asked at %d, deadline %d)\n", now, askedAt, deadline);
         if
         :: askedAt > deadline && answers < MINIMUM_ABSENCES -> answers++
         :: else
         fi;
         if
         :: answers == MINIMUM_ABSENCES && askedAt > deadline + SETTLE_MARGIN ->
            printf("t%d middleware: absence proven\n", now);
            INVARIANT(fills == 0);
            for (t : 0 .. ATTEMPTS - 1) {
              attempt[t].provenAbsent = (attempt[t].where == PENDING || attempt[t].where == WIRE || attempt[t].where == QUEUE)
            }
            t = 0;
            notExecutedOrResend()
         :: else -> askedAt = 0; ending = 0
         fi
       } }

  /* [R10] A verdict is kept for whoever asks next. */
  :: d_step { calling && claim == EXECUTED -> tell(EXECUTED) }
  od
}

/* The process dies and is started again. [R11] What the journal holds open is in doubt until the window of its latest possible stamp has closed. */
active proctype Death() {
  bit paused;
end:
  do
  :: atomic { crashes < CRASHES ->
       if
       :: paused = 0
       :: claim == JOURNALLED -> paused = 1      /* it only stands still, though everybody thinks it dead, and will go on to sign */
       fi;
       d_step {
         crashes++;
         printf("t%d the process dies and is started again\n", now);
         if
         :: claim == JOURNALLED && !paused -> drop(current)
         :: else
         fi;
         paused = 0;
         calling = 0; patient = 0; heard = NOTHING; owner = 0; asking = 0; asked = 0; answers = 0; askedAt = 0; deadline = 0;
         if
         :: journal == OPEN -> claim = DOUBT; deadline = journalBound + EVIDENCE_WINDOW
         :: journal == EXECUTED -> claim = EXECUTED
         :: else -> claim = FREE
         fi
       } }
  od
}

#define LEFT_BEHIND(a) (attempt[a].where == PENDING && !(claim == JOURNALLED && current == a))

/* The way of one attempt, whatever has become of the process that sent it. */
proctype Way(byte a) {
  byte t;
end:
  do
  /* A process thought dead goes on, or dies in the end. */
  :: atomic { LEFT_BEHIND(a) -> readClock(); d_step { printf("t%d the process thought dead goes on\n", now); sign(a) } }
  :: d_step { LEFT_BEHIND(a) -> drop(a) }

  /* The network loses it, or delivers it at any time. */
  :: d_step { attempt[a].where == WIRE -> attempt[a].where = NOWHERE; attempt[a].stamp = 0; printf("t%d network: attempt %d is lost\n", now, a + 1) }

  /* [R12] The exchange's gate (-1021), then its engine (-5028), which may come to it at any time: neither takes what is older than its window. */
  :: d_step { attempt[a].where == WIRE ->
       if
       :: attempt[a].stamp <= now + 1 && now <= attempt[a].stamp + RECV_WINDOW ->
          attempt[a].where = QUEUE;
          printf("t%d exchange: attempt %d passes the gate\n", now, a + 1)
       :: else ->
          attempt[a].where = REFUSED; attempt[a].stamp = 0;
          printf("t%d exchange: the gate refuses attempt %d\n", now, a + 1)
       fi }
  :: d_step { attempt[a].where == QUEUE ->
       if
       :: now <= attempt[a].stamp + RECV_WINDOW ->
          attempt[a].where = FILLED; attempt[a].stamp = 0;
          fills++; filledAt = now;
          printf("t%d exchange: attempt %d is filled, %d in all\n", now, a + 1, fills);
          INVARIANT(!attempt[a].provenAbsent);
          assert(fills == 1)
       :: else ->
          attempt[a].where = REFUSED; attempt[a].stamp = 0;
          printf("t%d exchange: the engine refuses attempt %d\n", now, a + 1)
       fi }
  od
}

/* When nothing can happen any more, every doubt has ended, every call was answered, and book, middleware and ledger agree. */
active proctype Judge() {
  timeout;
  INVARIANT(claim == FREE || claim == EXECUTED);
  INVARIANT(!calling && heard == NOTHING);
  INVARIANT((claim == EXECUTED) == (fills == 1));
  INVARIANT(ledger != EXECUTED || fills == 1);
  INVARIANT(ledger != NOT_EXECUTED || fills == 0)
}

init {
  byte a;
  atomic {
    for (a : 0 .. ATTEMPTS - 1) {
      run Way(a)
    }
    a = 0
  }
}
