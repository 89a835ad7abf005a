// Takes apart what a child writes into its line pipe: `<seq> <line of JSON>\n`, many to a chunk or
// one over several.

const BLANK = 0x20;
const LINE_FEED = 0x0a;
const SEQ_DIGITS_MAX = 15;
/** A child whose line has no end by then is writing something else into the pipe. */
const OPEN_BYTES_MAX = 8 * 1024 * 1024;

/** A reader that calls `onLine` for each whole line; what is no frame is dropped. */
export function createFrameReader(
  onLine: (seq: number, line: Buffer) => void,
): (chunk: Buffer) => void {
  let open: Buffer[] = [];
  let openBytes = 0;

  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      const part = chunk.subarray(from, end + 1);
      emit(openBytes === 0 ? part : Buffer.concat([...open, part]), onLine);
      open = [];
      openBytes = 0;
      from = end + 1;
    }
    if (from === chunk.length) return;
    open.push(chunk.subarray(from));
    openBytes += chunk.length - from;
    if (openBytes > OPEN_BYTES_MAX) {
      open = [];
      openBytes = 0;
    }
  };
}

function emit(frame: Buffer, onLine: (seq: number, line: Buffer) => void): void {
  const blank = frame.indexOf(BLANK);
  if (blank < 1 || blank > SEQ_DIGITS_MAX) return;
  const seq = Number(frame.toString('latin1', 0, blank));
  if (Number.isInteger(seq)) onLine(seq, frame.subarray(blank + 1));
}
