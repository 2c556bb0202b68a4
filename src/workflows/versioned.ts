/**
 * The workflows as versioned workers run them: which of them stays with the build that it began on.
 *
 * In a bundle of its own, because the SDK reports to the server what a workflow states here, and the server refuses every
 * task of a worker that is not versioned and states it all the same.
 */
import { setWorkflowOptions } from '@temporalio/workflow';
import { deploymentLimits, migrateVnf, migrationCampaign, notifyReceiver } from './index.js';

/** Minutes or hours: it ends where it began, whatever the next build does. */
setWorkflowOptions({ versioningBehavior: 'PINNED' }, migrateVnf);

/**
 * Days: it goes over to each build that is made current, and its migrations begin there. Pinned, it would hold its build,
 * and every migration of its, until its end.
 */
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, migrationCampaign);

/** As long as limits are set: it goes over, too. */
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, deploymentLimits);

/** As long as its campaign. */
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, notifyReceiver);

export { deploymentLimits, migrateVnf, migrationCampaign, notifyReceiver };
