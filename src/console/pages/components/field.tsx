/** A labelled field of a form, with the problems that the console has named for its JSON pointer. */
import { createContext, useContext, type ReactNode } from 'react';
import type { FieldProblem } from '../api/problem.js';
import { fieldId } from './field-id.js';

/** The problems of the form around a field. */
export const FormProblems = createContext<readonly FieldProblem[]>([]);

interface FieldProps {
  label: string;
  /** Where its value is in the body. */
  pointer: string;
  hint?: ReactNode;
  children: (control: ControlProps) => ReactNode;
}

/** What the control itself must carry. */
export interface ControlProps {
  id: string;
  'aria-describedby': string;
  'aria-invalid'?: true;
}

export function Field({ label, pointer, hint, children }: FieldProps) {
  const own = useContext(FormProblems).filter((problem) => isOf(problem, pointer));
  const id = fieldId(pointer);
  const helpId = `${id}-help`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': helpId,
        ...(own.length === 0 ? {} : { 'aria-invalid': true as const }),
      })}
      <small id={helpId}>
        {own.map(({ detail }, index) => (
          <span key={index} className="wrong">
            {detail}{' '}
          </span>
        ))}
        {hint}
      </small>
    </div>
  );
}

/** A problem of a part of the value is shown at the value. */
function isOf({ pointer }: FieldProblem, field: string): boolean {
  return pointer !== undefined && (pointer === field || pointer.startsWith(`${field}/`));
}
