/** All campaigns, newest first, and the schedules that start campaigns. */
import { Link, useSearchParams } from 'wouter';
import { queryOf } from '../api/http.js';
import { keyOf } from '../api/pages-of-rows.js';
import { useIsOperator } from '../api/session.js';
import type { CampaignPage, CampaignRow } from '../api/types.js';
import { useRows } from '../api/use-rows.js';
import { ProgressCell } from '../components/counts-bar.js';
import { LinkButton } from '../components/link-button.js';
import { LoadState } from '../components/load-state.js';
import { MoreRows } from '../components/more-rows.js';
import { Page } from '../components/page.js';
import { StatusFilter } from '../components/run-status.js';
import { StateBadge } from '../components/state-badge.js';
import { TableRegion } from '../components/table-region.js';
import { Time } from '../components/time.js';
import { campaignPlace } from '../text/places.js';
import { countsText } from '../text/words.js';
import { Schedules } from './schedules.js';

const EVERY_MS = 4_000;

export function CampaignsPage() {
  const [search, setSearch] = useSearchParams();
  const status = search.get('status') ?? '';
  const query = useRows<CampaignPage, CampaignRow>({
    pathOf: (cursor) => `/campaigns${queryOf({ status, limit: 20, cursor })}`,
    pageOf: ({ campaigns, nextCursor }) => ({ rows: campaigns, nextCursor }),
    everyMs: EVERY_MS,
  });
  return (
    <Page title="Campaigns" actions={<StartLink />}>
      <div className="filters">
        <StatusFilter
          value={status}
          onChange={(value) => setSearch(value === '' ? {} : { status: value }, { replace: true })}
        />
      </div>
      <LoadState query={query.first} what="Campaigns" />
      {query.rows === null ? null : <CampaignTable rows={query.rows} />}
      <MoreRows query={query} />
      <Schedules />
    </Page>
  );
}

function StartLink() {
  return useIsOperator() ? <LinkButton href="/campaigns/new">Start a campaign</LinkButton> : null;
}

const HEAD = ['Campaign', 'State', 'Progress', 'Items', 'Started', 'Ended'];

function CampaignTable({ rows }: { rows: readonly CampaignRow[] }) {
  if (rows.length === 0) return <p>There are no campaigns.</p>;
  return (
    <TableRegion caption="Campaigns, newest first" head={HEAD}>
      {rows.map((row) => (
        <CampaignLine key={keyOf(row)} row={row} />
      ))}
    </TableRegion>
  );
}

function CampaignLine({
  row: { workflowId, name, state, counts, startedAt, closedAt },
}: {
  row: CampaignRow;
}) {
  return (
    <tr>
      <th scope="row">
        <Link href={campaignPlace(workflowId)}>{name}</Link>
      </th>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        <ProgressCell counts={counts} />
      </td>
      <td className="wraps">{counts === null ? '' : countsText(counts)}</td>
      <td>
        <Time iso={startedAt} />
      </td>
      <td>
        <Time iso={closedAt} missing="–" />
      </td>
    </tr>
  );
}
