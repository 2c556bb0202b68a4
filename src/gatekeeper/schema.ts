/** What the Gatekeeper serves and posts. Source: its REST interface as recorded; fields that we do not read are let through. */
import { z } from 'zod';
import { recordSchema } from '../shared/mano/reply.js';

/** One request at the Gatekeeper, as its answers and its callbacks carry it. */
export const gatekeeperRequestSchema = z.object({
  /** Its own correlation id on the bus. */
  id: z.string().min(1).max(200),
  status: z.string().nullish(),
  /** '' or null if there is none; a number where the MANO named one. */
  error: z.unknown().optional(),
  /** Seconds, once it is over. */
  duration: z.coerce.number().nullish().catch(null),
  nsr: recordSchema().nullish().catch(null),
  /** The VNF records, which the bus calls vnfrs. */
  function_uuids: z.array(recordSchema()).nullish().catch(null),
  instance_uuid: z.string().nullish(),
  vnf_uuid: z.string().nullish(),
  vim_uuid: z.string().nullish(),
  /** Where it posts its changes to. */
  callback: z.string().nullish(),
});
export type GatekeeperRequest = z.output<typeof gatekeeperRequestSchema>;
