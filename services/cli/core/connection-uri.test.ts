// Connection URIs mean what they mean in Airflow.
import { describe, expect, test } from 'vitest';
import { parseConnectionUri } from './connection-uri.ts';

const EMPTY = {
  connType: '',
  login: '',
  password: '',
  host: '',
  port: 0,
  schema: '',
  extraJson: '',
};

/** URIs and their parts as Airflow's documentation and tests give them. */
const AIRFLOW_EXAMPLES: readonly [string, Partial<typeof EMPTY>][] = [
  [
    'my-conn-type://my-login:my-password@my-host:5432/my-schema?param1=val1&param2=val2',
    {
      connType: 'my_conn_type',
      login: 'my-login',
      password: 'my-password',
      host: 'my-host',
      port: 5432,
      schema: 'my-schema',
      extraJson: '{"param1":"val1","param2":"val2"}',
    },
  ],
  ['postgresql://localhost', { connType: 'postgres', host: 'localhost' }],
  [
    'scheme://user:password%20with%20space@host%2flocation%3ax%3ay:1234/schema%2fname',
    {
      connType: 'scheme',
      login: 'user',
      password: 'password with space',
      host: 'host/location:x:y',
      port: 1234,
      schema: 'schema/name',
    },
  ],
  [
    'my-conn-type://?__extra__=%7B%22nested%22%3A%20%7B%22key%22%3A%20%22val%22%7D%7D',
    { connType: 'my_conn_type', extraJson: '{"nested": {"key": "val"}}' },
  ],
  [
    'type://https://host:8080/path',
    { connType: 'type', host: 'https://host', port: 8080, schema: 'path' },
  ],
  [
    'spark://mysparkcluster.com:80?deploy-mode=cluster',
    {
      connType: 'spark',
      host: 'mysparkcluster.com',
      port: 80,
      extraJson: '{"deploy-mode":"cluster"}',
    },
  ],
  [
    'google-cloud-platform://?key_path=%2Fkeys%2Fkey.json',
    {
      connType: 'google_cloud_platform',
      extraJson: '{"key_path":"/keys/key.json"}',
    },
  ],
  ['scheme://:password@host', { connType: 'scheme', password: 'password', host: 'host' }],
  ['scheme://user@host', { connType: 'scheme', login: 'user', host: 'host' }],
  ['ssh://[::1]:22', { connType: 'ssh', host: '::1', port: 22 }],
  ['sqlite:///relative/path', { connType: 'sqlite', schema: 'relative/path' }],
  [
    'http://host?next=https%3A%2F%2Felsewhere',
    {
      connType: 'http',
      host: 'host',
      extraJson: '{"next":"https://elsewhere"}',
    },
  ],
  [
    'http://host?next=https://elsewhere',
    {
      connType: 'http',
      host: 'host',
      extraJson: '{"next":"https://elsewhere"}',
    },
  ],
  ['scheme://a:b@c@host', { connType: 'scheme', login: 'a', password: 'b@c', host: 'host' }],
];

describe('a connection URI', () => {
  test.each(AIRFLOW_EXAMPLES)('%s', (uri, parts) => {
    expect(parseConnectionUri(uri)).toEqual({ kind: 'connection', parts: { ...EMPTY, ...parts } });
  });

  test.each([
    ['postgres', 'must look like'],
    ['', 'must look like'],
    ['a://b://c://d', 'must look like'],
    ['my type://host', 'its type "my type"'],
    ['postgres://host:notaport/db', 'its port "notaport"'],
    ['postgres://host:70000/db', 'its port "70000"'],
    ['postgres://user:100%@host', 'percent-encoded'],
  ])('that is malformed, %s, is refused with the reason', (uri, reason) => {
    expect(parseConnectionUri(uri)).toEqual({
      kind: 'invalid',
      reason: expect.stringContaining(reason),
    });
  });
});
