/**
 * The records of the repository, as far as this project reads them. All else is passed through.
 *
 * Invariant: a record has exactly one id. The repository names it `uuid` when it serves a record and takes it
 * as `id` when it stores one, so both are read; where both are there they must agree.
 */
import { z } from 'zod';

const idSchema = z.string().min(1);
const identity = { id: idSchema.optional(), uuid: idSchema.optional() };

function withOneId<T extends { id?: string | undefined; uuid?: string | undefined }>(
  record: T,
  context: z.RefinementCtx,
): T & { id: string } {
  const id = record.id ?? record.uuid;
  if (id === undefined || (record.uuid !== undefined && record.uuid !== id)) {
    context.addIssue({ code: 'custom', message: 'needs one id, as "uuid" or "id"', path: ['id'] });
    return z.NEVER;
  }
  return { ...record, id };
}

/** A network service record: which VNFs a service consists of. */
export const nsrSchema = z
  .looseObject({
    ...identity,
    status: z.string().nullish(),
    network_functions: z.array(z.looseObject({ vnfr_id: idSchema })),
  })
  .transform(withOneId);
export type Nsr = z.output<typeof nsrSchema>;

/** Where one unit runs; a unit that is being deployed has no VIM yet. */
const placed = { vim_id: z.string().nullish() };

/** A VNF record: the state of one VNF and the VIM of each of its units. */
export const vnfrSchema = z
  .looseObject({
    ...identity,
    status: z.string().nullish(),
    descriptor_reference: z.string().nullish(),
    virtual_deployment_units: z
      .array(z.looseObject({ vnfc_instance: z.array(z.looseObject(placed)).nullish() }))
      .nullish(),
    cloudnative_deployment_units: z.array(z.looseObject(placed)).nullish(),
  })
  .transform(withOneId);
export type Vnfr = z.output<typeof vnfrSchema>;
