/** A state as a word with a symbol; the colour only repeats them. */
import { stateText, symbolOf, toneOf, type Tone } from '../text/words.js';

export function StateBadge({ state, tone = toneOf(state) }: { state: string; tone?: Tone }) {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{symbolOf(tone)}</span> {stateText(state)}
    </span>
  );
}
