/** The VIMs: their load, what is there, what moves. */
import { useState } from 'react';
import { queryOf, segment } from '../api/http.js';
import { useIsOperator } from '../api/session.js';
import type { Orphans, VimRow } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { Dialog } from '../components/dialog.js';
import { LinkButton } from '../components/link-button.js';
import { LoadState } from '../components/load-state.js';
import { UsageMeter } from '../components/meter.js';
import { Named } from '../components/named.js';
import { Page } from '../components/page.js';
import { TableRegion } from '../components/table-region.js';
import { numberText } from '../text/times.js';

const HEAD = [
  ...['VIM', 'Type', 'City', 'Cores', 'Memory (MB)'],
  ...['VNFs', 'Moving in', 'Moving out'].map((name) => ({ number: name })),
  'Look and act',
];

export function VimsPage() {
  const query = useQuery<{ vims: VimRow[] }>('/vims', { everyMs: 10_000 });
  const [looked, setLooked] = useState<VimRow | null>(null);
  return (
    <Page title="VIMs">
      <LoadState query={query} what="VIMs" />
      {query.data === null ? null : (
        <TableRegion caption="VIMs" head={HEAD}>
          {query.data.vims.map((vim) => (
            <VimLine key={vim.uuid} vim={vim} onOrphans={setLooked} />
          ))}
        </TableRegion>
      )}
      {looked === null ? null : <OrphansDialog vim={looked} onClose={() => setLooked(null)} />}
    </Page>
  );
}

function VimLine({ vim, onOrphans }: { vim: VimRow; onOrphans: (vim: VimRow) => void }) {
  const isOperator = useIsOperator();
  const { uuid, name, type, city, cores, memoryMb, vnfs, movingIn, movingOut } = vim;
  return (
    <tr>
      <th scope="row">
        <Named name={name} uuid={uuid} />
      </th>
      <td>{type ?? '?'}</td>
      <td>{city ?? '?'}</td>
      <td>
        <Load label="Cores" usage={cores} />
      </td>
      <td>
        <Load label="Memory (MB)" usage={memoryMb} />
      </td>
      <td className="number">{vnfs === null ? '?' : numberText(vnfs)}</td>
      <td className="number">{numberText(movingIn)}</td>
      <td className="number">{numberText(movingOut)}</td>
      <td>
        <div className="orders">
          <button type="button" className="secondary outline small" onClick={() => onOrphans(vim)}>
            Orphans<span className="only-read"> of {name ?? uuid}</span>
          </button>
          {isOperator ? (
            <LinkButton href={`/campaigns/new${queryOf({ evacuate: uuid })}`} className="small outline">
              Empty this VIM<span className="only-read"> {name ?? uuid}</span>
            </LinkButton>
          ) : null}
        </div>
      </td>
    </tr>
  );
}

function Load({ label, usage }: { label: string; usage: VimRow['cores'] }) {
  if (usage === null) return <span className="quiet">not known</span>;
  return <UsageMeter label={label} {...usage} />;
}

function OrphansDialog({ vim: { uuid, name }, onClose }: { vim: VimRow; onClose: () => void }) {
  const query = useQuery<Orphans>(`/vims/${segment(uuid)}/orphans`);
  const { data } = query;
  return (
    <Dialog title={`Orphans of ${name ?? uuid}`} onClose={onClose}>
      <p>VNFs that are on the VIM, and that no service lists. A campaign does not move them.</p>
      <LoadState query={query} what="Orphans" />
      {data === null ? null : data.orphans.length === 0 ? (
        <p>There are none.</p>
      ) : (
        <TableRegion caption="Orphans" head={['VNF', 'Status', 'Descriptor']} className="low">
          {data.orphans.map((orphan) => (
            <tr key={orphan.vnfUuid}>
              <td>
                <code>{orphan.vnfUuid}</code>
              </td>
              <td>{orphan.status ?? '?'}</td>
              <td>{orphan.descriptorReference ?? '?'}</td>
            </tr>
          ))}
        </TableRegion>
      )}
    </Dialog>
  );
}
