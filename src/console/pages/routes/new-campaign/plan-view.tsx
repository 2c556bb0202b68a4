/** What a campaign would do, and what stands against it. */
import { useMemo, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { OppositeCampaign } from '../../../../shared/campaign/opposite.js';
import { campaignLabel } from '../../../../shared/names.js';
import { shortDuration } from '../../../../shared/duration.js';
import { labelled } from '../../../../shared/vim/vim.js';
import type { PlanAnswer } from '../../api/types.js';
import { FINDINGS_HEAD, FindingRows } from '../../components/finding-rows.js';
import { UsageMeter } from '../../components/meter.js';
import { Named } from '../../components/named.js';
import { ColumnHead, TableRegion } from '../../components/table-region.js';
import { VirtualTable } from '../../components/virtual-table.js';
import { campaignPlace } from '../../text/places.js';
import { countText, numberText } from '../../text/times.js';

export function PlanView({ plan }: { plan: PlanAnswer }) {
  return (
    <>
      <Verdict plan={plan} />
      <Opposites plan={plan} />
      <Stages plan={plan} />
      <Conflicts plan={plan} />
      <Load plan={plan} />
      <PlannedItems plan={plan} />
    </>
  );
}

function Verdict({ plan }: { plan: PlanAnswer }) {
  const { name, items, problems, canRun, hasRepository, estimate } = plan;
  const { totalMs, assumeMs } = estimate;
  return (
    <div className={canRun ? 'banner good' : 'banner bad'} role="status">
      <p>
        <strong>
          {name}: {countText(items.length, ['item', 'items'])}.
        </strong>{' '}
        {canRun ? 'Everything can be moved, or is there already.' : 'Something stands against it.'}
      </p>
      {problems.map((problem) => (
        <p key={problem}>It cannot run: {problem}</p>
      ))}
      {hasRepository ? null : (
        <p>There is no repository: where the VNFs are, and what stands against them, is not known.</p>
      )}
      {items.length === 0 ? null : (
        <p>
          About {shortDuration(totalMs)}, if each takes {shortDuration(assumeMs)}, none fails, and nobody is
          waited for.
        </p>
      )}
    </div>
  );
}

/** What the running campaign does against the planned one. */
function oppositeText(
  { emptiedByIt, filledByIt }: OppositeCampaign,
  nameOf: (vimUuid: string) => string,
): string {
  const named = (vims: readonly string[]): string => vims.map(nameOf).join(', ');
  const does = [
    ...(emptiedByIt.length === 0 ? [] : [`empties ${named(emptiedByIt)}, where this one moves VNFs to`]),
    ...(filledByIt.length === 0 ? [] : [`moves VNFs to ${named(filledByIt)}, which this one empties`]),
  ];
  return `runs and ${does.join(', and ')}.`;
}

function Opposites({ plan: { oppositeCampaigns, load } }: { plan: PlanAnswer }) {
  const names = new Map(load.vims.map(({ vimUuid, vimName }) => [vimUuid, vimName]));
  const nameOf = (vimUuid: string): string => labelled(names.get(vimUuid), vimUuid);
  if (oppositeCampaigns === null) {
    return (
      <p className="banner doubt">
        <span>Whether a running campaign works against it is not known.</span>
      </p>
    );
  }
  return oppositeCampaigns.map((opposite) => (
    <p key={opposite.workflowId} className="banner bad">
      <span>
        <Link href={campaignPlace(opposite.workflowId)}>{campaignLabel(opposite.workflowId)}</Link>{' '}
        {oppositeText(opposite, nameOf)}
      </span>
    </p>
  ));
}

function Stages({ plan: { stages, estimate } }: { plan: PlanAnswer }) {
  if (stages.length < 2) return null;
  return (
    <TableRegion
      caption="Stages"
      showsCaption
      head={['Stage', { number: 'Items' }, 'Begins', { number: 'About' }]}
    >
      {stages.map(({ kind, wave, gate, items }, nth) => (
        <tr key={nth}>
          <th scope="row">{kind === 'canary' ? 'canary' : `wave ${wave}`}</th>
          <td className="number">{numberText(items.length)}</td>
          <td>{nth === 0 ? 'at once' : gate === 'manual' ? 'after approve' : 'after the stage before it'}</td>
          <td className="number">{shortDuration(estimate.stagesMs[nth] ?? 0)}</td>
        </tr>
      ))}
    </TableRegion>
  );
}

function Conflicts({ plan: { conflicts } }: { plan: PlanAnswer }) {
  if (conflicts.length === 0) return null;
  return (
    <TableRegion
      caption={countText(conflicts.length, ['conflict', 'conflicts'])}
      showsCaption
      head={FINDINGS_HEAD}
      className="low"
    >
      <FindingRows findings={conflicts} />
    </TableRegion>
  );
}

const LOAD_HEAD = ['VIM', { number: 'From' }, { number: 'To' }, 'Cores', 'Memory (MB)'];

function Load({ plan: { load } }: { plan: PlanAnswer }) {
  const { vims, withoutNeeds, waitingForRoom, unavailable } = load;
  return (
    <>
      <TableRegion caption="VIMs, before and after" showsCaption head={LOAD_HEAD}>
        {vims.map(({ vimUuid, vimName, leaving, arriving, cores, memoryMb }) => (
          <tr key={vimUuid}>
            <th scope="row">
              <Named name={vimName} uuid={vimUuid} />
            </th>
            <td className="number">{numberText(leaving)}</td>
            <td className="number">{numberText(arriving)}</td>
            <td>
              <Change label="Cores" change={cores} />
            </td>
            <td>
              <Change label="Memory (MB)" change={memoryMb} />
            </td>
          </tr>
        ))}
      </TableRegion>
      {unavailable === null ? null : <p>The load of the VIMs is not known: {unavailable}</p>}
      {withoutNeeds === 0 ? null : (
        <p>{countText(withoutNeeds, ['item states', 'items state'])} no needs and count as nothing.</p>
      )}
      {waitingForRoom === 0 ? null : (
        <p>
          No target VIM has room for {countText(waitingForRoom, ['item', 'items'])} now: they would wait
          (capacity).
        </p>
      )}
    </>
  );
}

interface ChangeProps {
  label: string;
  change: { before: number; after: number; total: number } | null;
}

function Change({ label, change }: ChangeProps) {
  if (change === null) return <span className="quiet">not known</span>;
  return <UsageMeter label={label} used={change.before} after={change.after} total={change.total} />;
}

const ITEM_HEAD = [{ number: 'Start' }, 'VNF', 'Service', 'From', 'To', { number: 'Wave' }];

/** In the order of their starts. */
function PlannedItems({ plan: { items, stages, load } }: { plan: PlanAnswer }) {
  const order = useMemo(() => stages.flatMap((stage) => stage.items), [stages]);
  const names = useMemo(() => new Map(load.vims.map(({ vimUuid, vimName }) => [vimUuid, vimName])), [load]);
  const vimText = (uuid: string | null): string => (uuid === null ? '?' : (names.get(uuid) ?? uuid));
  const rowOf = (index: number, rowIndex: number): ReactNode => {
    const item = items[order[index] ?? -1];
    if (item === undefined) return null;
    const { vnfName, vnfUuid, serviceName, serviceInstanceUuid, sourceVimUuid, targetVimUuid, wave } = item;
    return (
      <tr key={vnfUuid} aria-rowindex={rowIndex}>
        <td className="number">{index + 1}</td>
        <th scope="row" title={labelled(vnfName, vnfUuid)}>
          {vnfName ?? vnfUuid}
        </th>
        <td title={serviceInstanceUuid}>{serviceName ?? serviceInstanceUuid}</td>
        <td>{vimText(sourceVimUuid)}</td>
        <td>{targetVimUuid === null ? 'chosen at its start' : vimText(targetVimUuid)}</td>
        <td className="number">{wave}</td>
      </tr>
    );
  };
  if (items.length === 0) return null;
  return (
    <>
      <h3>Items, in the order of their starts</h3>
      <VirtualTable
        caption="Planned items"
        className="planned"
        head={ITEM_HEAD.map((column, index) => (
          <ColumnHead key={index} column={column} />
        ))}
        columns={ITEM_HEAD.length}
        count={order.length}
        rowOf={rowOf}
      />
    </>
  );
}
