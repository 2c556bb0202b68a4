/** The orders that the campaign would take at present, as buttons; each opens its dialog. */
import { useEffect, useRef, useState } from 'react';
import type { CampaignItemView, CampaignProgress } from '../../../../shared/campaign/views.js';
import { orderTitle, possibleOrders, type OrderName } from '../../text/orders.js';
import { OrderDialog } from './order-dialog.js';

interface OrdersProps {
  workflowId: string;
  progress: CampaignProgress;
  /** That have not begun. */
  selected: readonly CampaignItemView[];
  onAnswer: (progress: CampaignProgress) => void;
}

const OF_ITEMS: readonly OrderName[] = ['skip', 'reprioritize'];

/** Orders to the campaign as a whole. */
export function OrdersPanel(props: OrdersProps) {
  const orders = possibleOrders(props.progress, 0);
  return (
    <section>
      {orders.length === 0 ? <p className="quiet">The campaign takes no orders at present.</p> : null}
      <OrderButtons orders={orders} {...props} />
    </section>
  );
}

/** Orders to the selected items. */
export function SelectionOrders(props: OrdersProps) {
  const { progress, selected } = props;
  const orders = possibleOrders(progress, selected.length).filter((order) => OF_ITEMS.includes(order));
  if (orders.length === 0) {
    return <p className="quiet">To skip or reprioritize items that have not begun, select them.</p>;
  }
  return <OrderButtons orders={orders} {...props} />;
}

function OrderButtons({ orders, ...given }: OrdersProps & { orders: readonly OrderName[] }) {
  const [order, setOrder] = useState<OrderName | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const lastFocused = useRef<Element | null>(null);
  const offered = orders.join();
  useEffect(() => {
    // The button that had the focus is no longer offered.
    const isGone = lastFocused.current?.isConnected === false;
    if (isGone && document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, [offered]);
  return (
    <>
      <div
        className="orders"
        ref={box}
        tabIndex={-1}
        onFocus={(event) => (lastFocused.current = event.target)}
      >
        {orders.map((each) => (
          <button
            key={each}
            type="button"
            className={each === 'abort' ? 'small danger' : 'small secondary outline'}
            onClick={() => setOrder(each)}
          >
            {orderTitle(each)}
          </button>
        ))}
      </div>
      {order === null ? null : <OrderDialog order={order} {...given} onClose={() => setOrder(null)} />}
    </>
  );
}
