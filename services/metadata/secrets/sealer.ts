// Secrets at rest: AES-256-GCM envelopes. Each value has a key of its own, which the installation's
// key seals.
//
// Layout of a sealed value, in bytes:
//   1 version · 4 id of the installation's key
//   12 nonce, 32 sealed key of the value, 16 tag
//   12 nonce, n sealed value, 16 tag
// Both seals bind where the value is stored, so that a ciphertext moved to another row or field
// does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { fail } from '#kernel/errors/errors.ts';

/** Where a value is stored. */
export type Place = { readonly table: string; readonly row: string; readonly field: string };

/** Seals and opens values. */
export type Sealer = {
  /** Seals a text with the newest key. */
  seal(text: string, place: Place): Buffer;
  /**
   * Opens what any of the keys sealed; fails when it was sealed for another place, altered, or by a
   * key that is not here.
   */
  open(sealed: Uint8Array, place: Place): string;
  /** True when an older key sealed it. */
  isOld(sealed: Uint8Array): boolean;
};

/** Length of the installation's keys and of the values' keys. */
export const KEY_BYTES = 32;

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const SEALED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** A sealer over the installation's keys, newest first; at least one. */
export function createSealer(keys: readonly Buffer[]): Sealer {
  const [newest] = keys;
  if (newest === undefined) throw new Error('a sealer needs a key');
  const newestId = idOf(newest);
  const byId = new Map(keys.map((key) => [idOf(key).toString('hex'), key]));

  return {
    seal: (text, place) => {
      const bound = bindingOf(place);
      const valueKey = randomBytes(KEY_BYTES);
      return Buffer.concat([
        Buffer.of(VERSION),
        newestId,
        encrypt(newest, valueKey, bound),
        encrypt(valueKey, Buffer.from(text, 'utf8'), bound),
      ]);
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed);
      const key = byId.get(keyIdOf(bytes).toString('hex'));
      if (bytes[0] !== VERSION || key === undefined) {
        throw fail(
          'internal',
          `${nameOf(place)} was sealed with another key; add that key to DAGMESH_SECRET_KEY`,
        );
      }
      const bound = bindingOf(place);
      const keyEnd = HEADER_BYTES + SEALED_KEY_BYTES;
      try {
        const valueKey = decrypt(key, bytes.subarray(HEADER_BYTES, keyEnd), bound);
        return decrypt(valueKey, bytes.subarray(keyEnd), bound).toString('utf8');
      } catch (cause) {
        throw fail('internal', `${nameOf(place)} was altered in the database; store it again`, {
          cause,
        });
      }
    },
    isOld: (sealed) => !keyIdOf(Buffer.from(sealed)).equals(newestId),
  };
}

/** A key's id says nothing about the key. */
function idOf(key: Buffer): Buffer {
  return createHash('sha256')
    .update('dagmesh key id')
    .update(key)
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

function keyIdOf(sealed: Buffer): Buffer {
  return sealed.subarray(1, HEADER_BYTES);
}

function bindingOf({ table, row, field }: Place): Buffer {
  return Buffer.from(JSON.stringify([table, row, field]), 'utf8');
}

function nameOf({ table, row, field }: Place): string {
  return `${field} of ${table} ${row}`;
}

function encrypt(key: Buffer, clear: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, bound: Buffer): Buffer {
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(bound).setAuthTag(sealed.subarray(tagStart));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, tagStart)), decipher.final()]);
}
