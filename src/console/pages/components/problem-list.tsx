/** Why the console did not do what was asked. It takes the focus when it appears. */
import { useEffect, useRef } from 'react';
import type { ApiProblem, FieldProblem } from '../api/problem.js';
import { fieldId } from './field-id.js';

export function ProblemList({ problem, title }: { problem: ApiProblem | null; title?: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== null) box.current?.focus();
  }, [problem]);
  if (problem === null) return null;
  return (
    <div ref={box} tabIndex={-1} role="alert" className="banner bad">
      <p>
        <strong>{title ?? titleOf(problem)}</strong> {problem.message}
      </p>
      {problem.problems.length === 0 ? null : (
        <ul>
          {problem.problems.map((one, index) => (
            <li key={index}>
              <ProblemLine problem={one} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A link to its field, where the page has one. */
function ProblemLine({ problem: { pointer, detail } }: { problem: FieldProblem }) {
  if (pointer === undefined || pointer === '') return <>{detail}</>;
  const field = document.getElementById(fieldId(pointer));
  if (field === null) {
    return (
      <>
        <code>{pointer}</code>: {detail}
      </>
    );
  }
  const goThere = (event: React.MouseEvent): void => {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: 'center' });
  };
  return (
    <a href={`#${field.id}`} onClick={goThere}>
      <code>{pointer}</code>: {detail}
    </a>
  );
}

function titleOf({ code }: ApiProblem): string {
  switch (code) {
    case 'refused':
    case 'opposite':
      return 'Refused.';
    case 'invalid':
      return 'The input is wrong.';
    case 'forbidden':
    case 'foreign-origin':
      return 'Not allowed.';
    case 'not-found':
      return 'Not found.';
    case 'unauthenticated':
      return 'A login is needed.';
    case 'unreachable':
    case 'unavailable':
    case 'too-many':
      return 'Not available at present.';
    case 'too-large':
    case 'media-type':
    case 'internal':
      return 'It failed.';
  }
}
