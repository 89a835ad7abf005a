// The scheduler's simulator as a child process: it decides, and tells of the attempts to perform.
//
// It comes with the product, not with this package: DAGMESH_SIMULATOR names its main.ts; without
// that it is looked for in the repository that this package is part of.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../json.ts';

/** The protocol this kit speaks; the simulator's main.ts tells it. */
export const PROTOCOL_VERSION = 1;

/** What the end of the simulator's stderr may say in an error, in characters. */
const LAST_WORDS_MAX = 4_000;

/** A test asked for something that cannot be, e.g. a run of a DAG that there is not. */
export class TestDagError extends Error {
  override readonly name = 'TestDagError';
  /** In the words of the mesh, e.g. `task_not_found`; `failed` for what has no such word. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A running simulator. */
export type Simulator = {
  /** Asks for something; rejects with a TestDagError when it is refused. */
  ask(op: string, fields?: JsonObject): Promise<JsonObject>;
  /** Says something of an attempt; nothing is answered. */
  tell(message: JsonObject): void;
  /** Nothing can go on: rejects with this whatever is asked for, now and later. */
  break(error: TestDagError): void;
  /** Ends the process; again is fine. Resolves when it is gone. */
  close(): Promise<void>;
};

/** Starts a simulator; `onEvent` hears of attempts. Throws a TestDagError when there is none. */
export function startSimulator(onEvent: (event: JsonObject) => void): Simulator {
  return new Child(onEvent);
}

type Waiting = {
  readonly resolve: (ok: JsonObject) => void;
  readonly reject: (error: Error) => void;
};

class Child implements Simulator {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  readonly #gone: Promise<void>;
  #asksCount = 0;
  #lastWords = '';
  #isClosing = false;
  /** Why nothing can be asked for any more. */
  #broken: TestDagError | undefined;

  constructor(onEvent: (event: JsonObject) => void) {
    this.#child = spawn(process.execPath, [simulatorFile()], { env: childEnv() });
    const { stdin, stdout, stderr } = this.#child;
    createInterface({ input: stdout }).on('line', (line) => {
      const message = JSON.parse(line) as JsonObject;
      if ('answer' in message) this.#answered(message);
      else onEvent(message);
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS_MAX);
    });
    // A write after its end is told by the exit.
    stdin.on('error', () => undefined);
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#ended(error.message, resolve));
      this.#child.on('close', (code) => this.#ended(`it ended with code ${code}`, resolve));
    });
    this.#keepAlive(false);
  }

  ask(op: string, fields: JsonObject = {}): Promise<JsonObject> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    this.#asksCount += 1;
    const id = this.#asksCount;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#keepAlive(true);
      this.tell({ op, id, ...fields });
    });
  }

  tell(message: JsonObject): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  break(error: TestDagError): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#broken);
    this.#waiting.clear();
    this.#keepAlive(false);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#keepAlive(true);
    this.#child.stdin.end();
    await this.#gone;
  }

  #answered(message: JsonObject): void {
    const waiting = this.#waiting.get(Number(message['answer']));
    this.#waiting.delete(Number(message['answer']));
    this.#keepAlive(this.#waiting.size > 0);
    const error = message['error'] as JsonObject | undefined;
    if (error === undefined) return waiting?.resolve(message['ok'] as JsonObject);
    waiting?.reject(new TestDagError(String(error['name']), String(error['message'])));
  }

  #ended(how: string, resolve: () => void): void {
    const words = `the simulator is gone: ${how}\n${this.#lastWords}`.trimEnd();
    const closed = 'the test is closed; await what it is asked for before it is left';
    this.break(
      this.#isClosing ? new TestDagError('closed', closed) : new TestDagError('failed', words),
    );
    resolve();
  }

  /** A test that forgot to close ends all the same: only what is awaited keeps Node alive. */
  #keepAlive(isAwaited: boolean): void {
    const method = isAwaited || this.#isClosing ? 'ref' : 'unref';
    this.#child[method]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (stream as Partial<{ ref(): void; unref(): void }>)[method]?.();
    }
  }
}

function simulatorFile(): string {
  const named = process.env['DAGMESH_SIMULATOR'];
  const near = '../../../../services/scheduler/simulator/main.ts';
  const file = named ?? fileURLToPath(new URL(near, import.meta.url));
  if (existsSync(file)) return file;
  throw new TestDagError(
    'failed',
    `there is no simulator at ${file}; set DAGMESH_SIMULATOR to the simulator/main.ts of the ` +
      'scheduler that your DAGs run on',
  );
}

/** As our own, but for options meant for this process, and with a place for compiled code. */
function childEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return { NODE_COMPILE_CACHE: join(homedir(), '.cache', 'dagmesh', 'compiled'), ...env };
}
