/** One campaign, live. */
import { useCallback, useMemo, useState } from 'react';
import type { CampaignItemView, CampaignProgress } from '../../../../shared/campaign/views.js';
import { useIsOperator } from '../../api/session.js';
import type { CampaignView } from '../../api/types.js';
import { NotLive } from '../../components/not-live.js';
import { NotReadYet } from '../../components/not-read-yet.js';
import { Page } from '../../components/page.js';
import { useNow } from '../../components/use-now.js';
import { knownItems, notLive, type CampaignLive } from '../../live/campaign-state.js';
import { CampaignStore } from '../../live/campaign-store.js';
import { useLive, useLiveStore } from '../../live/use-live.js';
import { hasBegun } from '../../text/campaign-items.js';
import { AuditTrail } from './audit-trail.js';
import { EndedPanel } from './ended-panel.js';
import { Findings } from './findings.js';
import { GanttChart } from './gantt.js';
import { InFlight } from './in-flight.js';
import { ItemsTable, type Selection } from './items-table.js';
import { LastFailures } from './last-failures.js';
import { OrdersPanel, SelectionOrders } from './orders-panel.js';
import { ReportLinks } from './report-links.js';
import { Summary } from './summary.js';
import { VimTable } from './vim-table.js';
import { WaitingTable } from './waiting-table.js';

export function CampaignPage({ id }: { id: string }) {
  const store = useLiveStore(CampaignStore, id);
  if (store === null) return null;
  return <LiveCampaign id={id} store={store} />;
}

function LiveCampaign({ id, store }: { id: string; store: CampaignStore }) {
  const live = useLive(store);
  const { view, link } = live;
  const refusal = view === null && link.kind === 'refused' ? link.reason : null;
  return (
    <Page title={view?.name ?? id} actions={view === null ? undefined : <ReportLinks id={id} />}>
      {refusal === null ? <NotLive since={notLive(live)} /> : null}
      {view === null ? (
        <NotReadYet what="the campaign" refusal={refusal} />
      ) : (
        <Campaign view={view} live={live} store={store} />
      )}
    </Page>
  );
}

interface CampaignProps {
  view: CampaignView;
  live: CampaignLive;
  store: CampaignStore;
}

function Campaign({ view, live, store }: CampaignProps) {
  const { progress, audit } = live;
  const items = useMemo(() => knownItems(live), [live.items]);
  const isRunning = view.isRunning && progress?.finishedAt == null;
  const nowMs = useNow(isRunning);
  // Drawn anew once a second, however fast items change.
  const drawnItems = useMemo(() => items, [nowMs, live.isComplete]);
  const onAnswer = useCallback((answer: CampaignProgress) => store.takeAnswer(answer), [store]);
  const isOperator = useIsOperator();
  const mayOrder = isOperator && isRunning;
  const trail = audit ?? view.result?.audit ?? null;
  return (
    <>
      <Standing view={view} progress={progress} nowMs={nowMs} />
      {progress === null || !mayOrder ? null : (
        <OrdersPanel workflowId={view.workflowId} progress={progress} selected={[]} onAnswer={onAnswer} />
      )}
      {view.isRunning ? null : <EndedPanel view={view} isOperator={isOperator} />}
      {progress === null ? null : <Details progress={progress} nowMs={nowMs} />}
      <GanttChart items={drawnItems} nowMs={isRunning ? nowMs : 0} />
      <SelectableItems
        view={view}
        progress={progress}
        items={items}
        total={live.isComplete ? null : live.total}
        mayOrder={mayOrder}
        onAnswer={onAnswer}
      />
      {trail === null ? null : <AuditTrail entries={trail} />}
    </>
  );
}

interface StandingProps {
  view: CampaignView;
  progress: CampaignProgress | null;
  nowMs: number;
}

/** What the page can say of a campaign even where the campaign itself does not answer. */
function Standing({ view, progress, nowMs }: StandingProps) {
  const { failure, unavailable } = view;
  return (
    <>
      {unavailable == null ? null : <p className="banner doubt">{unavailable}</p>}
      {failure === null ? null : (
        <div className="banner bad">
          <p>
            <strong>{failure.type ?? 'It failed'}:</strong> {failure.message}
          </p>
        </div>
      )}
      <Summary view={view} progress={progress} nowMs={nowMs} />
    </>
  );
}

function Details({ progress, nowMs }: { progress: CampaignProgress; nowMs: number }) {
  return (
    <>
      <WaitingTable waiting={progress.waiting} waitedMs={progress.waitedMs} />
      <InFlight inFlight={progress.inFlight} nowMs={nowMs} />
      <LastFailures failures={progress.lastFailures} />
      <VimTable byVim={progress.byVim} />
      <Findings findings={progress} />
    </>
  );
}

interface SelectableItemsProps {
  view: CampaignView;
  progress: CampaignProgress | null;
  items: readonly CampaignItemView[];
  /** Null: all items are read. */
  total: number | null;
  mayOrder: boolean;
  onAnswer: (progress: CampaignProgress) => void;
}

function SelectableItems({ view, progress, items, total, mayOrder, onAnswer }: SelectableItemsProps) {
  const [selected, setSelected] = useState<Selection>(new Set<string>());
  const selectedItems = useMemo(
    () => items.filter((item) => selected.has(item.vnfUuid) && !hasBegun(item)),
    [items, selected],
  );
  const orders =
    progress === null || !mayOrder ? null : (
      <SelectionOrders
        workflowId={view.workflowId}
        progress={progress}
        selected={selectedItems}
        onAnswer={(answer) => {
          setSelected(new Set());
          onAnswer(answer);
        }}
      />
    );
  return (
    <ItemsTable
      items={items}
      total={total}
      selected={mayOrder ? selected : null}
      onSelect={setSelected}
      orders={orders}
    />
  );
}
