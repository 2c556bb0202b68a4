/**
 * Every signal, query and update of our workflows. The listener, the client and the command line import them
 * from here; callers in other languages use the names.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ManoReply } from '../shared/mano-reply.js';
import type { MigrationState, ResolutionInput } from '../shared/migration.js';

/** A reply of the MANO, from the listener. At least once; the workflow is idempotent. */
export const manoReplySignal = defineSignal<[ManoReply]>('manoReply');

/** All that is known of a migration. */
export const migrationStateQuery = defineQuery<MigrationState>('migrationState');

/** An operator's word on a migration whose outcome nobody knows. Returns the state after it. */
export const resolveMigrationUpdate = defineUpdate<MigrationState, [ResolutionInput]>('resolveMigration');
