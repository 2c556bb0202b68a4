import { Context } from '@temporalio/activity';
import proto from '@temporalio/proto';

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
      const { operatorService } = client.connection as unknown as OperatorConnection;
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      return names.filter((name) => customAttributes?.[name] === KEYWORD);
    } catch (error) {
      // Not every server lets everybody ask; a campaign goes without.
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('the search attributes of the namespace are not known', { reason });
      return [];
    }
  };
}

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

interface OperatorConnection {
  operatorService: {
    listSearchAttributes: (request: {
      namespace: string;
    }) => Promise<{ customAttributes?: Record<string, unknown> | null }>;
  };
}
