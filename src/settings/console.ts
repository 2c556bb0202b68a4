/**
 * The settings of the console: where it listens, and whom it lets in.
 *
 * Invariants: without a login the console listens on the loopback interface alone; headers about the caller are
 * believed only of the addresses that are named.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { listenAddress, listenAddressSchema, type ListenAddress } from './listen-address.js';

export interface ConsoleSettings {
  readonly address: ListenAddress;
  /** Hashes of the tokens that let in; null: no login by token. */
  readonly tokensFile: string | null;
  /** A proxy that logs people in; null: none. */
  readonly proxy: ProxyLogin | null;
  /** Origins of Temporal's web UI, whose pages may have payloads decoded. */
  readonly codecOrigins: readonly string[];
}

export interface ProxyLogin {
  /** Addresses (CIDR or single) whose headers are believed. */
  readonly addresses: readonly string[];
  /** Names of headers, in lower case. */
  readonly actorHeader: string;
  readonly groupsHeader: string;
  /** Members of this group are operators; null: nobody is. */
  readonly operatorGroup: string | null;
}

const DEFAULT_ADDRESS = '8088';
const DEFAULT_GROUPS_HEADER = 'x-forwarded-groups';
const PREFIX_BITS = { 4: 32, 6: 128 } as const;

function listOf(isRight: (text: string) => boolean, error: string) {
  return z
    .string()
    .transform((value) => value.split(',').map((each) => each.trim()))
    .refine((values) => values.every(isRight), { error });
}

const headerSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'expected the name of a header such as X-Forwarded-Email' })
  .transform((name) => name.toLowerCase());

/** What the environment may say of the console. */
export const consoleEnvironment = {
  CONSOLE_ADDRESS: listenAddressSchema.optional(),
  CONSOLE_TOKENS_FILE: z.string().optional(),
  CONSOLE_PROXY_ADDRESSES: listOf(
    isAddressRange,
    'expected addresses or ranges such as 10.1.2.3 or 10.1.0.0/16, separated by commas',
  ).optional(),
  CONSOLE_ACTOR_HEADER: headerSchema.optional(),
  CONSOLE_GROUPS_HEADER: headerSchema.optional(),
  CONSOLE_OPERATOR_GROUP: z.string().trim().min(1).max(200).optional(),
  CONSOLE_CODEC_ORIGINS: listOf(
    isOrigin,
    "expected origins of Temporal's UI such as https://temporal.example, separated by commas",
  ).optional(),
};

type ConsoleEnvironment = z.output<z.ZodObject<typeof consoleEnvironment>>;

export function consoleFrom(settings: ConsoleEnvironment): ConsoleSettings {
  return Object.freeze({
    address: listenAddress(settings.CONSOLE_ADDRESS ?? DEFAULT_ADDRESS),
    tokensFile: settings.CONSOLE_TOKENS_FILE ?? null,
    proxy: proxyFrom(settings),
    codecOrigins: settings.CONSOLE_CODEC_ORIGINS ?? [],
  });
}

function proxyFrom(settings: ConsoleEnvironment): ProxyLogin | null {
  const { CONSOLE_PROXY_ADDRESSES: addresses, CONSOLE_ACTOR_HEADER: actorHeader } = settings;
  if (addresses === undefined || actorHeader === undefined) return null;
  const groupsHeader = settings.CONSOLE_GROUPS_HEADER ?? DEFAULT_GROUPS_HEADER;
  const operatorGroup = settings.CONSOLE_OPERATOR_GROUP ?? null;
  return Object.freeze({ addresses, actorHeader, groupsHeader, operatorGroup });
}

/** What no single setting shows. */
export function consoleProblems(given: Record<string, string | undefined>): string[] {
  const has = (name: keyof typeof consoleEnvironment): boolean => given[name] !== undefined;
  const needs = (name: keyof typeof consoleEnvironment, other: keyof typeof consoleEnvironment): string[] =>
    has(name) && !has(other) ? [`${other}: needed together with ${name}`] : [];
  const host = listenAddressSchema.safeParse(given['CONSOLE_ADDRESS']).success
    ? listenAddress(given['CONSOLE_ADDRESS'] ?? DEFAULT_ADDRESS).host
    : '127.0.0.1';
  const hasLogin = has('CONSOLE_TOKENS_FILE') || has('CONSOLE_PROXY_ADDRESSES');
  return [
    ...needs('CONSOLE_PROXY_ADDRESSES', 'CONSOLE_ACTOR_HEADER'),
    ...needs('CONSOLE_ACTOR_HEADER', 'CONSOLE_PROXY_ADDRESSES'),
    ...needs('CONSOLE_GROUPS_HEADER', 'CONSOLE_ACTOR_HEADER'),
    ...needs('CONSOLE_OPERATOR_GROUP', 'CONSOLE_ACTOR_HEADER'),
    ...(isLoopback(host) || hasLogin
      ? []
      : [
          'CONSOLE_ADDRESS: without a login (CONSOLE_TOKENS_FILE or CONSOLE_PROXY_ADDRESSES) the console listens on the loopback interface alone',
        ]),
  ];
}

/** Whether an address, or a host name, is this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= PREFIX_BITS[version as keyof typeof PREFIX_BITS];
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && origin === text;
}
