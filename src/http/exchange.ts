import type { Dispatcher } from 'undici';
import { BridgeError } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import { appendChunk } from './append-chunk.ts';
import type { Channel } from './channel.ts';
import { classifyFailure } from './classify-failure.ts';
import { decodeContent } from './decode-content.ts';

/** A request ready for the wire: `target` is path and query from the root, `headers` is complete. */
export interface Outgoing {
  readonly method: HttpRequest['method'];
  readonly target: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | undefined;
  /** Milliseconds for headers and body each, instead of the channel's. */
  readonly timeoutMs?: number | undefined;
  /** As of HttpRequest. */
  readonly onSent?: (() => void) | undefined;
}

/** Sends one request and gathers its answer. Rejects with a BridgeError, as `HttpClient.send` tells. */
export function exchange(channel: Channel, outgoing: Outgoing, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    new Exchange(channel, outgoing, signal, resolve, reject).start();
  });
}

type Phase = 'connect' | 'headers' | 'body';

const lateWords = {
  connect: 'no connection within',
  headers: 'no answer within',
  body: 'the answer was not complete within',
} as const satisfies Record<Phase, string>;

const nothing = Buffer.alloc(0);

/**
 * One request on its way. A class, because undici and AbortSignal both take an object with methods: one allocation on
 * the hot path in place of a dozen closures and a stream.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #channel: Channel;
  readonly #outgoing: Outgoing;
  readonly #signal: AbortSignal;
  readonly #resolve: (response: HttpResponse | Promise<HttpResponse>) => void;
  readonly #reject: (error: BridgeError) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #phase: Phase = 'connect';
  #phaseMs = 0;
  #deadline = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #status = 0;
  #headers: Headers = {};
  #body: Buffer = nothing;
  #received = 0;
  #expected = 0;

  constructor(
    channel: Channel,
    outgoing: Outgoing,
    signal: AbortSignal,
    resolve: (response: HttpResponse | Promise<HttpResponse>) => void,
    reject: (error: BridgeError) => void,
  ) {
    this.#channel = channel;
    this.#outgoing = outgoing;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    if (this.#signal.aborted) {
      this.handleEvent();
      return;
    }
    this.#signal.addEventListener('abort', this);
    const { origin, dispatcher, timeouts } = this.#channel;
    const { target, method, headers, body } = this.#outgoing;
    this.#enter('connect', timeouts.connect);
    try {
      dispatcher.dispatch(
        { origin, path: target, method, headers: headers as Record<string, string>, body: body ?? null },
        this,
      );
    } catch (error) {
      this.#fail(classifyFailure(error, this.#what(), false));
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for a connection: it must not go out any more.
    if (this.#settled) controller.abort(new Error('given up'));
    else {
      this.#outgoing.onSent?.();
      this.#enter('headers', this.#outgoing.timeoutMs ?? this.#channel.timeouts.headers);
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#settled || status < 200) return;
    this.#status = status;
    this.#headers = joined(headers);
    this.#expected = Number(this.#headers['content-length'] ?? 0);
    if (this.#expected > this.#channel.maxBytes) this.#failTooLarge();
    else this.#enter('body', this.#outgoing.timeoutMs ?? this.#channel.timeouts.body);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    const length = this.#received;
    this.#received += chunk.length;
    const { maxBytes } = this.#channel;
    if (this.#received > maxBytes) this.#failTooLarge();
    else this.#body = length === 0 ? chunk : appendChunk(this.#body, length, chunk, this.#expected, maxBytes);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    const body = this.#received === this.#body.length ? this.#body : this.#body.subarray(0, this.#received);
    const response = { status: this.#status, headers: this.#headers, body, receivedAt: new Date() };
    const coding = this.#headers['content-encoding'];
    const coded = coding !== undefined && coding !== 'identity' && body.length > 0;
    this.#resolve(coded ? decodeContent(response, coding, this.#channel.maxBytes, this.#what()) : response);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.#settled) this.#fail(classifyFailure(error, this.#what(), this.#controller !== undefined));
  }

  /** The caller's signal has aborted. */
  handleEvent(): void {
    if (!this.#settled)
      this.#fail(new BridgeError('STOPPING', `${this.#what()}: given up, the bridge is being stopped`));
  }

  /** Called by the timer. A later phase may have moved the deadline, without a new timer. */
  checkDeadline(): void {
    if (this.#settled) return;
    const left = this.#deadline - performance.now();
    if (left > 0) this.#arm(left);
    else {
      const message = `${this.#what()}: ${lateWords[this.#phase]} ${this.#phaseMs} ms`;
      this.#fail(new BridgeError('UPSTREAM_TIMEOUT', message));
    }
  }

  #enter(phase: Phase, ms: number): void {
    this.#phase = phase;
    this.#phaseMs = ms;
    this.#deadline = performance.now() + ms;
    if (this.#timer === undefined || this.#deadline < this.#timerAt) this.#arm(ms);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = performance.now() + ms;
    this.#timer = setTimeout(checkDeadline, ms, this);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this);
  }

  #fail(error: BridgeError): void {
    this.#settle();
    this.#body = nothing;
    this.#controller?.abort(error);
    this.#reject(error);
  }

  #failTooLarge(): void {
    const message = `${this.#what()}: the answer is larger than ${this.#channel.maxBytes} bytes`;
    this.#fail(new BridgeError('RESPONSE_TOO_LARGE', message));
  }

  /** The query is left out: it may hold what is nobody's business. */
  #what(): string {
    const { method, target } = this.#outgoing;
    const query = target.indexOf('?');
    return `${method} ${this.#channel.origin}${query === -1 ? target : target.slice(0, query)}`;
  }
}

function checkDeadline(exchange: Exchange): void {
  exchange.checkDeadline();
}

/** undici has made this object for us alone: only where a header came twice is there anything to change. */
function joined(headers: Record<string, string | string[] | undefined>): Headers {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string') headers[name] = value === undefined ? '' : value.join(', ');
  }
  return headers as Headers;
}
