/** One figure of a list of figures: its name, and its value. */
import type { ReactNode } from 'react';

export function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
