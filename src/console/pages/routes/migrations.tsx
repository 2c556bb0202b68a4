/** All migrations, newest first. */
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { campaignLabel } from '../../../shared/names.js';
import { queryOf } from '../api/http.js';
import { keyOf } from '../api/pages-of-rows.js';
import { useIsOperator } from '../api/session.js';
import type { MigrationPage, MigrationRow, VimRow } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { useRows } from '../api/use-rows.js';
import { LoadState } from '../components/load-state.js';
import { MoreRows } from '../components/more-rows.js';
import { Page } from '../components/page.js';
import { StatusFilter } from '../components/run-status.js';
import { StateBadge } from '../components/state-badge.js';
import { TableRegion } from '../components/table-region.js';
import { Time } from '../components/time.js';
import { campaignPlace, migrationPlace } from '../text/places.js';
import { migrationLabel } from '../text/words.js';
import { StartMigrationDialog } from './start-migration-dialog.js';

const EVERY_MS = 4_000;
const FILTERS = [
  ['vnf', 'VNF uuid'],
  ['service', 'Service uuid'],
  ['vim', 'Target VIM'],
  ['campaign', 'Campaign'],
] as const;

export function MigrationsPage() {
  const [search, setSearch] = useSearchParams();
  const [isStarting, setIsStarting] = useState(false);
  const isOperator = useIsOperator();
  const valueOf = (name: string): string => search.get(name) ?? '';
  const filter = (name: string, value: string): void =>
    setSearch(
      (before) => {
        if (value === '') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const given = Object.fromEntries(
    ['status', ...FILTERS.map(([name]) => name)].map((name) => [name, valueOf(name)]),
  );
  const query = useRows<MigrationPage, MigrationRow>({
    pathOf: (cursor) => `/migrations${queryOf({ ...given, limit: 50, cursor })}`,
    pageOf: ({ migrations, nextCursor }) => ({ rows: migrations, nextCursor }),
    everyMs: EVERY_MS,
  });
  const start = (
    <button type="button" onClick={() => setIsStarting(true)}>
      Start a migration
    </button>
  );
  return (
    <Page title="Migrations" actions={isOperator ? start : undefined}>
      <div className="filters" role="search" aria-label="Migrations">
        <StatusFilter value={valueOf('status')} onChange={(value) => filter('status', value)} />
        {FILTERS.map(([name, label]) => (
          <TextFilter
            key={name}
            label={label}
            value={valueOf(name)}
            onChange={(value) => filter(name, value)}
          />
        ))}
      </div>
      <LoadState query={query.first} what="Migrations" />
      {query.rows === null ? null : <MigrationTable rows={query.rows} />}
      <MoreRows query={query} />
      {isStarting ? <StartMigrationDialog onClose={() => setIsStarting(false)} /> : null}
    </Page>
  );
}

interface TextFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** It filters when it is left or Enter is pressed: half a uuid finds nothing. */
function TextFilter({ label, value, onChange }: TextFilterProps) {
  return (
    <label>
      {label}
      <input
        type="search"
        key={value}
        defaultValue={value}
        onBlur={(event) => onChange(event.target.value.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(event.currentTarget.value.trim());
        }}
      />
    </label>
  );
}

const HEAD = ['VNF', 'Status', 'From', 'To', 'Campaign', 'Started', 'Closed'];

function MigrationTable({ rows }: { rows: readonly MigrationRow[] }) {
  const vims = useQuery<{ vims: VimRow[] }>('/vims').data?.vims ?? [];
  const nameOf = (uuid: string | null): string =>
    uuid === null ? '' : (vims.find((vim) => vim.uuid === uuid)?.name ?? uuid);
  if (rows.length === 0) return <p>There are no migrations.</p>;
  return (
    <TableRegion caption="Migrations, newest first" head={HEAD}>
      {rows.map((row) => (
        <tr key={keyOf(row)}>
          <th scope="row">
            <Link href={migrationPlace(row.workflowId)}>{row.vnfUuid ?? migrationLabel(row.workflowId)}</Link>
          </th>
          <td>
            <StateBadge state={row.status} />
          </td>
          <td title={row.sourceVimUuid ?? undefined}>{nameOf(row.sourceVimUuid)}</td>
          <td title={row.targetVimUuid ?? undefined}>{nameOf(row.targetVimUuid)}</td>
          <td>
            {row.campaign === null ? (
              ''
            ) : (
              <Link href={campaignPlace(row.campaign)}>{campaignLabel(row.campaign)}</Link>
            )}
          </td>
          <td>
            <Time iso={row.startedAt} />
          </td>
          <td>
            <Time iso={row.closedAt} missing="–" />
          </td>
        </tr>
      ))}
    </TableRegion>
  );
}
