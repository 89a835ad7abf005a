// A mail as it goes over the wire (RFC 5322): headers, then plain text in base64.

/** Everything a mail says. */
export type MailParts = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  readonly sentAt: Date;
};

const BASE64_LINE = 76;
/** Bytes of text in one encoded word, so that a header line stays below 78 characters. */
const WORD_BYTES = 42;

/**
 * The mail with line ends of SMTP, without the dot that ends it. No line begins with a dot, since
 * base64 has none.
 */
export function mailText({ from, to, subject, body, messageId, sentAt }: MailParts): string {
  const encoded = Buffer.from(body).toString('base64');
  const lines = encoded.match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')) ?? [];
  return [
    `From: <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(',\r\n ')}`,
    `Subject: ${headerText(subject)}`,
    `Date: ${sentAt.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${messageId.replaceAll(/[^A-Za-z0-9.-]/g, '-')}@dagmesh>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '',
  ].join('\r\n');
}

/** Text of a header, one line: anything but plain ASCII becomes encoded words (RFC 2047). */
function headerText(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  if (/^[\x20-\x7e]{0,60}$/.test(line) && !line.includes('=?')) return line;
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word]
    .map((each) => `=?utf-8?B?${Buffer.from(each).toString('base64')}?=`)
    .join('\r\n ');
}
