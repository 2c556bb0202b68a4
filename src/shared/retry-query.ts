/**
 * What a question is answered that came between two tasks of a workflow which no worker held: too early. Of one that
 * was ended by force before it could read what happened last, it is the final answer.
 */
export const ASK_AGAIN = 'what happened last has not reached this workflow yet: ask again';
