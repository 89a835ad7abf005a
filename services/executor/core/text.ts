// Texts from workers, made fit for storing: cut to their limits and free of what PostgreSQL cannot
// hold.

/**
 * At most `lengthMax` characters of the text, without NUL characters, which no text column takes.
 */
export function cutText(text: string, lengthMax: number): string {
  return withoutNul(text.length > lengthMax ? text.slice(0, lengthMax).toWellFormed() : text);
}

/**
 * At most `bytesMax` bytes of the text in UTF-8, cut between characters, without NUL characters.
 */
export function cutBytes(text: string, bytesMax: number): string {
  // A character takes at most three bytes per UTF-16 unit, so a short text need not be measured.
  if (text.length * 3 <= bytesMax) return withoutNul(text);
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= bytesMax) return withoutNul(text);
  let end = bytesMax;
  // 10xxxxxx continues a character: step back to where one begins.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return withoutNul(bytes.toString('utf8', 0, end));
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
