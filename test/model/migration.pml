/*
 * One migration, its requests and probes, the broker, the MANO and its repository.
 *
 * What it is for, what it leaves out, and what it assumes: docs/model.md. Rules have the names that they have in
 * src/workflows/migration. Time is a choice: where the code compares with a time limit, both answers are tried. What a
 * pause must outlast is a guard (`calm`, `pauseMayEnd`), and an assumption of docs/model.md.
 *
 * Loss, delay, order and duplicates of replies need no actions of their own. What the MANO has said stays said: it is
 * recorded now, later, never, or again, in any order.
 *
 * Macros: REQUESTS, PROBES (bounds); NO_REPOSITORY, FORGERY, POLICY_WAIT, POLICY_RETRY, LAG, LIVENESS (what is
 * checked); BROKEN_… (a guard of the code is missing); WITHOUT_… (an assumption does not hold); PROPOSED_… (a change of
 * the code that is not made); GOALS (states that must be reachable).
 */
#ifndef REQUESTS
#define REQUESTS 2
#endif
#ifndef PROBES
#define PROBES 2
#endif
#define MESSAGES (REQUESTS + PROBES)
#define PROBE_ID(p) (REQUESTS + p)

#ifdef NO_REPOSITORY
#define HAS_REPOSITORY false
#else
#define HAS_REPOSITORY true
#endif

/* --- claims: the number of a broken one is in the text of pan's assertion ------------------------------------------------ */

#define ONE_OPEN 1
#define WRITTEN_ONCE 2
#define SENT_IS_TRUE 3
#define NO_DEAD_ID 4
#define MIGRATED_IS_TRUE 5
#define ALREADY_THERE_IS_TRUE 6
#define RETRYABLE_IS_HARMLESS 7
#define NOT_RUNNING_IS_TRUE 8
#define REMOVAL_ENDS_IT 9
#define NO_REPLY_LOST 10
#define A_RULE_APPLIES 11
#define GOAL_REACHED 12
#ifdef POLICY_RETRY
#define policyAllowsTwo true
#else
#define policyAllowsTwo false
#endif

#ifndef ONLY
#define ONLY 0
#endif
#ifdef LIVENESS
#define claim(name, condition) skip /* there is no truth to hold a verdict against */
#else
#define claim(name, condition) assert((ONLY != 0 && ONLY != name) || name < 0 || (condition))
#endif

/* --- the way of a message to the MANO ---------------------------------------------------------------------------------- */

/* The activity that writes it. */
#define BEGUN 1   /* no worker has it yet, or one looks for a connection */
#define CHECKED 2 /* the lease was held; the write comes next, on a connection that the broker may have given up by then */
#define WRITTEN 3
#define OVER 4

/* The message. */
#define UNWRITTEN 0
#define ON_WIRE 1 /* written; no broker has it yet, and one may get it until it gives the connection up */
#define QUEUED 2
#define PASSED 3 /* handled by the MANO, or lost */

/* What the ledger has of the publish. */
#define NONE 0
#define PUBLISHING 1
#define LEFT 2 /* confirmed, or perhaps: of a confirmed one, nothing is on the wire */
#define NOT_SENT 3

byte activity[REQUESTS], message[MESSAGES], sent[REQUESTS];
chan queue = [MESSAGES + 1] of { byte };
byte head; /* scratch */

/* --- the MANO, and what it has said ------------------------------------------------------------------------------------ */

#define UNLOCKED 255
/* Another workflow of the service, or one that has ended without a reply, may hold it at any time: a choice where it is asked. */

#define RUNNING 1
#define COPY_MADE 2
#define RECORDS_CHANGED 3
#define ANSWERED 4 /* the lock goes after the final reply */

#define FOR_A_WHILE 1 /* busy, or its repository fails; of rejections, the graver has the larger number */
#define ALREADY_THERE 2
#define PERMANENT 3

#define FREE 1 /* of answers to probes, likewise */
#define WORKS 2

#define FAILED 1
#define REMOVAL_FAILED 2

byte lock = UNLOCKED, work;
bit saidAck[REQUESTS], saidReady[REQUESTS], forged[REQUESTS];
byte saidFinal[REQUESTS], saidRejection[REQUESTS], saidAnswer[PROBES];

/* --- the records, and the repository that shows them ------------------------------------------------------------------- */

#define AT_HOME 0
#define ON_TARGET 1 /* from the start */
#define COPY 2      /* the service lists the VNF at home, and there is a new one on the target */
#define MOVED 3
byte records;
#ifdef LAG
#define LOOKS_TAKE_TIME
byte shown;
#define SHOWN shown
#else
#define SHOWN records
#endif

/* --- the ledger --------------------------------------------------------------------------------------------------------- */

#define FIRST 0 /* reasons */
#define SERVICE_WAS_BUSY 1
#define PROBE_SAYS_NOT_TAKEN 2
#define REPOSITORY_SAYS_UNTOUCHED 3
#define POLICY_SAYS_RETRY 4

#define NOTHING 0 /* what the last look shows; one that cannot read shows nothing, and is followed by another */
#define UNTOUCHED 1
#define UNCLEAR 2
#define LOOKS_MOVED 3
#define LOOKS_ON_TARGET 4
#define REFUSED 5 /* preflight refuses: the first look shows no such VNF */

byte attempts, probes;         /* of all runs */
byte firstAttempt, firstProbe; /* of this run */
bit ack[REQUESTS], ackLate[REQUESTS], ready[REQUESTS], finalLate[REQUESTS];
byte finalError[REQUESTS], rejection[REQUESTS];
#ifdef POLICY_RETRY
byte reason[REQUESTS];
#endif
byte verified[REQUESTS]; /* READY: 0 to be verified, 1 believed, 2 contradicted */
byte answer[PROBES], askedAfter[PROBES];
bit covers[PROBES]; /* it was started after every start and ack, when every unconfirmed request had settled */
byte look; /* the last one, while it is newer than every sign; one that shows the move counts even later */
byte before, sample; /* what the first one read, plus one; what the one under way has read */
#ifdef LOOKS_TAKE_TIME
bit isLooking, staysFresh, readyWhileLooking[REQUESTS];
#endif
#ifdef LAG
bit pauseOver, isAfterPause, startedAfterPause, sampledLate;
#endif
bit strayFinal, knownStray[REQUESTS];

/* --- the end ------------------------------------------------------------------------------------------------------------- */

#define CONCLUSIVE 1
#define RETRYABLE 2
#define MIGRATED 3
#define MIGRATED_BY_RECORDS 4
#define IS_THERE 5
#define NOT_ACKNOWLEDGED 6 /* conclusive, as are the next */
#define UNKNOWN 7
#define REJECTED 8
#define CANCELLED 9
#define RESOLVED 10
bit deadlineOver, awaitsOperator, isClosed;

/* --- derived facts (src/workflows/migration/derived-facts.ts) ----------------------------------------------------------- */

#define isMine(i) (i >= firstAttempt && i < attempts)
#define isLast(i) (isMine(i) && i == attempts - 1)
#define hasAnswer(i) (ack[i] || finalError[i] != 0 || rejection[i] != 0)
#define hasLeft(i) (sent[i] != NOT_SENT || hasAnswer(i) || ready[i])
#define busyProbe(i, p) (p >= firstProbe && p < probes && askedAfter[p] == i + 1 && answer[p] == WORKS)
#define isTaken(i) (ack[i] || (!hasAnswer(i) && isLast(i) && (busyProbe(i, 0) || busyProbe(i, 1))))
#define isRunning(i) (isMine(i) && finalError[i] == 0 && isTaken(i) && (isLast(i) || ackLate[i]))
#define standsFailed(i) (isMine(i) && finalError[i] != 0 && (isLast(i) || finalLate[i]))
#define removal(i) (isMine(i) && finalError[i] == REMOVAL_FAILED)
#define isRefused(i) (!ack[i] && finalError[i] == 0 && rejection[i] != 0)
#define isBelieved(i) (ready[i] && (!HAS_REPOSITORY || verified[i] != 2))
#define toVerify(i) (HAS_REPOSITORY && isMine(i) && ready[i] && verified[i] == 0)
#ifdef PROPOSED_UNVERIFIED_IS_DOUBT
#define settlesDoubt(i) (isBelieved(i) && !toVerify(i))
#else
#define settlesDoubt(i) isBelieved(i)
#endif
#define spends(i) (isMine(i) && hasLeft(i) && !(isRefused(i) && rejection[i] == FOR_A_WHILE))
#define leaves(i) (isMine(i) && hasLeft(i))

#define any(what) (what(0) || what(1))
#if REQUESTS > 2
#undef any
#define any(what) (what(0) || what(1) || what(2))
#endif

#define last (attempts - 1)
#define hasAttempts (attempts > firstAttempt)

/* The newest answer of a probe that speaks for all requests. */
#define speaks(p) (p >= firstProbe && p < probes && covers[p] && answer[p] != 0)
#ifdef BROKEN_SILENCE
/* No answer counts as "free". */
#define isFree (probes > firstProbe && covers[probes - 1] && answer[probes - 1] != WORKS)
#else
#define isFree ((speaks(1) && answer[1] == FREE) || (!speaks(1) && speaks(0) && answer[0] == FREE))
#endif

/* The last "policy-says-retry" is later than the last "repository-says-untouched"; the first request is neither. */
#ifndef POLICY_RETRY
#define resentInDoubt false
#elif REQUESTS > 2
#define resentInDoubt ((isMine(2) && reason[2] == POLICY_SAYS_RETRY) || (isMine(1) && reason[1] == POLICY_SAYS_RETRY && !(isMine(2) && reason[2] == REPOSITORY_SAYS_UNTOUCHED)))
#else
#define resentInDoubt (isMine(1) && reason[1] == POLICY_SAYS_RETRY)
#endif
#define isInDoubt (any(standsFailed) || any(isRunning) || resentInDoubt || (hasAttempts && hasLeft(last) && !isRefused(last) && !settlesDoubt(last)))
#define isOver (!any(isRunning) && (!hasAttempts || !hasLeft(last) || hasAnswer(last)))
#define isIdleAtMano ((isOver && any(standsFailed)) || isFree)
#define isProvenUntouched (look == UNTOUCHED && !any(removal) && hasAttempts && isIdleAtMano)
#define mayBeRunning (isInDoubt && !isProvenUntouched)

/* --- the truth ------------------------------------------------------------------------------------------------------------ */

/* A request may still be written, may still arrive, or is at work. */
#define mayBeWritten(i) (activity[i] == CHECKED || (sent[i] == PUBLISHING && activity[i] == BEGUN))
#define isOpen(i) (mayBeWritten(i) || message[i] == ON_WIRE || message[i] == QUEUED || (lock == i && work != ANSWERED))
#define wasUntouched (records == AT_HOME || records == ON_TARGET)

/* Nothing of a request can surface: the broker has given its connection up. */
#ifdef WITHOUT_SETTLED_CONNECTIONS
#define calm(i) true
#else
#define calm(i) (activity[i] != CHECKED && message[i] != ON_WIRE)
#endif
#define isSettled(i) (!isMine(i) || hasAnswer(i) || calm(i))

#ifdef LAG
#ifdef WITHOUT_BOUNDED_LAG
#define pauseMayEnd true
#else
#ifdef SLOW_READS
#define pauseMayEnd (shown == records)
#else
/* The lag and the time of a read together are shorter than the pause. */
#define pauseMayEnd (shown == records && !(isLooking && sampledLate))
#endif
#endif
#else
#define pauseMayEnd true
#endif

#define isFresh (look != NOTHING)

inline sign() {
  if :: look != LOOKS_MOVED -> look = NOTHING :: else fi;
#ifdef LOOKS_TAKE_TIME
  staysFresh = 0;
#endif
#ifdef LAG
  pauseOver = 0; isAfterPause = 0
#endif
}

/* --- publisher, broker and MANO ------------------------------------------------------------------------------------------ */

inline losesQueue() {
  do
  :: nempty(queue) -> queue?head; message[head] = PASSED
  :: empty(queue) -> break
  od
}

inline activityMoves(i) {
  if
#ifdef BROKEN_LEASE
  :: d_step { activity[i] == BEGUN -> activity[i] = CHECKED; printf("worker: request %d, does not ask for the lease\n", i + 1) }
#else
  :: d_step { activity[i] == BEGUN && sent[i] == PUBLISHING -> activity[i] = CHECKED; printf("worker: request %d, the lease is held\n", i + 1) }
#endif
  :: d_step { activity[i] == CHECKED ->
       claim(WRITTEN_ONCE, message[i] == UNWRITTEN);
       claim(SENT_IS_TRUE, sent[i] != NOT_SENT);
       claim(ONE_OPEN, i == attempts - 1);
       activity[i] = WRITTEN; message[i] = ON_WIRE; printf("worker: writes request %d\n", i + 1) }
  :: d_step { activity[i] == CHECKED -> activity[i] = OVER; printf("broker: gave up the connection before the write of request %d\n", i + 1) }
  fi
}

inline messageMoves(k) {
  if
  :: atomic { message[k] == ON_WIRE -> message[k] = QUEUED; queue!k;
#ifdef WITHOUT_SINGLE_DELIVERY
       if :: k < REQUESTS && nfull(queue) -> queue!k; printf("broker: doubles request %d\n", k + 1) :: true -> skip fi;
#endif
       printf("broker: queues message %d\n", k + 1) }
  :: d_step { message[k] == ON_WIRE -> message[k] = PASSED; printf("broker: gave up the connection of message %d\n", k + 1) }
  fi
}

inline answers(what) {
  /* An answer that no rule asks for is told as a sign alone: see listensToProbe. */
  if :: askedAfter[head - REQUESTS] == attempts -> saidAnswer[head - REQUESTS] = what :: else fi
}

inline manoHandles() {
  atomic { queue?head ->
    if :: message[head] == QUEUED -> message[head] = PASSED :: else fi;
    if
    :: head >= REQUESTS && lock == UNLOCKED -> answers(FREE); printf("MANO: answers probe %d: free\n", head - REQUESTS + 1)
    :: head >= REQUESTS -> answers(WORKS); printf("MANO: answers probe %d: busy\n", head - REQUESTS + 1)
    :: head < REQUESTS -> if :: saidRejection[head] < FOR_A_WHILE -> saidRejection[head] = FOR_A_WHILE :: else fi; printf("MANO: request %d: still going on, or its repository fails\n", head + 1)
    :: head < REQUESTS && lock == UNLOCKED && records == ON_TARGET -> saidRejection[head] = ALREADY_THERE; printf("MANO: request %d: already there\n", head + 1)
    :: head < REQUESTS && lock == UNLOCKED -> saidRejection[head] = PERMANENT; printf("MANO: request %d: refused\n", head + 1)
    :: head < REQUESTS && lock == UNLOCKED && records != ON_TARGET ->
         printf("MANO: takes request %d, records %d\n", head + 1, records);
         claim(ONE_OPEN, head == attempts - 1 || policyAllowsTwo);
         claim(NO_DEAD_ID, records != MOVED || policyAllowsTwo);
         saidAck[head] = 1;
         if :: records == MOVED -> skip /* an old id: silence */ :: else -> lock = head; work = RUNNING fi
    fi;
    head = 0 }
}
#define isWorking (lock < REQUESTS)

inline manoWorks() {
  if
  :: d_step { isWorking && work == RUNNING -> work = COPY_MADE; if :: records == AT_HOME -> records = COPY :: else fi; printf("MANO: the copy runs\n") }
  :: d_step { isWorking && work == COPY_MADE -> work = RECORDS_CHANGED; records = MOVED; printf("MANO: the records show the move\n") }
  :: d_step { isWorking && work == RECORDS_CHANGED -> work = ANSWERED; saidReady[lock] = 1; printf("MANO: request %d: READY\n", lock + 1) }
  :: d_step { isWorking && work != ANSWERED -> work = ANSWERED; if :: saidFinal[lock] == 0 -> saidFinal[lock] = FAILED :: else fi; printf("MANO: request %d: final ERROR\n", lock + 1) }
  :: d_step { isWorking && work == COPY_MADE -> work = ANSWERED; saidFinal[lock] = REMOVAL_FAILED; printf("MANO: request %d: the removal failed\n", lock + 1) }
  :: d_step { isWorking && work != ANSWERED -> lock = UNLOCKED; work = 0; printf("MANO: its workflow ends without a reply\n") }
  :: d_step { isWorking && work == ANSWERED -> lock = UNLOCKED; work = 0; printf("MANO: unlocks the service\n") }
  :: d_step { lock != UNLOCKED || nempty(queue) -> lock = UNLOCKED; work = 0; losesQueue(); head = 0; printf("MANO: dies, is restarted, has a new queue\n") }
  fi
}

/* --- the listener: what was said becomes a fact ------------------------------------------------------------------------- */

#ifdef LIVENESS
/* For "always ends": peers that may say anything at any time, and records that show anything after the first look. */
#define saysAck(i) true
#define saysReady(i) true
#define toldFinal(i) FAILED
#define toldRejection(i) (rejection[i] + (rejection[i] < PERMANENT))
#define toldAnswer(p) (answer[p] + (answer[p] < WORKS && askedAfter[p] == attempts))
#else
#define saysAck(i) saidAck[i]
#define saysReady(i) (saidReady[i] || forged[i])
#define toldFinal(i) saidFinal[i]
#define toldRejection(i) saidRejection[i]
#define toldAnswer(p) saidAnswer[p]
#endif

#define isForged(i) forged[i]

inline listens(i) {
  if
  :: d_step { isMine(i) && saysAck(i) && !ack[i] ->
       ack[i] = 1; ackLate[i] = (i != attempts - 1); covers[0] = 0; covers[1] = 0; sign(); printf("signal: ack of request %d\n", i + 1) }
  :: d_step { isMine(i) && saysReady(i) && !ready[i] ->
       ready[i] = 1;
#ifdef LOOKS_TAKE_TIME
       readyWhileLooking[i] = isLooking;
#endif
       sign(); printf("signal: READY of request %d\n", i + 1) }
  :: d_step { isMine(i) && toldFinal(i) > finalError[i] ->
       finalError[i] = toldFinal(i); finalLate[i] = (i != attempts - 1); sign(); printf("signal: final ERROR of request %d\n", i + 1) }
  :: d_step { isMine(i) && toldRejection(i) > rejection[i] ->
       rejection[i] = toldRejection(i); sign(); printf("signal: request %d is rejected\n", i + 1) }
  :: d_step { i < firstAttempt && (saidReady[i] || saidFinal[i] != 0) && !knownStray[i] ->
       knownStray[i] = 1; strayFinal = 1; sign(); printf("signal: a final of an earlier run\n") }
#ifdef FORGERY
  :: d_step { i < attempts && !any(isForged) && !saidReady[i] -> forged[i] = 1; printf("somebody: READY of request %d, forged\n", i + 1) }
#endif
#ifdef BROKEN_SIGNAL_FIRST
  :: d_step { isMine(i) && saidReady[i] && !ready[i] -> saidReady[i] = 0; printf("listener: acknowledges READY, and dies\n"); claim(NO_REPLY_LOST, ready[i]) }
#endif
  fi
}

inline listensToProbe(p) {
  if
#ifdef BROKEN_PROBE_NONCE
  /* Its answer has the correlation id of the request: "free" is the text of a refusal. */
  :: d_step { p >= firstProbe && p < probes && saidAnswer[p] > answer[p] ->
       answer[p] = saidAnswer[p];
       if
       :: answer[p] == FREE && rejection[last] < PERMANENT -> rejection[last] = PERMANENT
       :: answer[p] == WORKS && rejection[last] < FOR_A_WHILE -> rejection[last] = FOR_A_WHILE
       :: else
       fi;
       answer[p] = 0; saidAnswer[p] = 0; sign(); printf("signal: the answer to probe %d, as one to request %d\n", p + 1, attempts) }
#else
  :: d_step { p >= firstProbe && p < probes && toldAnswer(p) > answer[p] ->
       answer[p] = toldAnswer(p); sign(); printf("signal: the answer to probe %d\n", p + 1) }
  :: d_step { p >= firstProbe && p < probes && askedAfter[p] == 0 && look != NOTHING -> sign(); printf("signal: the answer to probe %d, after a later request\n", p + 1) }
#endif
  fi
}

active proctype World() {
  {
  do
#ifndef LIVENESS
  :: activityMoves(0)
  :: activityMoves(1)
  :: messageMoves(0)
  :: messageMoves(1)
  :: manoHandles()
  :: manoWorks()
  :: d_step { queue?head -> if :: message[head] == QUEUED -> message[head] = PASSED :: else fi; printf("broker: loses message %d\n", head + 1); head = 0 }
#endif
  :: listens(0)
  :: listens(1)
  :: listensToProbe(0)
  :: listensToProbe(1)
#if REQUESTS > 2
  :: activityMoves(2)
  :: messageMoves(2)
  :: listens(2)
#endif
#ifdef LAG
  :: d_step { shown != records -> shown = records; printf("repository: shows the records as they are\n") }
  :: d_step { !pauseOver && pauseMayEnd -> pauseOver = 1; printf("workflow: the pause is over\n") }
#endif
  od
  } unless { isClosed }
}

/* --- the rules (src/workflows/migration/next-step.ts, timeout-rules.ts, retry-rules.ts) -------------------------------- */

#define NO_STEP 0
#define WAIT 1
#define LOOK 2
#define PUBLISH 3
#define PROBE 4
#define CLOSE 5

#define spent (spends(0) + spends(1))
#if REQUESTS > 2
#undef spent
#define spent (spends(0) + spends(1) + spends(2))
#endif

#ifdef LAG
#define pauseIsOver pauseOver
#define lookIsAfterPause isAfterPause
#else
/* Without a lag, a second look after the pause sees what the first one saw. */
#define pauseIsOver true
#define lookIsAfterPause true
#endif

#ifdef NO_REPOSITORY
#ifdef WITHOUT_ACKS
#define graceMayEnd true
#else
/* An ack that the MANO sent before "free" is recorded by the end of FREE_GRACE_MS. */
#define ackIsKnown(i) (!isMine(i) || !saidAck[i] || ack[i])
#define graceMayEnd (ackIsKnown(0) && ackIsKnown(1))
#endif
#else
#define graceMayEnd true
#endif

inline close(as) { step = CLOSE; outcome = as }

inline unlessInDoubt(as) {
  if :: isInDoubt -> close(UNKNOWN) :: else -> close(as) fi
}

inline publish(because) {
  if
  :: attempts < REQUESTS -> step = PUBLISH; why = because
  :: else -> step = WAIT /* the bound of the model */
  fi
}

inline lookAgain() {
  if :: step = WAIT :: step = LOOK fi
}

inline beforePublish(because, afterPause) {
  if
  :: !HAS_REPOSITORY -> publish(because)
  :: HAS_REPOSITORY && (!isFresh || (afterPause && !lookIsAfterPause)) -> step = LOOK
  :: HAS_REPOSITORY && !isFresh -> unlessInDoubt(RETRYABLE) /* it could not be read for the whole of busyTimeout */
  :: HAS_REPOSITORY && !isFresh -> step = WAIT
  :: else ->
     if
     :: look == REFUSED -> if :: isInDoubt -> close(UNKNOWN) :: else -> close(REJECTED) fi
     :: look == LOOKS_ON_TARGET -> close(IS_THERE)
     :: look == UNTOUCHED || (look == UNCLEAR && because == POLICY_SAYS_RETRY) -> publish(because)
     :: else -> close(UNKNOWN)
     fi
  fi
}

#ifdef PROPOSED_LAST_LOOK
#define mustLookAgain (!lookIsAfterPause)
#else
#define mustLookAgain false
#endif

inline retry(because, exhausted) {
  if
  :: isRefused(last) && rejection[last] >= ALREADY_THERE ->
     if :: because == POLICY_SAYS_RETRY -> close(exhausted) :: else -> close(REJECTED) fi
  :: else ->
     if
     :: exhausted == RETRYABLE && mustLookAgain -> if :: step = WAIT :: pauseIsOver -> step = LOOK fi
     :: !(exhausted == RETRYABLE && mustLookAgain) -> close(exhausted) /* maxAttempts */
     :: step = WAIT
     :: pauseIsOver -> beforePublish(because, true)
     fi
  fi
}

inline onUnknownOutcome(as) {
#ifdef POLICY_WAIT
  step = WAIT; awaitsOperator = 1
#else
#ifdef POLICY_RETRY
  if :: any(removal) -> close(as) :: else -> retry(POLICY_SAYS_RETRY, as) fi
#else
  close(as)
#endif
#endif
}

inline afterFree() {
  if
  :: step = WAIT /* FREE_GRACE_MS */
  :: graceMayEnd && any(standsFailed) -> skip
  :: graceMayEnd && !any(standsFailed) ->
     if
     :: !HAS_REPOSITORY && !any(isRunning) -> retry(PROBE_SAYS_NOT_TAKEN, NOT_ACKNOWLEDGED)
     :: !HAS_REPOSITORY && any(isRunning) -> onUnknownOutcome(UNKNOWN)
#ifdef BROKEN_RECONCILIATION
     :: HAS_REPOSITORY -> publish(PROBE_SAYS_NOT_TAKEN)
#else
     :: HAS_REPOSITORY && !isFresh -> lookAgain()
     :: HAS_REPOSITORY && isFresh && look == UNTOUCHED -> retry(REPOSITORY_SAYS_UNTOUCHED, RETRYABLE)
     :: HAS_REPOSITORY && isFresh && look != UNTOUCHED -> onUnknownOutcome(UNKNOWN)
#endif
     fi
  fi
}

#ifdef BROKEN_SETTLE
#define mayProbe true
#else
#if REQUESTS > 2
#define mayProbe (isSettled(0) && isSettled(1) && isSettled(2))
#else
#define mayProbe (isSettled(0) && isSettled(1))
#endif
#endif

inline giveUp() {
  if
  :: HAS_REPOSITORY && !isFresh -> step = LOOK
  :: close(NOT_ACKNOWLEDGED) /* after a look, whatever it shows */
  fi
}

#ifdef LIVENESS
#define MOST_PROBES 1
#else
#define MOST_PROBES PROBES
#endif

inline probeUntilAnswered(awaitsAck) {
  if
  :: step = WAIT /* not overdue, not settled, or the probe under way may still be answered */
#ifdef BROKEN_PROBE
  :: awaitsAck && isFresh && look == UNTOUCHED -> retry(REPOSITORY_SAYS_UNTOUCHED, RETRYABLE)
  :: awaitsAck && !isFresh -> step = LOOK
#else
  :: mayProbe && probes < MOST_PROBES -> step = PROBE
#endif
  :: awaitsAck && probes > firstProbe && askedAfter[probes - 1] == attempts && answer[probes - 1] == 0 -> giveUp()
  fi
}

inline afterSilence(awaitsAck) {
  if :: isFree -> afterFree() :: else -> probeUntilAnswered(awaitsAck) fi
}

#ifdef BROKEN_VERIFICATION
#define mustVerify(i) false
#else
#define mustVerify(i) toVerify(i)
#endif

inline whenReady(i) {
  if
  :: step == NO_STEP && isMine(i) && ready[i] ->
     if
     :: mustVerify(i) -> step = LOOK
     :: else -> if :: isBelieved(i) -> close(MIGRATED) :: else fi
     fi
  :: else
  fi
}

inline whenFailed() {
  if
  :: !HAS_REPOSITORY -> onUnknownOutcome(CONCLUSIVE)
  :: HAS_REPOSITORY && !isFresh -> lookAgain()
#ifdef BROKEN_REMOVAL
  :: HAS_REPOSITORY && isFresh && (look == UNTOUCHED || any(removal)) -> publish(REPOSITORY_SAYS_UNTOUCHED)
  :: HAS_REPOSITORY && isFresh && !(look == UNTOUCHED || any(removal)) -> onUnknownOutcome(CONCLUSIVE)
#else
  :: HAS_REPOSITORY && isFresh && look == UNTOUCHED && !any(removal) -> retry(REPOSITORY_SAYS_UNTOUCHED, RETRYABLE)
  :: HAS_REPOSITORY && isFresh && !(look == UNTOUCHED && !any(removal)) -> onUnknownOutcome(CONCLUSIVE)
#endif
  fi
}

inline whenAlreadyThere() {
  if
  :: !HAS_REPOSITORY -> close(IS_THERE)
  :: HAS_REPOSITORY && !isFresh -> lookAgain()
  :: HAS_REPOSITORY && isFresh && look == LOOKS_ON_TARGET -> close(IS_THERE)
  :: HAS_REPOSITORY && isFresh && look != LOOKS_ON_TARGET -> close(REJECTED)
  fi
}

inline whenRejected() {
  if
  :: rejection[last] == PERMANENT -> unlessInDoubt(REJECTED)
  :: rejection[last] != PERMANENT -> unlessInDoubt(RETRYABLE) /* busyTimeout */
  :: rejection[last] != PERMANENT -> step = WAIT
  :: rejection[last] != PERMANENT && pauseIsOver -> beforePublish(SERVICE_WAS_BUSY, true)
  fi
}

inline whenNotSent() {
  if
  :: unlessInDoubt(RETRYABLE) /* publishTimeout */
  :: !any(leaves) -> step = WAIT
  :: !any(leaves) -> beforePublish(FIRST, false)
  fi
}

/* The rules in the order in which the code asks them. */
inline firstOf() {
  d_step {
  step = NO_STEP;
  whenReady(0); whenReady(1);
#if REQUESTS > 2
  whenReady(2);
#endif
  if :: step == NO_STEP && look == LOOKS_MOVED -> close(MIGRATED_BY_RECORDS) :: else fi;
  if :: step == NO_STEP && HAS_REPOSITORY && strayFinal -> step = LOOK :: else fi
  };
  if :: step == NO_STEP && any(isRunning) -> afterSilence(false) :: else fi;
  if :: step == NO_STEP && hasAttempts && hasLeft(last) && !hasAnswer(last) -> afterSilence(true) :: else fi;
  if :: step == NO_STEP && any(standsFailed) -> whenFailed() :: else fi;
  if :: step == NO_STEP && hasAttempts && rejection[last] == ALREADY_THERE -> whenAlreadyThere() :: else fi;
  if :: step == NO_STEP && hasAttempts && rejection[last] != 0 -> whenRejected() :: else fi;
  if :: step == NO_STEP && hasAttempts && !hasLeft(last) -> whenNotSent() :: else fi;
  if :: step == NO_STEP && !hasAttempts -> beforePublish(FIRST, false) :: else fi;
  claim(A_RULE_APPLIES, step != NO_STEP)
}

inline afterDeadline() {
  if
  :: step == CLOSE || (step == LOOK && any(toVerify)) -> skip
  :: else -> if :: isInDoubt -> close(UNKNOWN) :: else -> close(RETRYABLE) fi
  fi
}

inline nextStep() {
  awaitsOperator = 0;
  firstOf();
#ifdef LIVENESS
  if :: deadlineOver -> afterDeadline() :: else fi
#else
  if :: afterDeadline() :: skip fi
#endif
}

/* --- the steps (src/workflows/migration/take-step.ts) ------------------------------------------------------------------- */

/* A state that must be reached: the claim that it is not. One program checks all goals, each by its environment. */
#ifdef GOALS
c_decl {
\#include <stdlib.h>
};
#define goal(number, condition) \
  if :: c_expr { (getenv("GOAL") != NULL && atoi(getenv("GOAL")) == number) } -> claim(GOAL_REACHED, !(condition)) :: else fi
#else
#define goal(number, condition) skip
#endif

#define isOpenBefore(i) (i < attempts && isOpen(i))

/* A later request makes its answer meaningless. */
inline forgetProbe(p) {
  covers[p] = 0; askedAfter[p] = 0; saidAnswer[p] = 0; answer[p] = 0
}

inline startAttempt() {
  claim(ONE_OPEN, !any(isOpenBefore) || policyAllowsTwo);
  claim(REMOVAL_ENDS_IT, !any(removal));
  goal(21, attempts > 0 && why == SERVICE_WAS_BUSY);
  goal(22, why == PROBE_SAYS_NOT_TAKEN);
  goal(23, why == REPOSITORY_SAYS_UNTOUCHED);
  goal(24, why == POLICY_SAYS_RETRY);
  
#ifdef POLICY_RETRY
  reason[attempts] = why;
#endif
  sent[attempts] = PUBLISHING; activity[attempts] = BEGUN; attempts++;
  forgetProbe(0); forgetProbe(1); sign();
  printf("workflow: request %d, reason %d\n", attempts, why)
}

inline endPublish(as) {
  sent[last] = as; printf("workflow: request %d is published: %d\n", attempts, as)
}

/* Its worker may wake up, and write, if it had asked for the lease before. */
inline giveUpActivity() {
#ifdef BROKEN_LEASE
  if :: activity[last] == WRITTEN -> activity[last] = OVER :: else fi
#else
  if :: activity[last] != CHECKED -> activity[last] = OVER :: else fi
#endif
}

/* It is queued at once. One that is queued later is one that is handled later, or overtaken by another, and then told by it. */
inline sendProbe() {
  covers[probes] = 1; askedAfter[probes] = attempts; probes++;
  message[PROBE_ID(probes - 1)] = QUEUED; queue!PROBE_ID(probes - 1);
  printf("workflow: probe %d\n", probes)
}

#define CANNOT_READ 4

/* It reads at its start: what it reads later, the next one reads, too. */
inline startLook() {
  strayFinal = 0;
#ifdef LOOKS_TAKE_TIME
  isLooking = 1; staysFresh = 1;
#endif
#ifdef LAG
  startedAfterPause = pauseOver; sampledLate = (shown != records);
#endif
#ifdef LIVENESS
  if :: sample = AT_HOME :: before != 0 -> sample = ON_TARGET :: before != 0 -> sample = COPY :: before != 0 -> sample = MOVED :: sample = CANNOT_READ fi;
#elif defined(FORGERY)
  sample = SHOWN;
#else
  if :: sample = SHOWN :: sample = CANNOT_READ fi;
#endif
  printf("workflow: reads the repository: %d\n", sample)
}

#define listsVnf (sample != MOVED)

#ifdef LOOKS_TAKE_TIME
#ifdef BROKEN_LOOK_DATE
#define isBeforeLook(i) true
#define looksFresh true
#else
#define isBeforeLook(i) !readyWhileLooking[i]
#define looksFresh staysFresh
#endif
#else
#define isBeforeLook(i) true
#define looksFresh true
#endif

inline judgeReady(i) {
  if
  :: isMine(i) && ready[i] && isBeforeLook(i) ->
     if
     :: sample == CANNOT_READ -> if :: verified[i] == 0 -> verified[i] = 1 :: else fi
     :: sample != CANNOT_READ && listsVnf -> verified[i] = 2
     :: sample != CANNOT_READ && !listsVnf -> verified[i] = 1
     fi
  :: else
  fi
}

inline endLook() {
  judgeReady(0); judgeReady(1);
#if REQUESTS > 2
  judgeReady(2);
#endif
  if
  :: sample != CANNOT_READ && before == 0 -> before = sample + 1
  :: else
  fi;
  if
  :: sample == CANNOT_READ -> look = (look == LOOKS_MOVED -> LOOKS_MOVED : NOTHING)
  :: sample == AT_HOME -> look = UNTOUCHED
  :: sample == ON_TARGET -> look = LOOKS_ON_TARGET
  :: sample == COPY && before == COPY + 1 -> look = UNTOUCHED
  :: sample == COPY && before != COPY + 1 -> look = UNCLEAR
  :: sample == MOVED && before == MOVED + 1 -> look = REFUSED
  :: sample == MOVED && before != MOVED + 1 -> look = LOOKS_MOVED
  fi;
  printf("workflow: the look ends: %d, newer than every sign: %d\n", look, looksFresh);
  if :: !looksFresh && look != LOOKS_MOVED -> look = NOTHING :: else fi;
#ifdef LOOKS_TAKE_TIME
  isLooking = 0; staysFresh = 0; readyWhileLooking[0] = 0; readyWhileLooking[1] = 0;
#endif
#ifdef LAG
#ifdef PROPOSED_LOOK_BY_START
  isAfterPause = startedAfterPause && pauseOver;
#else
  isAfterPause = pauseOver;
#endif
  startedAfterPause = 0; sampledLate = 0;
#endif
  sample = 0
}

#ifdef WITHOUT_PATIENCE
#define mayCancel true
#else
/* Nobody cancels it between a READY and the look that verifies it. */
#define mayCancel (!any(toVerify))
#endif
#define isSuccess (outcome == MIGRATED || outcome == MIGRATED_BY_RECORDS || outcome == IS_THERE)

inline checkEnd() {
  claim(MIGRATED_IS_TRUE, (outcome != MIGRATED && outcome != MIGRATED_BY_RECORDS) || records == MOVED);
  claim(ALREADY_THERE_IS_TRUE, outcome != IS_THERE || records == ON_TARGET);
  claim(RETRYABLE_IS_HARMLESS, outcome != RETRYABLE || (!any(isOpenBefore) && wasUntouched && !mayBeRunning));
#ifndef LAG /* one look that lags is enough to call it proven: docs/model.md */
  claim(NOT_RUNNING_IS_TRUE, mayBeRunning || outcome == MIGRATED || outcome == MIGRATED_BY_RECORDS || (!any(isOpenBefore) && wasUntouched));
#endif
  goal(CONCLUSIVE, outcome == CONCLUSIVE);
  goal(RETRYABLE, outcome == RETRYABLE);
  goal(MIGRATED, outcome == MIGRATED);
  goal(MIGRATED_BY_RECORDS, outcome == MIGRATED_BY_RECORDS);
  goal(IS_THERE, outcome == IS_THERE);
  goal(NOT_ACKNOWLEDGED, outcome == NOT_ACKNOWLEDGED);
  goal(UNKNOWN, outcome == UNKNOWN);
  goal(REJECTED, outcome == REJECTED);
  goal(CANCELLED, outcome == CANCELLED);
  goal(30, outcome == MIGRATED && !isBelieved(last));
  goal(31, outcome == MIGRATED && firstAttempt > 0);
  goal(32, outcome == MIGRATED && spent > 1);
  goal(33, outcome == NOT_ACKNOWLEDGED && records == MOVED);
  printf("workflow: closes as %d, may be running: %d\n", outcome, mayBeRunning)
}

/* Whoever started it starts it again, by the same id: the ledger is empty, the nonces are new. */
inline forgetAttempt(i) {
  if
  :: i < attempts ->
     saidAck[i] = 0; ack[i] = 0; ackLate[i] = 0; ready[i] = 0; finalError[i] = 0; finalLate[i] = 0;
     saidRejection[i] = 0; rejection[i] = 0; verified[i] = 0
  :: else
  fi
}

inline startAnew() {
  forgetAttempt(0); forgetAttempt(1);
#if REQUESTS > 2
  forgetAttempt(2);
#endif
  forgetProbe(0); forgetProbe(1);
  firstAttempt = attempts; firstProbe = probes;
  look = NOTHING; sample = 0; before = 0; strayFinal = 0; awaitsOperator = 0;
#ifdef LOOKS_TAKE_TIME
  isLooking = 0; staysFresh = 0; readyWhileLooking[0] = 0; readyWhileLooking[1] = 0;
#endif
#ifdef LAG
  startedAfterPause = 0; sampledLate = 0;
#endif
  sign();
  printf("caller: starts it anew\n")
}

inline endRun() {
#ifdef LIVENESS
  isClosed = 1
#else
  if
  :: outcome == RETRYABLE && attempts < REQUESTS -> startAnew()
  :: else -> isClosed = 1
  fi
#endif
}

/* A time limit of the caller ends the run wherever it is; his retry policy starts the next. */
#ifdef NO_REPOSITORY
#define CUT_SHORT
#endif
#ifdef WITHOUT_WHOLE_RUNS
#define CUT_SHORT
#endif

inline cutShort() {
  if :: hasAttempts && sent[last] == PUBLISHING -> giveUpActivity(); sent[last] = LEFT :: else fi;
  printf("caller: a time limit ends the run\n");
  startAnew();
#ifdef NO_REPOSITORY
#ifndef BROKEN_CUT_SHORT
  isClosed = 1
#endif
#endif
}

active proctype Workflow() {
  byte step, outcome, why;
  atomic {
    if :: records = AT_HOME :: records = ON_TARGET fi;
#ifdef LAG
    shown = records
#endif
  };
idle:
  if
  :: atomic { !isClosed -> nextStep();
       if
       :: step == WAIT -> step = 0; why = 0; outcome = 0; goto idle
       :: step == LOOK -> step = 0; why = 0; outcome = 0; startLook(); 
#ifdef LOOKS_TAKE_TIME
          goto looking
#else
          d_step { endLook() }; goto idle
#endif
       :: step == PROBE -> step = 0; why = 0; outcome = 0; d_step { sendProbe() }; goto idle
       :: step == PUBLISH -> step = 0; outcome = 0; d_step { startAttempt(); why = 0 }; goto publishing
       :: step == CLOSE -> step = 0; why = 0; d_step { checkEnd(); endRun(); outcome = 0 }; goto idle
       fi }
  :: atomic { !isClosed && mayCancel -> nextStep();
       if
       :: step == CLOSE && isSuccess -> skip /* a success is still reported */
       :: else -> outcome = CANCELLED; printf("caller: cancels it\n")
       fi;
       d_step { checkEnd(); endRun() };
       step = 0; outcome = 0; why = 0; goto idle }
  :: atomic { awaitsOperator && !isClosed -> goal(RESOLVED, true); isClosed = 1; printf("operator: resolves it\n"); goto idle }
#ifdef CUT_SHORT
  :: atomic { !isClosed && attempts < REQUESTS -> cutShort(); goto idle }
#endif
  :: isClosed -> goto over
  fi;
#ifdef LOOKS_TAKE_TIME
looking:
  if
  :: atomic { d_step { endLook() }; goto idle }
#ifdef CUT_SHORT
  :: atomic { attempts < REQUESTS -> cutShort(); goto idle }
#endif
  fi;
#endif
publishing:
  if
  :: atomic { activity[last] == BEGUN -> activity[last] = OVER; endPublish(NOT_SENT); goto idle }
  :: atomic { activity[last] == WRITTEN -> activity[last] = OVER; endPublish(LEFT); goto idle }
  :: atomic { printf("Temporal: gives the publish of request %d up\n", attempts);
#ifdef BROKEN_ONCE
       activity[last] = BEGUN; goto publishing
#else
       giveUpActivity(); endPublish(LEFT); goto idle
#endif
     }
#ifdef CUT_SHORT
  :: atomic { attempts < REQUESTS -> cutShort(); goto idle }
#endif
  fi;
over:
  skip
}

#ifdef LIVENESS
active proctype Clock() {
  deadlineOver = 1
}
ltl always_ends { <> isClosed }
#endif
