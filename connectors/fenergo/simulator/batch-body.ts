/** What a batch may have beyond what is documented, to see that it does no harm. */
const unknownFields = ',"region":"eu-1","links":{"self":null,"__proto__":{"moreAvailable":true}}';

/** A batch as upstream renders it, from notifications in JSON, good or bad. */
export function batchBody(
  batchId: string,
  notifications: readonly (string | Uint8Array)[],
  moreAvailable = false,
  extended = false,
): Buffer {
  const head = `{"batchId":"${batchId}","notifications":[`;
  const tail = `],"moreAvailable":${moreAvailable}${extended ? unknownFields : ''}}`;
  if (notifications.every((notification) => typeof notification === 'string')) {
    return Buffer.from(head + notifications.join(',') + tail);
  }
  const parts = notifications.flatMap((notification, index) => [
    Buffer.from(index === 0 ? '' : ','),
    typeof notification === 'string' ? Buffer.from(notification) : notification,
  ]);
  return Buffer.concat([Buffer.from(head), ...parts, Buffer.from(tail)]);
}
