/** The items of a campaign by state: a stacked bar, and the numbers as text. */
import type { ItemCounts } from '../../../shared/campaign/views.js';
import { numberText, percentText } from '../text/times.js';
import { allOf, countsText, endedOf, ITEM_STATES_IN_ORDER, stateText } from '../text/words.js';

export function StackedBar({ counts }: { counts: ItemCounts }) {
  const all = allOf(counts);
  return (
    <div className="stack" role="img" aria-label={countsText(counts)}>
      {ITEM_STATES_IN_ORDER.filter((state) => counts[state] > 0).map((state) => (
        <span
          key={state}
          className={`item-${stateClass(state)}`}
          style={{ width: `${(100 * counts[state]) / all}%` }}
        />
      ))}
    </div>
  );
}

export function CountsLegend({ counts }: { counts: ItemCounts }) {
  return (
    <ul className="legend">
      {ITEM_STATES_IN_ORDER.filter((state) => counts[state] > 0).map((state) => (
        <li key={state}>
          <span className={`swatch item-${stateClass(state)}`} aria-hidden="true" />
          {stateText(state)} <strong>{numberText(counts[state])}</strong>
        </li>
      ))}
    </ul>
  );
}

/** For a row of a list: the bar, and how much of it has ended. */
export function ProgressCell({ counts }: { counts: ItemCounts | null }) {
  if (counts === null) return <span className="quiet">not known</span>;
  const [ended, all] = [endedOf(counts), allOf(counts)];
  if (all === 0) return <span className="quiet">no items</span>;
  return (
    <div className="progress-cell">
      <StackedBar counts={counts} />
      <span>
        {percentText(ended / all)} <span className="quiet">of {numberText(all)}</span>
      </span>
    </div>
  );
}

/** The class of an item's state in the style sheet. */
export function stateClass(state: string): string {
  return state.toLowerCase().replaceAll('_', '-');
}
