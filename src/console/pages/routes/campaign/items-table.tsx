/** All items of a campaign, by state and text; some of them may be selected. */
import {
  memo,
  useCallback,
  useDeferredValue,
  useMemo,
  useState,
  type Dispatch,
  type ReactNode,
  type SetStateAction,
} from 'react';
import type { CampaignItemView, ItemState } from '../../../../shared/campaign/views.js';
import { VirtualTable } from '../../components/virtual-table.js';
import { filteredItems, hasBegun, type ItemFilter } from '../../text/campaign-items.js';
import { ColumnHead } from '../../components/table-region.js';
import { numberText } from '../../text/times.js';
import { ITEM_STATES_IN_ORDER, stateText } from '../../text/words.js';
import { ItemRow } from './item-row.js';

/** The VNFs of items. */
export type Selection = ReadonlySet<string>;

interface ItemsTableProps {
  items: readonly CampaignItemView[];
  /** Null: all are read. */
  total: number | null;
  /** By VNF; null: nothing is selected here. */
  selected: Selection | null;
  onSelect: Dispatch<SetStateAction<Selection>>;
  /** What can be done with the selected items. */
  orders: ReactNode;
}

export function ItemsTable({ items, total, selected, onSelect, orders }: ItemsTableProps) {
  const [filter, setFilter] = useState<ItemFilter>({ state: '', text: '' });
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => filteredItems(items, wanted), [items, wanted]);
  return (
    <section>
      <h2>Items</h2>
      <Filters filter={filter} onChange={setFilter} />
      <p role="status" className="quiet">
        {total !== null && items.length < total
          ? `Reading items: ${numberText(items.length)} of ${numberText(total)}`
          : `${numberText(shown.length)} of ${numberText(items.length)} items`}
        {selected === null || selected.size === 0 ? '' : `; ${numberText(selected.size)} selected`}
      </p>
      {orders}
      <ItemRows items={shown} selected={selected} onSelect={onSelect} />
    </section>
  );
}

function Filters({ filter, onChange }: { filter: ItemFilter; onChange: (filter: ItemFilter) => void }) {
  return (
    <div className="filters" role="search" aria-label="Items">
      <label>
        State
        <select
          value={filter.state}
          onChange={(event) => onChange({ ...filter, state: event.target.value as ItemState | '' })}
        >
          <option value="">All</option>
          {ITEM_STATES_IN_ORDER.map((state) => (
            <option key={state} value={state}>
              {stateText(state)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Name, uuid or VIM
        <input
          type="search"
          value={filter.text}
          onChange={(event) => onChange({ ...filter, text: event.target.value })}
        />
      </label>
    </div>
  );
}

const HEAD = [
  { number: '#' },
  ...['VNF', 'State', 'Why', 'From', 'To'],
  { number: 'Wave' },
  'Started',
  { number: 'Took' },
];

interface ItemRowsProps {
  items: readonly CampaignItemView[];
  selected: Selection | null;
  onSelect: Dispatch<SetStateAction<Selection>>;
}

const ItemRows = memo(function ItemRows({ items, selected, onSelect }: ItemRowsProps) {
  const toggle = useCallback((vnfUuid: string) => onSelect((chosen) => toggled(chosen, vnfUuid)), [onSelect]);
  const head = (
    <>
      {selected === null ? null : (
        <th scope="col" className="tick">
          <SelectAll items={items} selected={selected} onSelect={onSelect} />
        </th>
      )}
      {HEAD.map((column, index) => (
        <ColumnHead key={index} column={column} />
      ))}
    </>
  );
  const rowOf = (index: number, rowIndex: number): ReactNode => {
    const item = items[index];
    if (item === undefined) return null;
    const isSelected = selected === null ? null : selected.has(item.vnfUuid);
    return (
      <ItemRow key={item.index} item={item} rowIndex={rowIndex} isSelected={isSelected} onToggle={toggle} />
    );
  };
  return (
    <VirtualTable
      caption="Items"
      className="items"
      head={head}
      columns={HEAD.length + (selected === null ? 0 : 1)}
      count={items.length}
      rowOf={rowOf}
    />
  );
});

function toggled(selected: Selection, vnfUuid: string): Selection {
  const changed = new Set(selected);
  if (!changed.delete(vnfUuid)) changed.add(vnfUuid);
  return changed;
}

interface SelectAllProps {
  items: readonly CampaignItemView[];
  selected: Selection;
  onSelect: Dispatch<SetStateAction<Selection>>;
}

/** Of those that are shown, all that have not begun. */
function SelectAll({ items, selected, onSelect }: SelectAllProps) {
  const selectable = useMemo(() => items.filter((item) => !hasBegun(item)), [items]);
  const isAll = selectable.length > 0 && selectable.every(({ vnfUuid }) => selected.has(vnfUuid));
  return (
    <input
      type="checkbox"
      aria-label="Select all shown items that have not begun"
      checked={isAll}
      disabled={selectable.length === 0}
      onChange={() => onSelect(new Set(isAll ? [] : selectable.map(({ vnfUuid }) => vnfUuid)))}
    />
  );
}
