// Mails to servers that offer encryption: it is used, and a password never goes without it.
import { afterEach, expect, test, vi } from 'vitest';
import { type MailServer, startMailServer } from '../../testkit/mail-server.ts';
import { sendMail } from './smtp.ts';

const mail = { to: ['ada@example.com'], subject: 's', body: 'b', messageId: 'a' };
const never = new AbortController().signal;
let server: MailServer | undefined;

afterEach(() => {
  server?.stop();
  vi.unstubAllEnvs();
});

function connectionTo({ port }: MailServer, extra: Record<string, boolean> = {}) {
  const where = { connId: 'smtp_default', connType: 'smtp', host: '127.0.0.1', port, schema: '' };
  return { ...where, login: 'me', password: 'secret', extra };
}

test('a server that offers STARTTLS gets the password and the mail encrypted', async () => {
  server = await startMailServer({ offersTls: true });
  // The certificate of the test server is its own.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  await sendMail(mail, connectionTo(server), never);
  expect(await server.next()).toMatchObject({ login: 'me:secret', isEncrypted: true });
});

test('a server whose certificate nobody knows gets nothing', async () => {
  server = await startMailServer({ offersTls: true });
  await expect(sendMail(mail, connectionTo(server), never)).rejects.toThrow(/certificate/);
});

test('encryption that is switched off is not used', async () => {
  server = await startMailServer({ offersTls: true });
  await sendMail(mail, connectionTo(server, { disable_tls: true }), never);
  expect(await server.next()).toMatchObject({ isEncrypted: false });
});

test('a server elsewhere that does not encrypt gets no password', async () => {
  const host = '127.0.0.2';
  server = await startMailServer({ host });
  const elsewhere = { ...connectionTo(server), host };
  await expect(sendMail(mail, elsewhere, never)).rejects.toThrow(/STARTTLS/);
});

test('a server that does not answer in time is given up', async () => {
  server = await startMailServer();
  const deadline = AbortSignal.abort();
  await expect(sendMail(mail, connectionTo(server), deadline)).rejects.toThrow(/not sent in time/);
});
