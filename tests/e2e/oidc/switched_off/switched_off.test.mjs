// A server whose configuration takes away what it may (`OIDC.AuthMethodPost: false` and so on): it is gone from the metadata and from the endpoints.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {Workspace, base} from '../../../harness/api.mjs';
import {Party, assertionType, callback, encode, endpoint, inShort, keyApp, post} from '../party.mjs';

let metadata, work, web, signer;
const basic = ({clientId, clientSecret}) => ({authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}`});
const follow = async (url) => new URL((await fetch(url, {redirect: 'manual'})).headers.get('location'), base);

before(async () => {
  metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
  work = await Workspace.create();
  web = await Party.create(work);
  signer = await Party.create(work, keyApp);
});

test('the metadata say what is left', () => {
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ['none', 'client_secret_basic']);
  assert.deepEqual(metadata.revocation_endpoint_auth_methods_supported, ['none', 'client_secret_basic']);
  assert.deepEqual(metadata.introspection_endpoint_auth_methods_supported, ['client_secret_basic']);
  assert.equal(metadata.token_endpoint_auth_signing_alg_values_supported, undefined);
  assert.ok(!metadata.grant_types_supported.includes('refresh_token') && !metadata.scopes_supported.includes('offline_access'));
  assert.equal(metadata.request_parameter_supported, false);
  assert.equal(metadata.request_object_signing_alg_values_supported, undefined);
});

test('secrets come by Basic alone', async () => {
  const machine = await work.machine();
  const form = {grant_type: 'client_credentials', scope: 'openid'};
  assert.equal(inShort(await post(endpoint.token, {...form, client_id: machine.clientId, client_secret: machine.clientSecret})), '400 invalid_client');
  assert.equal(inShort(await post(endpoint.token, form, basic(machine))), '200');
});

test('nobody proves themselves by an assertion', async () => {
  const answer = await post(endpoint.introspect, {token: 'any', client_assertion_type: assertionType, client_assertion: await signer.assertion()});
  assert.equal(answer.error, 'invalid_client');
});

test('there are no refresh tokens', async () => {
  const answer = await post(endpoint.token, {grant_type: 'refresh_token', refresh_token: 'any', client_id: web.id});
  assert.equal(inShort(answer), '400 unsupported_grant_type');
});

test('request objects are not supported', async () => {
  const at = await follow(`${endpoint.authorize}?${encode({...signer.parameters(), request: 'eyJhbGciOiJub25lIn0.e30.'})}`);
  assert.ok(at.href.startsWith(callback));
  assert.equal(at.searchParams.get('error'), 'request_not_supported');
});

test('signing in and out begin where the configuration says', async () => {
  const login = await follow(`${endpoint.authorize}?${encode(web.parameters())}`);
  assert.match(login.href, /^https:\/\/login\.example\/start\?request=V2_\d+$/);
  const logout = await follow(endpoint.end_session);
  assert.equal(logout.href, 'https://login.example/end?next=%2Flogout%2Fdone');
});
