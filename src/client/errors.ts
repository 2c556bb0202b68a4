/** What MigrationClient and CampaignClient throw, beside what Temporal's own client throws. */
import { oppositeText, type OppositeCampaign } from '../shared/campaign/opposite.js';
import type { FailureType } from '../shared/migration/failures.js';
import type { MigrationResult, MigrationState } from '../shared/migration/contract.js';

/** Temporal cannot be reached, or refuses us; the message says which, without secrets. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
}

/** The request is wrong; nothing was started. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  constructor(readonly problems: readonly string[]) {
    super(`the request is wrong: ${problems.join('; ')}`);
  }
}

/** The VNF was migrated by this workflow id before; it has a new id, and the old one must not be sent again. */
export class AlreadyMigratedError extends Error {
  override readonly name = 'AlreadyMigratedError';
  constructor(readonly result: MigrationResult) {
    super(
      `VNF ${result.vnfUuid} was migrated to VIM ${result.vimUuid} already; ` +
        `its id is now ${result.newVnfUuid ?? 'another one, which the MANO did not tell'}`,
    );
  }
}

/** Another migration of this VNF runs, to another target or for another service. */
export class OtherMigrationRunsError extends Error {
  override readonly name = 'OtherMigrationRunsError';
  constructor({ workflowId, state }: { workflowId: string; state: MigrationState }) {
    const { request } = state;
    const what = request === null ? '' : `: it moves VNF ${request.vnfUuid} to VIM ${request.vimUuid}`;
    super(`${workflowId} runs already, with another request${what}`);
  }
}

/** The last migration of this VNF ended without anyone knowing how. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  constructor({ workflowId, how }: { workflowId: string; how: string }) {
    super(
      `the last run of ${workflowId} ${how}, and its request may have been carried out: ` +
        'look where the VNF is, then start again with afterUnknown (--after-unknown)',
    );
  }
}

/** The call has waited long enough; the migration goes on. */
export class StillRunningError extends Error {
  override readonly name = 'StillRunningError';
  readonly workflowId: string;
  constructor({ workflowId, waitMs }: { workflowId: string; waitMs: number }) {
    super(`${workflowId} has not ended within ${String(waitMs)} ms; it continues`);
    this.workflowId = workflowId;
  }
}

/** A migration that ended without moving its VNF, or without knowing. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  /** One of the contract's failure types; null if it was cancelled, terminated or timed out from outside. */
  readonly type: FailureType | null;
  readonly state: MigrationState | null;
  constructor({
    type,
    message,
    state,
  }: {
    type: FailureType | null;
    message: string;
    state: MigrationState | null;
  }) {
    super(message);
    this.type = type;
    this.state = state;
  }
}

/** The campaign's input, or its name, is wrong; nothing was started. */
export class InvalidCampaignError extends Error {
  override readonly name = 'InvalidCampaignError';
  constructor(readonly problems: readonly string[]) {
    super(`the campaign is wrong: ${problems.join('; ')}`);
  }
}

/** A campaign of this name runs, and moves something else or in another way. */
export class OtherCampaignRunsError extends Error {
  override readonly name = 'OtherCampaignRunsError';
  constructor(workflowId: string) {
    super(`${workflowId} runs already, with another specification: choose another name, or wait for its end`);
  }
}

/** A campaign of this name has run to its end. Its report is kept; a name stands for one campaign. */
export class CampaignEndedError extends Error {
  override readonly name = 'CampaignEndedError';
  constructor(readonly workflowId: string) {
    super(
      `${workflowId} has run to its end already: choose another name, or retry what it left ` +
        '(vnf-migrator campaign retry-failed)',
    );
  }
}

/** A running campaign empties a VIM that this one moves VNFs to, or the other way round; nothing was started. */
export class OppositeCampaignError extends Error {
  override readonly name = 'OppositeCampaignError';
  constructor(readonly opposites: readonly OppositeCampaign[]) {
    super(
      `${opposites.map(oppositeText).join('; ')}: wait for its end, or start this one all the same with ` +
        'anyway (--anyway)',
    );
  }
}

/** A schedule of this name starts something else, or at other times. */
export class OtherScheduleError extends Error {
  override readonly name = 'OtherScheduleError';
  constructor(readonly scheduleId: string) {
    super(
      `${scheduleId} is there already, with another specification or other times: choose another name, or ` +
        'replace it (--replace)',
    );
  }
}

/** There is no schedule of this name. */
export class NoSuchScheduleError extends Error {
  override readonly name = 'NoSuchScheduleError';
  constructor(readonly scheduleId: string) {
    super(`no such schedule: ${scheduleId} (vnf-migrator campaign list)`);
  }
}

/** Nothing of this name or workflow id is a campaign that Temporal still knows; the message says what it is. */
export class NoSuchCampaignError extends Error {
  override readonly name = 'NoSuchCampaignError';
}

/** The cursor of a page is none that a page of the same list gave. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  constructor() {
    super(
      'the cursor is wrong: expected one that a page with the same filters gave, or none for the first page',
    );
  }
}

/** The namespace does not know what migrations are found by; `vnf-migrator setup` registers it. */
export class MissingSearchAttributesError extends Error {
  override readonly name = 'MissingSearchAttributesError';
  constructor(options?: ErrorOptions) {
    super('the namespace does not have our search attributes: run vnf-migrator setup', options);
  }
}

/** An order that the campaign does not take, such as `approve` where nothing waits for it. */
export class ControlRefusedError extends Error {
  override readonly name = 'ControlRefusedError';
}

/** A campaign that ended without a result: wrong input, or ended from outside. */
export class CampaignError extends Error {
  override readonly name = 'CampaignError';
  /** `InvalidCampaign`; null if it was cancelled, terminated or timed out from outside. */
  readonly type: string | null;
  constructor({ type, message }: { type: string | null; message: string }) {
    super(message);
    this.type = type;
  }
}
