import { Context } from '@temporalio/activity';
import { knownSearchAttributes, type OperatorConnection } from '../temporal/search-attributes.js';

export interface ListSearchAttributesInput {
  /** Those that the caller would like to set. */
  names: string[];
}

/** Of these names those that are Keywords of the namespace: setting any other fails the workflow that does. */
export function createListSearchAttributes() {
  return async ({ names }: ListSearchAttributesInput): Promise<string[]> => {
    const { client, log } = Context.current();
    const { namespace } = client.options;
    try {
      const connection = client.connection as unknown as OperatorConnection;
      const known = await knownSearchAttributes(connection, { namespace });
      return names.filter((name) => known.get(name)?.isKeyword === true);
    } catch (error) {
      // A server may forbid the call. A campaign runs without search attributes.
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('cannot read the search attributes of the namespace', { reason });
      return [];
    }
  };
}
