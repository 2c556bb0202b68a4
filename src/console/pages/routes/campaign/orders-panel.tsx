/** The orders that the campaign would take at present. */
import { useState } from 'react';
import type { CampaignItemView, CampaignProgress } from '../../../../shared/campaign/views.js';
import { countText } from '../../text/times.js';
import { orderTitle, possibleOrders, type OrderName } from '../../text/orders.js';
import { OrderDialog } from './order-dialog.js';

interface OrdersPanelProps {
  workflowId: string;
  progress: CampaignProgress;
  /** That have not begun. */
  selected: readonly CampaignItemView[];
  onAnswer: (progress: CampaignProgress) => void;
}

export function OrdersPanel({ workflowId, progress, selected, onAnswer }: OrdersPanelProps) {
  const [order, setOrder] = useState<OrderName | null>(null);
  const possible = possibleOrders(progress, selected.length);
  return (
    <section>
      <h2>Orders</h2>
      {possible.length === 0 ? <p className="quiet">The campaign takes no orders at present.</p> : null}
      <div className="orders">
        {possible.map((each) => (
          <button
            key={each}
            type="button"
            className={each === 'abort' ? 'small danger' : 'small secondary outline'}
            onClick={() => setOrder(each)}
          >
            {orderTitle(each)}
            {each === 'skip' || each === 'reprioritize'
              ? ` ${countText(selected.length, ['item', 'items'])}`
              : ''}
          </button>
        ))}
      </div>
      <p className="quiet">To skip or reprioritize items, select them in the table below.</p>
      {order === null ? null : (
        <OrderDialog
          order={order}
          workflowId={workflowId}
          progress={progress}
          selected={selected}
          onClose={() => setOrder(null)}
          onAnswer={onAnswer}
        />
      )}
    </section>
  );
}
