// Issuers beside the instance's own, with the layouts and an imported key of other systems: an unmodified openid-client works at each.
import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {before, test} from 'node:test';
import * as oidc from 'openid-client';
import {api, base, fresh, importUser} from './lib.mjs';

const password = 'Correct-Horse-7é';
const loginToken = readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim();
const callback = 'http://localhost:9/callback';
const execute = [oidc.allowInsecureRequests];

let userName, user, app;
before(async () => {
  const org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  const project = (await api('POST', '/management/v1/projects', {name: fresh('project')}, {org})).id;
  userName = fresh('ada');
  user = await importUser(org, userName, {password});
  app = await api('POST', `/management/v1/projects/${project}/apps/oidc`, {
    name: fresh('app'),
    redirectUris: [callback],
    postLogoutRedirectUris: ['http://localhost:9/bye'],
    responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN'],
    appType: 'OIDC_APP_TYPE_WEB',
    authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC',
    accessTokenType: 'OIDC_TOKEN_TYPE_JWT',
    devMode: true,
  }, {org});
});

async function signInAt(url) {
  const page = await fetch(url, {redirect: 'manual'});
  assert.equal(page.status, 302, await page.text());
  const authRequest = new URL(page.headers.get('location'), base).searchParams.get('authRequest');
  const session = await api('POST', '/v2/sessions', {checks: {user: {loginName: userName}, password: {password}}}, {token: loginToken});
  const {callbackUrl} = await api('POST', `/v2/oidc/auth_requests/${authRequest}`, {session: {sessionId: session.sessionId, sessionToken: session.sessionToken}}, {token: loginToken});
  return new URL(callbackUrl);
}

/** The whole way, with every check of the client: discovery, code, tokens, userinfo, refresh, introspection, revocation, sign-out. */
async function walk(issuer) {
  const config = await oidc.discovery(new URL(issuer), app.clientId, undefined, oidc.ClientSecretBasic(app.clientSecret), {execute});
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier(), expectedState = oidc.randomState(), expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback, scope: 'openid profile offline_access', state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  });
  const back = await signInAt(url);
  let tokens = await oidc.authorizationCodeGrant(config, back, {pkceCodeVerifier, expectedState, expectedNonce});
  assert.equal(tokens.claims().iss, config.serverMetadata().issuer);
  const kid = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).kid;
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, user)).given_name, 'Road');
  tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true);
  const out = await fetch(oidc.buildEndSessionUrl(config, {id_token_hint: tokens.id_token, post_logout_redirect_uri: 'http://localhost:9/bye', state: 's'}), {redirect: 'manual'});
  assert.equal(out.headers.get('location'), 'http://localhost:9/bye?state=s');
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
  return {config, kid, tokens};
}

test('a realm with its layout and its key, beside the own issuer', async () => {
  const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048, privateKeyEncoding: {type: 'pkcs1', format: 'pem'}, publicKeyEncoding: {type: 'spki', format: 'pem'}});
  const realm = `/realms/${fresh('acme')}`;
  const protocol = `${realm}/protocol/openid-connect`;
  const paths = {
    authorization: `${protocol}/auth`, token: `${protocol}/token`, keys: `${protocol}/certs`, userinfo: `${protocol}/userinfo`,
    endSession: `${protocol}/logout`, introspection: `${protocol}/token/introspect`, revocation: `${protocol}/revoke`,
  };
  const {id} = await api('POST', '/issuer/v1/issuers', {issuer: base + realm, paths});
  await api('POST', `/issuer/v1/issuers/${id}/keys`, {keyId: 'their-kid/1', privateKey, algorithm: 'RS256'});

  const theirs = await walk(base + realm);
  assert.equal(theirs.kid, 'their-kid/1');
  assert.equal(theirs.config.serverMetadata().token_endpoint, `${base}${protocol}/token`);
  assert.equal(theirs.config.serverMetadata().pushed_authorization_request_endpoint, undefined);
  const own = await walk(base);
  assert.notEqual(own.kid, 'their-kid/1');
  const kids = async (url) => (await (await fetch(url)).json()).keys.map((key) => key.kid);
  assert.deepEqual(await kids(`${base}${protocol}/certs`), ['their-kid/1']);
  assert.ok(!(await kids(`${base}/oauth/v2/keys`)).includes('their-kid/1'));
  const rfc8414 = await oidc.discovery(new URL(base + realm), app.clientId, undefined, oidc.ClientSecretBasic(app.clientSecret), {execute, algorithm: 'oauth2'});
  assert.equal(rfc8414.serverMetadata().issuer, base + realm);

  const listed = (await api('GET', '/issuer/v1/issuers')).issuers.find((one) => one.id === id);
  assert.deepEqual(listed.keys, [{id: 'their-kid/1', algorithm: 'RS256', active: true}]);
  assert.equal((await api('POST', '/issuer/v1/issuers', {issuer: `${base}/other`, paths}, {want: 409})).message.includes('serves the path'), true);
  await api('DELETE', `/issuer/v1/issuers/${id}`);
  assert.equal((await fetch(`${base}${protocol}/certs`)).status, 404);
});

test('the metadata of a layout name what it has, and nothing else', async () => {
  const prefix = `/realms/${fresh('less')}`;
  const optional = {
    userinfo: 'userinfo_endpoint', endSession: 'end_session_endpoint', introspection: 'introspection_endpoint', revocation: 'revocation_endpoint',
    pushedAuthorization: 'pushed_authorization_request_endpoint', deviceAuthorization: 'device_authorization_endpoint',
  };
  const least = {authorization: `${prefix}/auth`, token: `${prefix}/token`, keys: `${prefix}/keys`};
  const metadata = async (paths) => {
    const {id} = await api('POST', '/issuer/v1/issuers', {issuer: base + prefix, paths});
    const read = async (url) => (await fetch(url)).json();
    const document = await read(`${base}${prefix}/.well-known/openid-configuration`);
    assert.deepEqual(await read(`${base}/.well-known/oauth-authorization-server${prefix}`), document);
    for (const [name, value] of Object.entries(document)) {
      if (/(_endpoint|_uri)$/.test(name)) assert.notEqual((await fetch(value, {redirect: 'manual'})).status, 404, name);
    }
    await api('DELETE', `/issuer/v1/issuers/${id}`);
    return document;
  };
  const own = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
  const whole = await metadata({...least, ...Object.fromEntries(Object.keys(optional).map((name) => [name, `${prefix}/${name}`]))});
  assert.deepEqual(Object.keys(whole).sort(), Object.keys(own).sort());
  assert.deepEqual(whole.grant_types_supported, own.grant_types_supported);
  const bare = await metadata(least);
  for (const name of Object.values(optional)) assert.ok(!(name in bare), name);
  for (const name of Object.keys(bare)) assert.ok(!/^(introspection|revocation)_endpoint_auth/.test(name), name);
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  assert.ok(own.grant_types_supported.includes(device));
  assert.deepEqual(bare.grant_types_supported, own.grant_types_supported.filter((one) => one !== device));
});

test('an issuer with a slash at its end takes the metadata of its host', async () => {
  const host = new URL(base);
  host.hostname = host.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  const paths = {authorization: '/authorize', token: '/oauth/token', keys: '/.well-known/jwks.json', userinfo: '/userinfo', endSession: '/oidc/logout', introspection: '/introspect'};
  const {id} = await api('POST', '/issuer/v1/issuers', {issuer: host.href, paths});
  const {kid} = await walk(host.href);
  assert.ok((await (await fetch(`${host.href}.well-known/jwks.json`)).json()).keys.some((key) => key.kid === kid), 'without a key of its own: the instance\'s');
  await walk(base);
  await api('DELETE', `/issuer/v1/issuers/${id}`);
  await fetch(`${host.href}.well-known/openid-configuration`);
});

test('an issuer is what it can be', async () => {
  const paths = {authorization: '/x/a', token: '/x/t', keys: '/x/k'};
  for (const [what, issuer, changed] of [
    ['no URL', 'acme', {}], ['a query', `${base}/x?y`, {}], ['a fragment', `${base}/x#y`, {}], ['no path', `${base}/x`, {token: 'x'}],
    ['a path of the API', `${base}/x`, {token: '/management/v1/token'}], ['of the pages', `${base}/x`, {authorization: '/ui/v2/login/x'}],
    ['twice', `${base}/x`, {token: '/x/a'}], ['two spellings', `${base}/x`, {token: '/x/%74'}],
  ]) {
    await assert.rejects(api('POST', '/issuer/v1/issuers', {issuer, paths: {...paths, ...changed}}), /400/, what);
  }
  const {id} = await api('POST', '/issuer/v1/issuers', {issuer: `${base}/${fresh('x')}`, paths});
  await assert.rejects(api('POST', `/issuer/v1/issuers/${id}/keys`, {keyId: 'k', privateKey: 'x'}), /ISSUER-Key01|400/);
  const {privateKey} = generateKeyPairSync('ed25519', {privateKeyEncoding: {type: 'pkcs8', format: 'pem'}, publicKeyEncoding: {type: 'spki', format: 'pem'}});
  await assert.rejects(api('POST', `/issuer/v1/issuers/${id}/keys`, {keyId: 'k', privateKey, algorithm: 'RS256'}), /400/);
  await api('DELETE', `/issuer/v1/issuers/${id}`);
  await api('DELETE', `/issuer/v1/issuers/${id}`, undefined, {want: 404});
});
