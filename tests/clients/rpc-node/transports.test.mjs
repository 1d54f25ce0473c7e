// The same calls by every transport that the Connect libraries have, and by the SDK that is built on them.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromBinary} from '@bufbuild/protobuf';
import {Code, ConnectError, createClient} from '@connectrpc/connect';
import * as node from '@connectrpc/connect-node';
import * as web from '@connectrpc/connect-web';
import {createServerTransport} from '@zitadel/client/node';
import {createManagementServiceClient} from '@zitadel/client/v1';
import {createUserServiceClient} from '@zitadel/client/v2';
import {ManagementService} from '@zitadel/proto/zitadel/management_pb.js';
import {ErrorDetailSchema} from '@zitadel/proto/zitadel/message_pb.js';
import {base, fresh, token} from './lib.mjs';

const gzip = {sendCompression: node.compressionGzip, acceptCompression: [node.compressionGzip], compressMinBytes: 1};
const transports = {
  'gRPC': node.createGrpcTransport({baseUrl: base}),
  'gRPC, gzip': node.createGrpcTransport({baseUrl: base, ...gzip}),
  'gRPC-Web over HTTP/1.1': node.createGrpcWebTransport({baseUrl: base, httpVersion: '1.1'}),
  'gRPC-Web over HTTP/2, gzip': node.createGrpcWebTransport({baseUrl: base, httpVersion: '2', ...gzip}),
  'gRPC-Web by fetch': web.createGrpcWebTransport({baseUrl: base}),
  'Connect, proto, HTTP/1.1': node.createConnectTransport({baseUrl: base, httpVersion: '1.1'}),
  'Connect, proto, HTTP/2, gzip': node.createConnectTransport({baseUrl: base, httpVersion: '2', ...gzip}),
  'Connect, JSON, HTTP/2': node.createConnectTransport({baseUrl: base, httpVersion: '2', useBinaryFormat: false}),
  'Connect, JSON, by fetch': web.createConnectTransport({baseUrl: base}),
  'Connect, proto, by fetch': web.createConnectTransport({baseUrl: base, useBinaryFormat: true}),
};
const headers = {authorization: `Bearer ${token}`};

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  assert.fail('the call succeeded');
}

for (const [name, transport] of Object.entries(transports)) {
  const management = createClient(ManagementService, transport);

  test(`${name}: calls succeed, metadata counts`, async () => {
    const {id} = await management.addOrg({name: fresh('Größe 漢字')}, {headers});
    const {org} = await management.getMyOrg({}, {headers: {...headers, 'x-zitadel-orgid': id}});
    assert.equal(org.id, id);
    // Long enough to be compressed where the client takes that.
    for (let i = 0; i < 4; ++i) await management.addMachineUser({userName: fresh('long'), name: 'x'.repeat(190)}, {headers: {...headers, 'x-zitadel-orgid': id}});
    const {result} = await management.listUsers({}, {headers: {...headers, 'x-zitadel-orgid': id}});
    assert.equal(result.length, 4);
  });

  test(`${name}: errors have code, message and detail`, async () => {
    const missing = await refusal(management.getUserByID({id: 'nope'}, {headers}));
    assert.equal(missing.code, Code.NotFound);
    assert.match(missing.rawMessage, /\(QUERY-\w+\)$/);
    const [detail] = missing.findDetails(ErrorDetailSchema);
    assert.match(detail.id, /^QUERY-/);
    assert.equal((await refusal(management.getMyOrg({}))).code, Code.Unauthenticated);
    assert.equal((await refusal(management.getUserByID({id: ''}, {headers}))).code, Code.InvalidArgument);
    // Of the contract, and not served.
    assert.equal((await refusal(management.getIAM({}, {headers}))).code, Code.Unimplemented);
  });

  test(`${name}: a deadline ends the call`, async () => {
    const userName = fresh('late');
    const person = {userName, profile: {firstName: 'L', lastName: 'T'}, email: {email: `${userName}@example.com`, isEmailVerified: true}};
    // The hash of a password takes longer than that, and its user is written after it.
    const late = await refusal(management.addHumanUser({...person, initialPassword: 'Password1!'}, {headers, timeoutMs: 1}));
    assert.equal(late.code, Code.DeadlineExceeded);
    assert.ok((await management.getMyOrg({}, {headers, timeoutMs: 30_000})).org);
  });
}

test('the SDK calls v1 and v2 services', async () => {
  const transport = createServerTransport(token, {baseUrl: base});
  assert.equal((await createManagementServiceClient(transport).getMyOrg({})).org.name, 'ZITADEL');
  const users = createUserServiceClient(transport);
  const userName = fresh('sdk');
  const {userId} = await users.addHumanUser({
    username: userName,
    profile: {givenName: 'S', familyName: 'DK'},
    email: {email: `${userName}@example.com`, verification: {case: 'isVerified', value: true}},
  });
  assert.ok(userId);
});

const procedure = (name) => `${base}/zitadel.management.v1.ManagementService/${name}`;

test('Connect takes reads by GET, and writes by POST alone', async () => {
  const asked = new URLSearchParams({connect: 'v1', encoding: 'json', message: '{"id":"nope"}'});
  const read = await fetch(`${procedure('GetUserByID')}?${asked}`, {headers});
  assert.equal(read.status, 404);
  assert.equal((await read.json()).code, 'not_found');
  const packed = new URLSearchParams({encoding: 'proto', base64: '1', message: ''});
  const binary = await fetch(`${procedure('GetMyOrg')}?${packed}`, {headers});
  assert.equal(binary.headers.get('content-type'), 'application/proto');
  assert.equal(fromBinary(ManagementService.method.getMyOrg.output, new Uint8Array(await binary.arrayBuffer())).org.name, 'ZITADEL');
  const write = await fetch(`${procedure('AddOrg')}?${asked}`, {headers});
  assert.equal(write.status, 405);
  assert.equal(write.headers.get('allow'), 'POST');
});

test('gRPC-Web in its text form', async () => {
  const response = await fetch(procedure('GetMyOrg'), {method: 'POST', body: 'AAAAAAA=', headers: {...headers, 'content-type': 'application/grpc-web-text'}});
  assert.equal(response.headers.get('content-type'), 'application/grpc-web-text');
  const bytes = Buffer.concat((await response.text()).match(/[^=]+=*/g).map((piece) => Buffer.from(piece, 'base64')));
  const length = bytes.readUInt32BE(1);
  assert.equal(fromBinary(ManagementService.method.getMyOrg.output, bytes.subarray(5, 5 + length)).org.name, 'ZITADEL');
  assert.equal(bytes[5 + length], 0x80);
  assert.match(bytes.subarray(10 + length).toString(), /^grpc-status: 0\r\n/);
});

test('streaming types of Connect are refused', async () => {
  for (const type of ['application/connect+json', 'application/connect+proto']) {
    const response = await fetch(procedure('GetMyOrg'), {method: 'POST', body: '', headers: {...headers, 'content-type': type}});
    assert.equal(response.status, 415);
    assert.match(response.headers.get('accept-post'), /application\/proto/);
  }
});
