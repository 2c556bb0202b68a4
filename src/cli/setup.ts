import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Command } from 'commander';
import { missingSearchAttributes, SEARCH_ATTRIBUTES } from '../client/search-attributes.js';
import { withTemporal, type Context } from './context.js';
import { printJson, printLine } from './print.js';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

export function setupCommand(): Command {
  return new Command('setup')
    .description('register the search attributes by which migrations are found in Temporal; may be repeated')
    .option('--json', 'print what was done as JSON')
    .action(({ json }: { json?: boolean }) =>
      withTemporal(async (context) => {
        const registered = await registerSearchAttributes(context);
        if (json === true) printJson({ registered, known: SEARCH_ATTRIBUTES });
        else if (registered.length === 0) printLine('all search attributes are registered already');
        else printLine(`registered: ${registered.join(', ')}`);
      }),
    );
}

/** Registers what is missing, and returns it. */
async function registerSearchAttributes({ client, config }: Context): Promise<string[]> {
  const { namespace } = config.temporal;
  const { operatorService } = client.connection;
  const missing = await missingSearchAttributes(client, { namespace });
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another set-up was quicker.
    if (!isGrpcServiceError(error) || error.code !== status.ALREADY_EXISTS) throw error;
  }
  return missing;
}
