/** The search attributes of migrations. Set at the start, never changed. */
import { status as grpc } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { ConnectedClient } from './connect.js';
import type { MigrationRequest } from '../shared/migration/contract.js';
import { knownSearchAttributes } from '../temporal/search-attributes.js';

export const vnfUuidKey = defineSearchAttributeKey('VnfUuid', SearchAttributeType.KEYWORD);
export const serviceKey = defineSearchAttributeKey('VnfServiceUuid', SearchAttributeType.KEYWORD);
/** Set for the migrations of campaigns, where their source is known. */
export const sourceVimKey = defineSearchAttributeKey('VnfSourceVim', SearchAttributeType.KEYWORD);
export const targetVimKey = defineSearchAttributeKey('VnfTargetVim', SearchAttributeType.KEYWORD);
export const campaignKey = defineSearchAttributeKey('VnfCampaign', SearchAttributeType.KEYWORD);

/** All names that `vnf-migrator setup` registers, each a Keyword. */
export const SEARCH_ATTRIBUTES = [
  'VnfUuid',
  'VnfServiceUuid',
  'VnfSourceVim',
  'VnfTargetVim',
  'VnfCampaign',
] as const;

export function searchAttributesOf({
  vnfUuid,
  serviceInstanceUuid,
  vimUuid,
}: MigrationRequest): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: vnfUuidKey, value: vnfUuid },
    { key: serviceKey, value: serviceInstanceUuid },
    { key: targetVimKey, value: vimUuid },
  ]);
}

/** Of a campaign itself; its migrations have the same. */
export function searchAttributesOfCampaign(workflowId: string): TypedSearchAttributes {
  return new TypedSearchAttributes([{ key: campaignKey, value: workflowId }]);
}

/** The namespace does not have them: `vnf-migrator setup` was not run, and a start does without. */
export function isUnknownSearchAttribute(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    isGrpcServiceError(cause) &&
    cause.code === grpc.INVALID_ARGUMENT &&
    /search attribute/i.test(cause.details)
  );
}

/** Those of them that the namespace does not know yet. */
export async function missingSearchAttributes(
  { connection }: ConnectedClient,
  { namespace }: { namespace: string },
): Promise<string[]> {
  const known = await knownSearchAttributes(connection, { namespace });
  return SEARCH_ATTRIBUTES.filter((name) => !known.has(name));
}
