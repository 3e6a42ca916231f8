import { BridgeError } from '../../core/errors.ts';
import { orAborted } from './abort.ts';
import { type Login, openConnection } from './connection.ts';
import { createLink, type Link } from './link.ts';
import type { EventPlace } from './place.ts';
import type { Topology } from './topology-settings.ts';
import type { Host } from './url.ts';

/** Keeps one link: made when first needed, replaced when it has failed, or when a destination has refused for long. */
export interface Keeper {
  /**
   * Or why there is none; what is still being tried when `signal` aborts goes on. Never rejects. What goes to a place that
   * refuses waits for a link that is about to replace the present one; everything else goes over that.
   */
  link(place: EventPlace, signal: AbortSignal): Promise<Link | BridgeError>;
  /** Whether the broker has come back only just: it may not have all of its queues yet. */
  readonly isJustBack: boolean;
  close(): Promise<void>;
}

/** So long after the return of a broker, a queue that is missing may still come. Milliseconds. */
export const justBackMs = 10_000;

/**
 * How long a destination may refuse all that a link brings before another link tries. RabbitMQ can forget to tell a
 * channel that a queue which was full takes events again, as when its limit is lifted; a new one finds out.
 */
export const refusedMs = 2_000;

/** These hold for every host alike. */
const forAll = new Set<string>(['BROKER_AUTH_REFUSED', 'STOPPING']);

async function openLink(
  host: Host,
  login: Login,
  topology: Topology | undefined,
  signal: AbortSignal,
): Promise<Link | BridgeError> {
  const { brokerName, broker } = login;
  const connection = await openConnection(host, login, signal);
  if (connection instanceof BridgeError) return connection;
  const timer = setTimeout(connection.destroy, broker.connectTimeout);
  signal.addEventListener('abort', connection.destroy);
  try {
    return createLink(connection, await connection.model.createConfirmChannel(), brokerName, topology);
  } catch (cause) {
    connection.destroy();
    return new BridgeError('BROKER_UNREACHABLE', `the connection to ${brokerName} broke off`, { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', connection.destroy);
  }
}

export function createKeeper(hosts: readonly Host[], login: Login, topology: Topology | undefined): Keeper {
  const closing = new AbortController();
  let current: Promise<Link | BridgeError> | undefined;
  /** Replaced, but with events under way. */
  const retired = new Set<Link>();
  let renewal: Promise<void> | undefined;
  let turn = 0;
  let openedAt = 0;
  let wasAway = false;
  let backAt = Number.NEGATIVE_INFINITY;

  /** From the host that follows the last one tried, once around. */
  async function open(): Promise<Link | BridgeError> {
    openedAt = performance.now();
    let found: Link | BridgeError = new BridgeError('STOPPING', 'the sink is closed');
    for (let tried = 0; tried < hosts.length && !closing.signal.aborted; tried++) {
      const host = hosts[turn++ % hosts.length];
      if (!host) break;
      found = await openLink(host, login, topology, closing.signal);
      if (!(found instanceof BridgeError) || forAll.has(found.code)) break;
    }
    return found;
  }

  /** The old one serves until the new one is there, and keeps what it has sent, so that nothing is sent twice. */
  async function renew(old: Link, asked: typeof current): Promise<void> {
    const opening = open();
    const fresh = await opening;
    renewal = undefined;
    if (fresh instanceof BridgeError) return;
    if (current !== asked || closing.signal.aborted) return fresh.close();
    current = opening;
    retired.add(old);
    void old.retire().then(() => retired.delete(old));
  }

  function refusesTooLong({ refusedSince }: Link): boolean {
    if (renewal || refusedSince === undefined) return false;
    return performance.now() - Math.max(refusedSince, openedAt) >= refusedMs;
  }

  async function take(): Promise<Link | BridgeError> {
    current ??= open();
    const asked = current;
    const found = await asked;
    const failure = found instanceof BridgeError ? found : found.failure;
    const useless = failure !== undefined;
    if (failure?.code === 'BROKER_UNREACHABLE') wasAway = true;
    if (!useless && wasAway) {
      wasAway = false;
      backAt = performance.now();
    }
    // Many find out at once: what the first one of them has put in its place stays.
    if (useless && current === asked) current = undefined;
    if (!(found instanceof BridgeError) && !useless && current === asked && refusesTooLong(found))
      renewal = renew(found, asked);
    return found;
  }

  async function link(place: EventPlace): Promise<Link | BridgeError> {
    const found = await take();
    if (found instanceof BridgeError) return found;
    if (renewal && found.refuses(place)) await renewal;
    else if (!found.failure) return found;
    return take();
  }

  return {
    async link(place, signal) {
      return closing.signal.aborted ? closing.signal.reason : await orAborted(link(place), signal);
    },
    get isJustBack() {
      return performance.now() - backAt < justBackMs;
    },
    async close() {
      closing.abort(new BridgeError('STOPPING', 'the sink is closed'));
      const open = await current;
      current = undefined;
      const links = [...retired];
      if (open && !(open instanceof BridgeError)) links.push(open);
      await Promise.all(links.map((link) => link.close()));
    },
  };
}
