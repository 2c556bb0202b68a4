import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Command } from 'commander';
import { missingSearchAttributes, SEARCH_ATTRIBUTES } from '../../client/search-attributes.js';
import { withTemporal, type Context } from '../temporal/context.js';
import { makeCurrent, type CurrentVersion } from '../temporal/current-version.js';
import { printJson, printLine } from '../output/print.js';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

interface SetupFlags {
  nexusEndpoint?: string;
  /** True means the build id of the settings. */
  currentVersion?: string | true;
  json?: boolean;
}

export function setupCommand(): Command {
  return new Command('setup')
    .description(
      'register the search attributes of migrations in Temporal, and optionally a Nexus endpoint; safe to repeat',
    )
    .option(
      '--nexus-endpoint <name>',
      'and an endpoint by which other namespaces reach the service vnf-migration, such as vnf-migration',
    )
    .option(
      '--current-version [build]',
      'and make a build of the versioned workers current, by default the one of TEMPORAL_WORKER_BUILD_ID',
    )
    .option('--json', 'print what was done as JSON')
    .action(({ nexusEndpoint, currentVersion, json }: SetupFlags) =>
      withTemporal(async (context) => {
        const registered = await registerSearchAttributes(context);
        const endpoint = nexusEndpoint === undefined ? null : await createEndpoint(context, nexusEndpoint);
        const current = currentVersion === undefined ? null : await makeCurrent(context, currentVersion);
        if (json === true) printJson({ registered, known: SEARCH_ATTRIBUTES, endpoint, current });
        else for (const line of linesOf({ registered, endpoint, current })) printLine(line);
      }),
    );
}

interface Done {
  registered: string[];
  endpoint: Endpoint | null;
  current: CurrentVersion | null;
}

function linesOf({ registered, endpoint, current }: Done): string[] {
  const attributes =
    registered.length === 0
      ? 'all search attributes are registered already'
      : `registered: ${registered.join(', ')}`;
  return [
    attributes,
    ...(endpoint === null ? [] : [endpointLine(endpoint)]),
    ...(current === null ? [] : [currentLine(current)]),
  ];
}

function endpointLine({ name, namespace, taskQueue, isNew }: Endpoint): string {
  const what = `the Nexus endpoint ${name} leads to ${taskQueue} in ${namespace}`;
  return isNew ? `${what} now` : `${what} already`;
}

function currentLine({ deploymentName, buildId, previousBuildId }: CurrentVersion): string {
  const what = `build ${buildId} of ${deploymentName} is current`;
  if (previousBuildId === buildId) return `${what} already`;
  return `${what} now, before it ${previousBuildId ?? 'none'}`;
}

interface Endpoint {
  name: string;
  namespace: string;
  taskQueue: string;
  isNew: boolean;
}

/** @throws Error if an endpoint of this name has another target */
async function createEndpoint({ client, config }: Context, name: string): Promise<Endpoint> {
  const { namespace, taskQueue } = config.temporal;
  const { operatorService } = client.connection;
  try {
    await operatorService.createNexusEndpoint({
      spec: { name, target: { worker: { namespace, taskQueue } } },
    });
    return { name, namespace, taskQueue, isNew: true };
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== status.ALREADY_EXISTS) throw error;
    const { endpoints } = await operatorService.listNexusEndpoints({ name });
    const target = endpoints[0]?.spec?.target?.worker;
    if (target?.namespace === namespace && target.taskQueue === taskQueue) {
      return { name, namespace, taskQueue, isNew: false };
    }
    const where = `${target?.taskQueue ?? 'another kind of target'} in ${target?.namespace ?? 'no namespace'}`;
    throw new Error(`the Nexus endpoint ${name} leads to ${where} already: choose another name`, {
      cause: error,
    });
  }
}

/** Registers the missing search attributes, and returns them. */
async function registerSearchAttributes({ client, config }: Context): Promise<string[]> {
  const { namespace } = config.temporal;
  const { operatorService } = client.connection;
  const missing = await missingSearchAttributes(client, { namespace });
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another set-up has registered them in the meantime.
    if (!isGrpcServiceError(error) || error.code !== status.ALREADY_EXISTS) throw error;
  }
  return missing;
}
