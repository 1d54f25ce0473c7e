// The keys that sign tokens, by WebKeyService, and how long tokens are good, by the instance's settings; seen by a client of openid-client.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import * as oidc from 'openid-client';
import {api, base, fresh, importUser} from './lib.mjs';

const password = 'Correct-Horse-7é';
const loginToken = readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim();
const callback = 'http://localhost:9/callback';

let userName, app, first, lifetimes;
const keys = async () => (await api('GET', '/v2/web_keys')).webKeys;
before(async () => {
  const org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  const project = (await api('POST', '/management/v1/projects', {name: fresh('project')}, {org})).id;
  userName = fresh('ada');
  await importUser(org, userName, {password});
  app = await api('POST', `/management/v1/projects/${project}/apps/oidc`, {
    name: fresh('app'), redirectUris: [callback], responseTypes: ['OIDC_RESPONSE_TYPE_CODE'], grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE'],
    appType: 'OIDC_APP_TYPE_WEB', authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC', accessTokenType: 'OIDC_TOKEN_TYPE_JWT', devMode: true,
  }, {org});
  first = (await keys()).find((key) => key.state === 'STATE_ACTIVE');
  lifetimes = (await api('GET', '/admin/v1/settings/oidc')).settings;
});
after(async () => {
  await api('POST', `/v2beta/web_keys/${first.id}/activate`, {});
  for (const key of await keys()) if (key.id !== first.id) await api('DELETE', `/v2/web_keys/${key.id}`);
});

const settled = () => new Promise((done) => setTimeout(done, 2_100));  // the ready texts of discovery and key set are made anew every second

async function signIn(algorithm) {
  const metadata = {client_secret: app.clientSecret, id_token_signed_response_alg: algorithm};
  const config = await oidc.discovery(new URL(base), app.clientId, metadata, oidc.ClientSecretBasic(app.clientSecret), {execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks]});
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier(), expectedState = oidc.randomState(), expectedNonce = oidc.randomNonce();
  const page = await fetch(oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback, scope: 'openid', state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  }), {redirect: 'manual'});
  const authRequest = new URL(page.headers.get('location'), base).searchParams.get('authRequest');
  const session = await api('POST', '/v2/sessions', {checks: {user: {loginName: userName}, password: {password}}}, {token: loginToken});
  const {callbackUrl} = await api('POST', `/v2/oidc/auth_requests/${authRequest}`, {session: {sessionId: session.sessionId, sessionToken: session.sessionToken}}, {token: loginToken});
  const tokens = await oidc.authorizationCodeGrant(config, new URL(callbackUrl), {pkceCodeVerifier, expectedState, expectedNonce});
  await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  return {config, tokens};
}

for (const [algorithm, wanted, shown] of [
  ['ES256', {ecdsa: {curve: 'ECDSA_CURVE_P256'}}, 'ecdsa'],
  ['ES384', {ecdsa: {curve: 'ECDSA_CURVE_P384'}}, 'ecdsa'],
  ['EdDSA', {ed25519: {}}, 'ed25519'],
  ['PS256', {rsa: {bits: 'RSA_BITS_2048', hasher: 'RSA_HASHER_SHA256', pss: true}}, 'rsa'],
  ['RS512', {rsa: {bits: 'RSA_BITS_3072', hasher: 'RSA_HASHER_SHA512'}}, 'rsa'],
]) {
  test(`${algorithm} signs when it is activated`, async () => {
    const {id} = await api('POST', '/v2beta/web_keys', wanted);
    const made = (await keys()).find((key) => key.id === id);
    assert.equal(made.state, 'STATE_INITIAL');
    const expected = structuredClone(wanted[shown]);
    assert.deepEqual(made[shown], expected);
    await settled();
    const published = await (await fetch(`${base}/oauth/v2/keys`)).json();
    assert.equal(published.keys.find((key) => key.kid === id).alg, algorithm);
    const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
    assert.ok(metadata.id_token_signing_alg_values_supported.includes(algorithm));

    await api('POST', `/v2beta/web_keys/${id}/activate`, {});
    const {config, tokens} = await signIn(algorithm);
    for (const token of [tokens.id_token, tokens.access_token]) {
      const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
      assert.deepEqual([header.alg, header.kid], [algorithm, id]);
    }
    await api('DELETE', `/v2/web_keys/${id}`, undefined, {want: 400});
    await api('POST', `/v2beta/web_keys/${first.id}/activate`, {});
    await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal((await keys()).find((key) => key.id === id).state, 'STATE_INACTIVE');
    assert.ok((await api('DELETE', `/v2/web_keys/${id}`)).deletionDate);
    assert.deepEqual(await api('DELETE', `/v2/web_keys/${id}`), {});
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
  });
}

test('a key that is not there cannot be activated', async () => {
  const answer = await api('POST', '/v2beta/web_keys/123/activate', {}, {want: 404});
  assert.match(answer.message, /COMMAND-teiG3/);
  await api('POST', '/v2beta/web_keys', {rsa: {}}, {want: 400});
});

test('lifetimes are settings of the instance', async () => {
  assert.equal(lifetimes.accessTokenLifetime, '43200s');
  const wanted = {accessTokenLifetime: '60s', idTokenLifetime: '120s', refreshTokenIdleExpiration: '3600s', refreshTokenExpiration: '7200s'};
  await api('POST', '/admin/v1/settings/oidc', wanted, {want: 409});
  await api('PUT', '/admin/v1/settings/oidc', {...wanted, idTokenLifetime: '0s'}, {want: 400});
  await api('PUT', '/admin/v1/settings/oidc', wanted);
  await api('PUT', '/admin/v1/settings/oidc', wanted, {want: 400});
  try {
    const {tokens} = await signIn('RS256');
    assert.equal(tokens.expires_in, 60);
    assert.equal(tokens.claims().exp - tokens.claims().iat, 120);
    const {settings} = await api('GET', '/admin/v1/settings/oidc');
    for (const [name, value] of Object.entries(wanted)) assert.equal(settings[name], value);
  } finally {
    const {accessTokenLifetime, idTokenLifetime, refreshTokenIdleExpiration, refreshTokenExpiration} = lifetimes;
    await api('PUT', '/admin/v1/settings/oidc', {accessTokenLifetime, idTokenLifetime, refreshTokenIdleExpiration, refreshTokenExpiration});
  }
});
