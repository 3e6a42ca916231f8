import type { CatalogueEntry } from './entry.ts';

export const brokerErrors = {
  BROKER_UNREACHABLE: {
    disposition: 'retryable',
    summary: 'No connection to the broker, or it broke off.',
    runbook:
      'Check the address, network policy and TLS trust, and whether the broker runs. Events wait upstream meanwhile.',
  },
  BROKER_TIMEOUT: {
    disposition: 'retryable',
    summary: 'The broker did not confirm in time.',
    runbook:
      'It may have written the events; they are sent again with the same ids. Look at the load and the replicas of the broker.',
  },
  BROKER_UNAVAILABLE: {
    disposition: 'retryable',
    summary: 'The broker answers, but cannot take events right now.',
    runbook:
      'Usually a leader change, too few replicas or an alarm for memory or disk. It goes on by itself when that ends.',
  },
  BROKER_AUTH_REFUSED: {
    disposition: 'fatal',
    summary: 'The broker does not accept the credentials.',
    runbook: 'Check user, password, mechanism and certificates. The feed is probed again every few minutes.',
  },
  BROKER_CREDENTIALS_EXPIRED: {
    disposition: 'retryable',
    summary: 'The credentials have expired, and the new ones are not there yet.',
    runbook:
      'They are asked for again with each attempt, where they come from by themselves. Look at the role or the service that gives them.',
  },
  BROKER_TLS_REFUSED: {
    disposition: 'fatal',
    summary: 'No TLS connection: one side does not trust the certificate of the other, or wants one.',
    runbook:
      'Check `tls.ca`, the names and dates of the broker’s certificate, and `tls.cert` with `tls.key`. The feed is probed again every few minutes.',
  },
  BROKER_NOT_AUTHORISED: {
    disposition: 'fatal',
    summary: 'The account may not write to the destination.',
    runbook: 'Grant the right to write that the message names, then `feedferry resume PIPELINE/FEED`.',
  },
  DESTINATION_MISSING: {
    disposition: 'fatal',
    summary: 'The topic, queue or exchange does not exist.',
    runbook:
      'Create it, or correct its name, then `feedferry resume PIPELINE/FEED`. The bridge creates none by itself.',
  },
  DESTINATION_UNBOUND: {
    disposition: 'fatal',
    summary: 'No queue takes the event: nothing is bound to the exchange for its routing key.',
    runbook:
      'Bind a queue, or give the exchange an alternate exchange for what nobody wants, then `feedferry resume PIPELINE/FEED`. Events wait upstream meanwhile.',
  },
  DESTINATION_UNWRITABLE: {
    disposition: 'fatal',
    summary: 'The destination is set so that it takes no event at all.',
    runbook:
      'Correct the setting that the message names. `feedferry check` shows the command. Events wait upstream meanwhile.',
  },
  DESTINATION_MISMATCH: {
    disposition: 'fatal',
    summary: 'The exchange or queue is there, but not as the configuration has it.',
    runbook:
      'The message names it. Set `topology` as it is, or delete it and have it created anew, then `feedferry resume PIPELINE/FEED`. Events wait upstream meanwhile.',
  },
  DESTINATION_NOT_REPLICATED: {
    disposition: 'fatal',
    summary: 'A confirmed event may be on one machine only, and is lost with it.',
    runbook:
      'A warning of `feedferry check`; the feed runs. Keep three replicas of which two must confirm. For trying out, one is good enough.',
  },
  DESTINATION_FRAGILE: {
    disposition: 'fatal',
    summary: 'One machine of the broker down stops the feed.',
    runbook:
      'A warning of `feedferry check`; the feed runs, and nothing is lost. Keep one replica more than have to confirm.',
  },
  DESTINATION_UNSAFE: {
    disposition: 'fatal',
    summary: 'The broker may drop events that it has confirmed.',
    runbook:
      'A warning of `feedferry check`; the feed runs. Change the setting that the message names, or know why it is so.',
  },
  DESTINATION_LIMIT_LOW: {
    disposition: 'fatal',
    summary: 'The destination takes less in one piece than the bridge sends.',
    runbook:
      'A warning of `feedferry check`; the feed runs, more slowly. Raise the limit, or large events become dead letters.',
  },
  PRODUCER_FENCED: {
    disposition: 'fatal',
    summary: 'Another producer with the same transactional id has taken over.',
    runbook:
      'Two bridges run the same pipeline: stop one of them. This one writes nothing more until `feedferry resume PIPELINE/FEED`, or until it is probed after a few minutes; then it takes over in its turn. If they are not the same pipeline, give one of them another `transactionalIdPrefix`.',
  },
  TRANSACTION_TIME_REFUSED: {
    disposition: 'fatal',
    summary: 'The broker allows transactions less time than the bridge needs.',
    runbook:
      'Raise `transaction.max.timeout.ms` of the broker to twice the `confirmTimeout` of the bridge, or lower that, then `feedferry resume PIPELINE/FEED`.',
  },
  TRANSACTION_HANGING: {
    disposition: 'retryable',
    summary: 'The broker has left a transaction of this feed open, and forgotten how it ended.',
    runbook:
      'Nobody who reads what is committed gets past it, and it does not end by itself. `kafka-dump-log.sh --transaction-log-decoder` on the brokers’ `__transaction_state` may tell how it ended. Then end it: `kafka-transactions.sh abort`. If it was committed, that drops a batch that upstream may have been told is published: with `keepRaw`, publish that again by `feedferry replay`. The feed goes on by itself when nothing hangs.',
  },
  MARK_UNREADABLE: {
    disposition: 'fatal',
    summary: 'The last mark of an exactly-once feed is not one that this version of the bridge has written.',
    runbook:
      'Something else writes to the marks topic, or a newer version of the bridge has run. Use that version, or another topic for `marks`. Nothing was published.',
  },
  EVENT_TOO_LARGE: {
    disposition: 'poison',
    summary: 'The broker refuses the event for its size.',
    runbook: 'Raise the limit of the destination, or have the upstream send less. The event is a dead letter.',
  },
  EVENT_REFUSED: {
    disposition: 'poison',
    summary: 'The broker refuses the event itself.',
    runbook: 'The reason is in the dead letter. Usually a limit on headers, keys or characters.',
  },
  EVENT_UNROUTABLE: {
    disposition: 'poison',
    summary: 'The event cannot be addressed.',
    runbook:
      'The template of the destination names an attribute that this event does not have, or gives a name that the broker forbids.',
  },
  NOT_SENT: {
    disposition: 'retryable',
    summary: 'Held back because an earlier event of the same lane is still open.',
    runbook: 'Nothing to do: it follows as soon as the earlier one is confirmed.',
  },
  LOG_UNWRITABLE: {
    disposition: 'retryable',
    summary: 'The embedded log cannot be written.',
    runbook: 'Check free space, permissions and the health of the disk below the broker’s `dir`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
