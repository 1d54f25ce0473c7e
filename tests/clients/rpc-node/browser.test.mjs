// connect-web in a browser, on a page of another origin: preflights, exposed fields, both protocols.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import http from 'node:http';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {chromium} from 'playwright-core';
import {base, token} from './lib.mjs';

const program = `
import {createClient, ConnectError} from '@connectrpc/connect';
import {createConnectTransport, createGrpcWebTransport} from '@connectrpc/connect-web';
import {ManagementService} from '@zitadel/proto/zitadel/management_pb.js';
import {ErrorDetailSchema} from '@zitadel/proto/zitadel/message_pb.js';

window.ask = async (protocol, base, token) => {
  const make = {connect: createConnectTransport, 'grpc-web': createGrpcWebTransport}[protocol];
  const client = createClient(ManagementService, make({baseUrl: base, defaultTimeoutMs: 30000}));
  const headers = {authorization: 'Bearer ' + token};
  const {org} = await client.getMyOrg({}, {headers});
  try {
    await client.getUserByID({id: 'nope'}, {headers});
  } catch (e) {
    const error = ConnectError.from(e);
    return {org: org.name, code: error.code, message: error.rawMessage, id: error.findDetails(ErrorDetailSchema)[0]?.id};
  }
};`;

test('a page of another origin calls by Connect and by gRPC-Web', async (t) => {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const {outputFiles} = await build({stdin: {contents: program, resolveDir}, bundle: true, write: false, format: 'iife', logLevel: 'silent'});
  const page_server = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html><script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`);
  });
  await new Promise((done) => page_server.listen(0, '127.0.0.1', done));
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']});
  t.after(async () => {
    await browser.close();
    page_server.close();
    page_server.closeAllConnections();
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${page_server.address().port}/`);
  for (const protocol of ['connect', 'grpc-web']) {
    const got = await page.evaluate(([p, b, k]) => window.ask(p, b, k), [protocol, base, token]);
    assert.equal(got.org, 'ZITADEL', protocol);
    assert.equal(got.code, 5, protocol);
    assert.match(got.id, /^QUERY-/, protocol);
    assert.ok(got.message.endsWith(`(${got.id})`), protocol);
  }
});
