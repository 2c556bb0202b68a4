/** Migrations as a list shows them: found and described by their search attributes. */
import type { Client } from '@temporalio/client';
import { MIGRATION_WORKFLOW } from '../shared/names.js';
import { campaignKey, serviceKey, sourceVimKey, targetVimKey, vnfUuidKey } from './search-attributes.js';
import { executionsPage, visibilityQuery, type ListedStatus, type PageRequest } from './visibility.js';

/** Which migrations. What is not given filters nothing. */
export interface MigrationFilters {
  status?: ListedStatus | undefined;
  vnf?: string | undefined;
  service?: string | undefined;
  /** The VIM that it goes to. */
  vim?: string | undefined;
  /** The workflow id of the campaign that it belongs to. */
  campaign?: string | undefined;
}

/** One migration of a list. What a search attribute would tell is null where it was not set. */
export interface ListedMigration {
  workflowId: string;
  /** Temporal's. */
  status: string;
  startedAt: string;
  closedAt: string | null;
  vnfUuid: string | null;
  serviceInstanceUuid: string | null;
  sourceVimUuid: string | null;
  targetVimUuid: string | null;
  /** The workflow id of its campaign. */
  campaign: string | null;
}

export interface MigrationsPage {
  migrations: ListedMigration[];
  /** Null: this was the last page. What it leads to may be empty. */
  nextCursor: string | null;
}

export function migrationsQuery({ status, vnf, service, vim, campaign }: MigrationFilters): string {
  return visibilityQuery(MIGRATION_WORKFLOW, {
    where: {
      ExecutionStatus: status,
      [vnfUuidKey.name]: vnf,
      [serviceKey.name]: service,
      [targetVimKey.name]: vim,
      [campaignKey.name]: campaign,
    },
  });
}

/**
 * A page of migrations, the newest first.
 * @throws InvalidCursorError, MissingSearchAttributesError, ServiceError
 */
export async function migrationPage(
  client: Client,
  { filters = {}, ...page }: PageRequest & { filters?: MigrationFilters },
): Promise<MigrationsPage> {
  const query = migrationsQuery(filters);
  const { executions, nextCursor } = await executionsPage(client, { ...page, query });
  const migrations = executions.map(
    ({ workflowId, status, startTime, closeTime, typedSearchAttributes: attributes }): ListedMigration => ({
      workflowId,
      status: status.name,
      startedAt: startTime.toISOString(),
      closedAt: closeTime?.toISOString() ?? null,
      vnfUuid: attributes.get(vnfUuidKey) ?? null,
      serviceInstanceUuid: attributes.get(serviceKey) ?? null,
      sourceVimUuid: attributes.get(sourceVimKey) ?? null,
      targetVimUuid: attributes.get(targetVimKey) ?? null,
      campaign: attributes.get(campaignKey) ?? null,
    }),
  );
  return { migrations, nextCursor };
}
