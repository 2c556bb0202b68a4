/** Where items go, how many at a time, in which order, when, and what failures do. */
import type { VimRow } from '../../api/types.js';
import { Field } from '../../components/field.js';
import { VimPicker } from '../../components/vim-picker.js';
import { WindowsEditor } from '../../components/windows-editor.js';
import { STRATEGIES, type Draft, type Strategy } from './draft.js';
import { TextField, type DraftProps } from './text-field.js';

const STRATEGY_NAMES: Readonly<Record<Strategy, string>> = {
  one: 'one: to that VIM',
  spread: 'spread: to the VIM that the fewest items were given so far',
  'most-free': 'most-free: to the VIM with the most room, chosen at the start of an item',
};

export function Targets(props: DraftProps & { vims: readonly VimRow[] | null }) {
  const { draft, onChange, vims } = props;
  const choose = (targets: readonly string[]): void => {
    const strategy = targets.length > 1 && draft.strategy === 'one' ? 'spread' : draft.strategy;
    onChange({ targets, strategy });
  };
  return (
    <fieldset>
      <legend>Where to</legend>
      <VimPicker
        label="Target VIMs"
        pointer="/campaign/target"
        hint="By name or uuid. Enter adds one."
        vims={vims}
        chosen={draft.targets}
        onChange={choose}
      />
      <div className="field-row">
        <Field label="Strategy" pointer="/campaign/target/strategy">
          {(control) => (
            <select
              {...control}
              value={draft.strategy}
              onChange={(event) => onChange({ strategy: event.target.value as Strategy })}
            >
              {STRATEGIES.map((strategy) => (
                <option
                  key={strategy}
                  value={strategy}
                  disabled={strategy === 'one' && draft.targets.length > 1}
                >
                  {STRATEGY_NAMES[strategy]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {draft.strategy === 'most-free' ? (
          <TextField
            {...props}
            name="headroom"
            label="Headroom"
            pointer="/campaign/target/headroom"
            hint="The share of each VIM that stays free."
          />
        ) : null}
      </div>
    </fieldset>
  );
}

export function LimitsAndBudget(props: DraftProps) {
  return (
    <fieldset>
      <legend>Limits and error budget</legend>
      <div className="field-row">
        <TextField {...props} name="total" label="In flight in all" pointer="/campaign/limits/total" />
        <TextField
          {...props}
          name="perSourceVim"
          label="Per source VIM"
          pointer="/campaign/limits/perSourceVim"
        />
        <TextField
          {...props}
          name="perTargetVim"
          label="Per target VIM"
          pointer="/campaign/limits/perTargetVim"
        />
        <TextField
          {...props}
          name="maxErrors"
          label="Errors"
          pointer="/campaign/budget/maxErrors"
          hint="A number, or a percentage of all items."
        />
        <TextField
          {...props}
          name="maxConsecutive"
          label="Errors in a row"
          pointer="/campaign/budget/maxConsecutive"
        />
        <Choice
          {...props}
          name="budgetAction"
          label="Then"
          pointer="/campaign/budget/action"
          options={['pause', 'abort']}
        />
      </div>
    </fieldset>
  );
}

export function Stages(props: DraftProps) {
  const { draft, onChange } = props;
  return (
    <fieldset>
      <legend>Stages</legend>
      <div className="field-row">
        <TextField
          {...props}
          name="canary"
          label="Canary"
          pointer="/campaign/canary"
          hint="So many items go first. Empty: none."
        />
        <Choice
          {...props}
          name="gate"
          label="Between waves"
          pointer="/campaign/waves/gate"
          options={['none', 'manual']}
        />
        <TextField
          {...props}
          name="soak"
          label="Soak"
          pointer="/campaign/waves/soak"
          hint="Time between two waves, such as 10m."
        />
        <Choice
          {...props}
          name="order"
          label="Order"
          pointer="/campaign/order"
          options={['priority', 'input']}
        />
      </div>
      <label>
        <input
          type="checkbox"
          checked={draft.pauseAfterCanary}
          onChange={(event) => onChange({ pauseAfterCanary: event.target.checked })}
        />
        Wait for approve after the canary
      </label>
    </fieldset>
  );
}

export function Times(props: DraftProps) {
  const { draft, onChange } = props;
  return (
    <fieldset>
      <legend>Time</legend>
      <WindowsEditor
        windows={draft.windows}
        onChange={(windows) => onChange({ windows })}
        pointer="/campaign/windows"
      />
      <div className="field-row">
        <TextField
          {...props}
          name="cutoff"
          label="Cutoff"
          pointer="/campaign/cutoff"
          hint="Nothing starts so shortly before a window closes: auto, or such as 10m."
        />
        <TextField
          {...props}
          name="notBefore"
          label="Not before"
          pointer="/campaign/notBefore"
          hint="Such as 2026-12-24T22:00:00+02:00."
        />
        <TextField
          {...props}
          name="rampFrom"
          label="Ramp-up from"
          pointer="/campaign/rampUp/from"
          hint="In flight at first. Empty: no ramp-up."
        />
        <TextField
          {...props}
          name="rampFactor"
          label="Ramp-up factor"
          pointer="/campaign/rampUp/factor"
          hint="Such as 2."
        />
      </div>
    </fieldset>
  );
}

export function NameAndReason(props: DraftProps) {
  return (
    <fieldset>
      <legend>Name and reason</legend>
      <div className="field-row">
        <TextField
          {...props}
          name="name"
          label="Name"
          pointer="/name"
          hint="Empty: one is made of what it does."
        />
        <TextField
          {...props}
          name="reason"
          label="Reason"
          pointer="/campaign/reason"
          hint="For the audit trail."
        />
        <TextField
          {...props}
          name="notify"
          label="Receivers"
          pointer="/campaign/notify"
          hint="Of its events, as NOTIFY_FILE names them, such as ops."
        />
        <TextField
          {...props}
          name="assume"
          label="A migration takes"
          pointer="/assume"
          hint="Only for the estimate of the plan."
        />
      </div>
    </fieldset>
  );
}

interface ChoiceProps<Name extends keyof Draft> extends DraftProps {
  name: Name;
  label: string;
  pointer: string;
  options: readonly (Draft[Name] & string)[];
}

function Choice<Name extends 'budgetAction' | 'gate' | 'order'>(props: ChoiceProps<Name>) {
  const { draft, onChange, name, label, pointer, options } = props;
  return (
    <Field label={label} pointer={pointer}>
      {(control) => (
        <select
          {...control}
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        >
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
