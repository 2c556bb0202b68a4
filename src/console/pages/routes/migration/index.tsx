/** One migration, live: where it stands, and its evidence. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { MigrationState } from '../../../../shared/migration/contract.js';
import { useIsOperator } from '../../api/session.js';
import type { MigrationView } from '../../api/types.js';
import { NotLive } from '../../components/not-live.js';
import { NotReadYet } from '../../components/not-read-yet.js';
import { Page } from '../../components/page.js';
import { notLive } from '../../live/campaign-state.js';
import { MigrationStore } from '../../live/migration-store.js';
import { useLive, useLiveStore } from '../../live/use-live.js';
import { migrationLabel } from '../../text/words.js';
import { CancelDialog } from './cancel-dialog.js';
import { Evidence } from './evidence.js';
import { Outcome } from './outcome.js';
import { ResolveDialog } from './resolve-dialog.js';
import { MigrationSummary } from './summary.js';

export function MigrationPage({ id }: { id: string }) {
  const store = useLiveStore(MigrationStore, id);
  if (store === null) return null;
  return <LiveMigration id={id} store={store} />;
}

function LiveMigration({ id, store }: { id: string; store: MigrationStore }) {
  const live = useLive(store);
  const { view, link } = live;
  const refusal = view === null && link.kind === 'refused' ? link.reason : null;
  const state = view?.state ?? view?.failure?.state ?? null;
  const name = state?.vnfName ?? view?.result?.vnfName;
  return (
    <Page title={`Migration of ${name ?? migrationLabel(view?.workflowId ?? id)}`}>
      {refusal === null ? <NotLive since={notLive(live)} /> : null}
      {view === null ? (
        <NotReadYet what="the migration" refusal={refusal} />
      ) : (
        <Migration view={view} state={state} />
      )}
      <p>
        <Link href="/migrations">All migrations</Link>
      </p>
    </Page>
  );
}

function Migration({ view, state }: { view: MigrationView; state: MigrationState | null }) {
  const isOperator = useIsOperator();
  return (
    <>
      {view.unavailable === null ? null : (
        <p className="banner doubt">
          <span>{view.unavailable}</span>
        </p>
      )}
      <MigrationSummary view={view} state={state} />
      {isOperator && view.closedAt === null ? <Orders view={view} state={state} /> : null}
      <Outcome view={view} />
      {state === null ? null : <Evidence state={state} />}
    </>
  );
}

type Order = 'cancel' | 'resolve';

/** An operator's word is taken only where the migration waits for it. */
function Orders({ view: { workflowId }, state }: { view: MigrationView; state: MigrationState | null }) {
  const [order, setOrder] = useState<Order | null>(null);
  const close = (): void => setOrder(null);
  return (
    <section aria-label="Orders">
      <div className="orders">
        {state?.phase === 'awaiting-operator' ? (
          <button type="button" onClick={() => setOrder('resolve')}>
            Resolve
          </button>
        ) : null}
        <button type="button" className="secondary outline" onClick={() => setOrder('cancel')}>
          Cancel
        </button>
      </div>
      {order === 'cancel' ? (
        <CancelDialog workflowId={workflowId} mayBeRunning={state?.mayBeRunning === true} onClose={close} />
      ) : null}
      {order === 'resolve' ? <ResolveDialog workflowId={workflowId} onClose={close} /> : null}
    </section>
  );
}
