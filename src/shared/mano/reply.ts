/**
 * A reply of the MANO as the listener hands it to a workflow: the signal `manoReply`.
 *
 * Invariants: plain JSON of bounded size; the YAML has been decoded and its types checked before; whatever
 * the MANO put into `error` is readable text here.
 */
import { z } from 'zod';
import { lazily, type Output } from '../lazy-schema.js';

export const MANO_STATUSES = ['MIGRATING', 'READY', 'ERROR'] as const;
/** The status of a reply. */
export type ManoStatus = (typeof MANO_STATUSES)[number];

/** A record (NSR or VNFR) as the MANO sent it, or its summary. */
export const recordSchema = lazily(() => z.record(z.string(), z.unknown()));
/** A record of the MANO (NSR or VNFR), as it came. */
export type ManoRecord = Output<typeof recordSchema>;

/** Schema of the signal `manoReply`. */
export const manoReplySchema = lazily(() =>
  z.object({
    /** As echoed by the MANO: `vnfm:<deployment>:<workflow id>:<nonce>`. */
    correlationId: z.string(),
    status: z.enum(MANO_STATUSES),
    /** The error as readable text; null if the MANO named none. */
    error: z.string().nullable(),
    /** The error where the MANO sent a number (an HTTP status of its repository). */
    errorCode: z.number().int().nullable(),
    /** It carried a timestamp, or it is READY: not an ack. */
    isFinal: z.boolean(),
    /** The routing key it came on. */
    topic: z.string(),
    /** The sender's app_id; empty if it named none. */
    appId: z.string(),
    /** When the listener took it from its queue, ISO 8601. */
    receivedAt: z.string(),
    /** The MANO's own clock, seconds since 1970. */
    timestamp: z.number().nullable(),
    /** The MANO's own measure of the migration, in seconds. */
    durationSeconds: z.number().nullable(),
    /** Stale: the MANO sends the record as it was before the migration. */
    nsr: recordSchema().nullable(),
    vnfrs: z.array(recordSchema()).nullable(),
    /** The records were too large for a signal; what is here is a summary. */
    recordsSummarised: z.boolean(),
    /** The Gatekeeper's id of the request, where the reply came through it. */
    requestId: z.string().optional(),
  }),
);
/** One decoded reply of the MANO. */
export type ManoReply = Output<typeof manoReplySchema>;
