/** A form in a dialog, with a required reason where it is an order. It closes when it is done. */
import type { ReactNode } from 'react';
import { Dialog } from './dialog.js';
import { Field, FormProblems } from './field.js';
import { ProblemList } from './problem-list.js';
import { useSubmit } from './use-submit.js';

interface FormDialogProps {
  title: string;
  /** What it does. */
  effect: ReactNode;
  action: string;
  /** It cannot be undone. */
  isDangerous?: boolean;
  hasReason?: boolean;
  onClose: () => void;
  /** Given the fields; what it throws is shown. */
  send: (form: FormData) => Promise<void>;
  children?: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, effect, action, isDangerous = false, hasReason = true, onClose, send, children } = props;
  const { isBusy, problem, submit } = useSubmit();
  const onSubmit = async (form: FormData): Promise<void> => {
    if (await submit(() => send(form))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void onSubmit(new FormData(event.currentTarget));
        }}
      >
        <div className="effect">{effect}</div>
        <ProblemList problem={problem} />
        <FormProblems value={problem?.problems ?? []}>
          {children}
          {hasReason ? <ReasonField /> : null}
        </FormProblems>
        <footer>
          <button type="button" className="secondary outline" onClick={onClose}>
            Back
          </button>
          <button type="submit" className={isDangerous ? 'danger' : ''} disabled={isBusy} aria-busy={isBusy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

export function ReasonField() {
  return (
    <Field label="Reason" pointer="/reason" hint="For the audit trail. Required.">
      {(control) => <textarea {...control} name="reason" required maxLength={500} rows={2} />}
    </Field>
  );
}

/** The text of a field; empty where it is not there. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
