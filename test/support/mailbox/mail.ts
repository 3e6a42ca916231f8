/** A mail of one text. `headers`: more of them, on top, as servers put them. */
export function textMail(text: string, headers: readonly string[] = []): string {
  const own = [
    'From: WEDOS <notify@wedos.example>',
    'To: bridge@example.com',
    'Subject: Notification',
    'Date: Wed, 13 Oct 2010 10:18:52 +0200',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const body =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g)
      ?.join('\n') ?? '';
  return `${[...headers, ...own].join('\n')}\n\n${body}\n`;
}

/** A notification of WAPI, whose event has this id. */
export function notify(id: string): string {
  return `<notify><code>1000</code><result>OK</result><timestamp>1286957932</timestamp><svTRID>1.2.3</svTRID><command>ping-async</command><ID>${id}</ID></notify>`;
}
