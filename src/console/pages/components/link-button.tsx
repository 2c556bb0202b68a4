/** A link that looks like a button, and like a button answers to Space, too. */
import type { KeyboardEvent, ReactNode } from 'react';
import { Link } from 'wouter';

interface LinkButtonProps {
  href: string;
  className?: string;
  children: ReactNode;
}

export function LinkButton({ href, className = '', children }: LinkButtonProps) {
  const pressOnSpace = (event: KeyboardEvent<HTMLAnchorElement>): void => {
    if (event.key !== ' ') return;
    event.preventDefault();
    event.currentTarget.click();
  };
  return (
    <Link href={href} role="button" className={className} onKeyDown={pressOnSpace}>
      {children}
    </Link>
  );
}
