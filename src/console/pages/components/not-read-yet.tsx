/** In place of what is not read yet, or cannot be read. */
export function NotReadYet({ what, refusal }: { what: string; refusal: string | null }) {
  if (refusal === null) return <p aria-busy="true">Reading {what}</p>;
  return (
    <p role="alert" className="banner bad">
      <span>{refusal}</span>
    </p>
  );
}
