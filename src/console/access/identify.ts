/**
 * A request → its caller.
 *
 * Invariants: a token is looked for in `Authorization: Bearer` and then in the cookie; a wrong one lets nobody in, whatever
 * else the request carries. Headers of a proxy count only where the connection comes from the proxy. Without any login
 * whoever reaches the loopback interface may read.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import type { ProxyLogin } from '../../settings/console.js';
import type { Caller } from './caller.js';
import { holderOf, TOKEN_PREFIX, type TokenHolder } from './tokens.js';

export interface Presented {
  headers: IncomingHttpHeaders;
  /** Of the connection, not of a header. */
  remoteAddress: string | undefined;
  /** Of the session's cookie. */
  cookie: string | undefined;
}

export interface IdentifyOptions {
  /** Null: no login by token. */
  tokens: (() => readonly TokenHolder[]) | null;
  proxy: ProxyLogin | null;
}

/** Null: the caller is not known, and must log in. */
export type Identify = (presented: Presented) => Caller | null;

const LONGEST_NAME = 200;

export function createIdentify({ tokens, proxy }: IdentifyOptions): Identify {
  const proxies = proxy === null ? null : addressesOf(proxy.addresses);
  return ({ headers, remoteAddress, cookie }) => {
    const bearer = bearerOf(headers.authorization);
    // A proxy may pass on what it logs people in with, which is none of ours.
    const isOurs = proxy === null || bearer?.startsWith(TOKEN_PREFIX) === true;
    const token = (isOurs ? bearer : undefined) ?? cookie;
    if (tokens !== null && token !== undefined) {
      const holder = holderOf(token, tokens());
      return holder === null ? null : { actor: holder.name, role: holder.role, login: 'tokens' };
    }
    if (proxy !== null && proxies !== null && isFrom(proxies, remoteAddress)) {
      const caller = throughProxy(headers, proxy);
      if (caller !== null) return caller;
    }
    return tokens === null && proxy === null ? { actor: null, role: 'viewer', login: 'none' } : null;
  };
}

function throughProxy(headers: IncomingHttpHeaders, proxy: ProxyLogin): Caller | null {
  const actor = textOf(headers[proxy.actorHeader]).trim();
  if (actor === '' || actor.length > LONGEST_NAME) return null;
  const groups = textOf(headers[proxy.groupsHeader]).split(',');
  const isOperator = groups.some((group) => group.trim() === proxy.operatorGroup);
  return { actor, role: isOperator ? 'operator' : 'viewer', login: 'proxy' };
}

function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function addressesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isFrom(list: BlockList, remoteAddress: string | undefined): boolean {
  if (remoteAddress === undefined) return false;
  // An IPv4 client of a socket of both families.
  const address = remoteAddress.replace(/^::ffff:/, '');
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
