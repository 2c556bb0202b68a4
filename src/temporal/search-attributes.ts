/** Which search attributes a namespace knows. */
import proto from '@temporalio/proto';

/** The part of a connection that is needed. Temporal's own type of it is not the same for clients and activities. */
export interface OperatorConnection {
  operatorService: {
    listSearchAttributes: (request: {
      namespace: string;
    }) => Promise<{ customAttributes?: Record<string, unknown> | null }>;
  };
}

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

/** The names of the custom search attributes of the namespace, and whether each is a Keyword. */
export async function knownSearchAttributes(
  { operatorService }: OperatorConnection,
  { namespace }: { namespace: string },
): Promise<ReadonlyMap<string, { isKeyword: boolean }>> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return new Map(
    Object.entries(customAttributes ?? {}).map(([name, type]) => [name, { isKeyword: type === KEYWORD }]),
  );
}
