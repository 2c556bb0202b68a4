/** Who calls the console, and what they may do. */
export const ROLES = ['viewer', 'operator'] as const;
/** A viewer reads; an operator gives orders, too. */
export type Role = (typeof ROLES)[number];

/** How a caller is known: by a token, by a proxy that has logged them in, or not at all. */
export type Login = 'tokens' | 'proxy' | 'none';

export interface Caller {
  /** Null: nobody is known by name. */
  readonly actor: string | null;
  readonly role: Role;
  readonly login: Login;
}

export function mayOrder({ role }: Caller): boolean {
  return role === 'operator';
}
