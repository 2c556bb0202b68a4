/** The limits of the deployment: what is set, who holds a permit, who waits for one. */
import { useState } from 'react';
import { Link } from 'wouter';
import { campaignLabel } from '../../../shared/names.js';
import type { LimitsState } from '../../../shared/limits/contract.js';
import { useIsOperator } from '../api/session.js';
import type { VimRow } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { LoadState } from '../components/load-state.js';
import { Named, ShortNamed } from '../components/named.js';
import { Page } from '../components/page.js';
import { AuditTable } from '../components/audit-table.js';
import { TableRegion } from '../components/table-region.js';
import { Time } from '../components/time.js';
import { campaignPlace, migrationPlace } from '../text/places.js';
import { countText, numberText } from '../text/times.js';
import { migrationLabel } from '../text/words.js';
import { ClearLimitsDialog, SetLimitsDialog } from './limits-dialogs.js';

type Names = ReadonlyMap<string, string | null>;

export function LimitsPage() {
  const query = useQuery<LimitsState>('/limits', { everyMs: 5_000 });
  const vims = useQuery<{ vims: VimRow[] }>('/vims').data?.vims ?? null;
  const names: Names = new Map((vims ?? []).map(({ uuid, name }) => [uuid, name]));
  const { data, problem } = query;
  const wereNeverSet = problem?.code === 'not-found';
  return (
    <Page
      title="Limits of the deployment"
      actions={<Orders state={data} vims={vims} onDone={query.reload} />}
    >
      {wereNeverSet ? <p>No limits are set.</p> : <LoadState query={query} what="Limits" />}
      {data === null || wereNeverSet ? null : <Limits state={data} names={names} />}
    </Page>
  );
}

interface OrdersProps {
  state: LimitsState | null;
  vims: readonly VimRow[] | null;
  onDone: () => void;
}

function Orders({ state, vims, onDone }: OrdersProps) {
  const [order, setOrder] = useState<'set' | 'clear' | null>(null);
  const close = (): void => setOrder(null);
  if (!useIsOperator()) return null;
  return (
    <>
      <button type="button" onClick={() => setOrder('set')}>
        Set limits
      </button>
      {state?.limits == null ? null : (
        <button type="button" className="secondary outline" onClick={() => setOrder('clear')}>
          Clear
        </button>
      )}
      {order === 'set' ? <SetLimitsDialog state={state} vims={vims} onClose={close} onDone={onDone} /> : null}
      {order === 'clear' ? <ClearLimitsDialog onClose={close} onDone={onDone} /> : null}
    </>
  );
}

function Limits({ state, names }: { state: LimitsState; names: Names }) {
  const { limits, inFlight, waitingCount } = state;
  return (
    <>
      <p aria-live="polite">
        {limits === null
          ? 'No limits are set.'
          : `${numberText(inFlight)} in flight, ${numberText(waitingCount)} waiting; ${
              limits.total === null ? 'no limit in all' : `at most ${numberText(limits.total)} in all`
            }.`}
      </p>
      <VimLimits vims={state.vims} names={names} />
      <Permits title="Waiting" permits={state.waiting} total={waitingCount} names={names} />
      <Permits title="Holding a permit" permits={state.leases} total={inFlight} names={names} />
      <Audit entries={state.audit} />
    </>
  );
}

const VIM_HEAD = ['VIM', ...['In', 'Out', 'Waiting in', 'Waiting out'].map((name) => ({ number: name }))];

function VimLimits({ vims, names }: { vims: LimitsState['vims']; names: Names }) {
  if (vims.length === 0) return null;
  return (
    <section>
      <h2>VIMs</h2>
      <TableRegion caption="Limits by VIM" head={VIM_HEAD}>
        {vims.map((vim) => (
          <tr key={vim.vimUuid}>
            <th scope="row">
              <ShortNamed name={names.get(vim.vimUuid)} uuid={vim.vimUuid} />
            </th>
            <td className="number">{ofLimit(vim.inNow, vim.in)}</td>
            <td className="number">{ofLimit(vim.outNow, vim.out)}</td>
            <td className="number">{numberText(vim.waitingIn)}</td>
            <td className="number">{numberText(vim.waitingOut)}</td>
          </tr>
        ))}
      </TableRegion>
    </section>
  );
}

function ofLimit(now: number, limit: number | null): string {
  return limit === null ? numberText(now) : `${numberText(now)} of ${numberText(limit)}`;
}

const PERMIT_HEAD = ['VNF', 'From', 'To', 'Why', 'Since', 'For'];

interface PermitsProps {
  title: string;
  permits: readonly (LimitsState['leases'][number] & { reason?: string })[];
  total: number;
  names: Names;
}

function Permits({ title, permits, total, names }: PermitsProps) {
  if (permits.length === 0) return null;
  const more = total - permits.length;
  const hasReasons = permits.some(({ reason }) => reason !== undefined);
  return (
    <section>
      <h2>{title}</h2>
      <TableRegion
        caption={title}
        head={hasReasons ? PERMIT_HEAD : PERMIT_HEAD.filter((name) => name !== 'Why')}
        className="tall"
      >
        {permits.map(({ vnfUuid, sourceVimUuid, targetVimUuid, owner, since, reason }) => (
          <tr key={vnfUuid}>
            <th scope="row">
              <Named uuid={vnfUuid} />
            </th>
            <td>
              <ShortNamed name={names.get(sourceVimUuid ?? '')} uuid={sourceVimUuid} />
            </td>
            <td>
              <ShortNamed name={names.get(targetVimUuid)} uuid={targetVimUuid} />
            </td>
            {hasReasons ? <td>{reason}</td> : null}
            <td>
              <Time iso={since} />
            </td>
            <td>
              <Owner workflowId={owner} />
            </td>
          </tr>
        ))}
      </TableRegion>
      {more > 0 ? <p>And {countText(more, ['other', 'others'])}.</p> : null}
    </section>
  );
}

/** A campaign holds permits for its items, a migration that stands alone one for itself. */
function Owner({ workflowId }: { workflowId: string }) {
  const label = campaignLabel(workflowId);
  if (label !== workflowId) return <Link href={campaignPlace(workflowId)}>{label}</Link>;
  return <Link href={migrationPlace(workflowId)}>migration {migrationLabel(workflowId)}</Link>;
}

function Audit({ entries }: { entries: LimitsState['audit'] }) {
  if (entries.length === 0) return null;
  return (
    <section>
      <h2>Audit trail</h2>
      <AuditTable entries={entries} />
    </section>
  );
}
