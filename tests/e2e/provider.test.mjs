// The provider as a strict client sees it, without a browser: a login client of the session service answers the requests.
import assert from 'node:assert/strict';
import {createPrivateKey, webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {before, test} from 'node:test';
import * as oidc from 'openid-client';
import {api, base, fresh, importUser} from './lib.mjs';

const password = 'Correct-Horse-7é';
const loginToken = readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim();
const callback = 'http://localhost:9/callback';
const execute = [oidc.allowInsecureRequests];
const type = (name) => `urn:ietf:params:oauth:token-type:${name}`;

let org, project, user, userName;
before(async () => {
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  project = (await api('POST', '/management/v1/projects', {name: fresh('project')}, {org})).id;
  for (const roleKey of ['reader', 'writer']) await api('POST', `/management/v1/projects/${project}/roles`, {roleKey, displayName: roleKey}, {org});
  userName = fresh('ada');
  user = await importUser(org, userName, {password});
  await api('POST', `/management/v1/users/${user}/grants`, {projectId: project, roleKeys: ['reader']}, {org});
});

async function makeApp(fields = {}) {
  return api('POST', `/management/v1/projects/${project}/apps/oidc`, {
    name: fresh('app'),
    redirectUris: [callback],
    responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN', 'OIDC_GRANT_TYPE_TOKEN_EXCHANGE'],
    appType: 'OIDC_APP_TYPE_WEB',
    authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC',
    devMode: true,
    ...fields,
  }, {org});
}

const confidential = (app) => oidc.discovery(new URL(base), app.clientId, undefined, oidc.ClientSecretBasic(app.clientSecret), {execute});

/** What a request carries besides where it comes from, and what its answer is checked against. */
async function request(parameters = {}) {
  const checks = {pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce()};
  return [{
    redirect_uri: callback,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  }, checks];
}

/** Signs in at the address as the person would, and answers where the browser goes; an error of the endpoint is thrown. */
async function signInAt(url) {
  const page = await fetch(url, {redirect: 'manual'});
  if (page.status !== 302) throw new Error(`${page.status} ${await page.text()}`);
  const authRequest = new URL(page.headers.get('location'), base).searchParams.get('authRequest');
  const session = await api('POST', '/v2/sessions', {checks: {user: {loginName: userName}, password: {password}}}, {token: loginToken});
  const {callbackUrl} = await api('POST', `/v2/oidc/auth_requests/${authRequest}`, {session: {sessionId: session.sessionId, sessionToken: session.sessionToken}}, {token: loginToken});
  return new URL(callbackUrl);
}

async function tokensOf(config, parameters) {
  const [asked, checks] = await request(parameters);
  return oidc.authorizationCodeGrant(config, await signInAt(oidc.buildAuthorizationUrl(config, asked)), checks);
}

test('roles are told to who asks for them', async () => {
  const config = await confidential(await makeApp());
  const claim = (info, name) => Object.keys(info[`urn:zitadel:iam:org:${name}`] ?? {});
  const tokens = await tokensOf(config, {scope: 'openid urn:zitadel:iam:org:project:role:reader urn:zitadel:iam:org:project:role:writer'});
  const info = await oidc.fetchUserInfo(config, tokens.access_token, user);
  assert.deepEqual(claim(info, 'project:roles'), ['reader']);
  assert.deepEqual(claim(info, `project:${project}:roles`), ['reader']);
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.active, true);
  assert.deepEqual(claim(told, 'project:roles'), ['reader']);
  const plain = await tokensOf(config, {scope: 'openid'});
  assert.deepEqual(claim(await oidc.fetchUserInfo(config, plain.access_token, user), 'project:roles'), []);
});

test('who has no role stays outside where the project wants one', async () => {
  const closed = (await api('POST', '/management/v1/projects', {name: fresh('closed'), projectRoleCheck: true}, {org})).id;
  const app = await api('POST', `/management/v1/projects/${closed}/apps/oidc`, {
    name: 'closed', redirectUris: [callback], responseTypes: ['OIDC_RESPONSE_TYPE_CODE'], grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE'],
    appType: 'OIDC_APP_TYPE_WEB', authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC', devMode: true,
  }, {org});
  const config = await confidential(app);
  await assert.rejects(tokensOf(config, {}), /403 .*OIDC-Rol01/);
});

test('a request is pushed before the browser goes', async () => {
  const config = await confidential(await makeApp());
  const [asked, checks] = await request({scope: 'openid email'});
  const url = await oidc.buildAuthorizationUrlWithPAR(config, asked);
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri']);
  const tokens = await oidc.authorizationCodeGrant(config, await signInAt(url), checks);
  assert.equal(tokens.claims().sub, user);
  await assert.rejects(signInAt(url), /400 .*invalid_request_uri/, 'a second time');
});

test('a request is signed by the client', async () => {
  const app = await makeApp({authMethodType: 'OIDC_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT'});
  const {keyDetails} = await api('POST', `/management/v1/projects/${project}/apps/${app.appId}/keys`, {type: 'KEY_TYPE_JSON'}, {org});
  const details = JSON.parse(Buffer.from(keyDetails, 'base64').toString());
  const pkcs8 = createPrivateKey(details.key).export({type: 'pkcs8', format: 'der'});
  const key = {kid: details.keyId, key: await webcrypto.subtle.importKey('pkcs8', pkcs8, {name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256'}, false, ['sign'])};
  const config = await oidc.discovery(new URL(base), app.clientId, undefined, oidc.PrivateKeyJwt(key), {execute});
  const [asked, checks] = await request();
  const url = await oidc.buildAuthorizationUrlWithJAR(config, asked, key);
  const tokens = await oidc.authorizationCodeGrant(config, await signInAt(url), checks);
  assert.equal(tokens.claims().sub, user);

  const tampered = new URL(url);
  tampered.searchParams.set('request', url.searchParams.get('request').slice(0, -8) + 'AAAAAAAA');
  await assert.rejects(signInAt(tampered), /400 .*invalid_request_object/);
});

test('a token is exchanged, and somebody acts for another only where that is allowed', async () => {
  const config = await confidential(await makeApp());
  const exchange = (parameters) => oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', parameters);
  const tokens = await tokensOf(config, {});
  const mine = await exchange({subject_token: tokens.access_token, subject_token_type: type('access_token'), requested_token_type: type('jwt'), scope: 'openid'});
  assert.equal(mine.issued_token_type, type('jwt'));
  assert.equal((await oidc.fetchUserInfo(config, mine.access_token, user)).sub, user);

  const robot = (await api('POST', '/management/v1/users/machine', {userName: fresh('robot'), name: 'robot'}, {org})).userId;
  const {token} = await api('POST', `/management/v1/users/${robot}/pats`, {}, {org});
  const acting = {
    subject_token: user, subject_token_type: 'urn:zitadel:params:oauth:token-type:user_id',
    actor_token: token, actor_token_type: type('access_token'), scope: 'openid',
  };
  const refused = (error) => error.error === 'invalid_request' && error.status === 403;
  await assert.rejects(exchange(acting), refused, 'switched off');
  await api('PUT', '/v2/policies/security', {enableImpersonation: true});
  try {
    await assert.rejects(exchange(acting), refused, 'without the permission');
    const imported = await api('POST', '/admin/v1/import', {timeout: '1m', data_orgs: {orgs: [{orgId: org, orgMembers: [{userId: robot, roles: ['ORG_END_USER_IMPERSONATOR']}]}]}});
    assert.equal((imported.errors ?? []).filter((error) => error.type === 'org_member').length, 0, JSON.stringify(imported));
    const acted = await exchange(acting);
    const told = await oidc.tokenIntrospection(config, acted.access_token);
    assert.equal(told.sub, user);
    assert.equal(told.act.sub, robot);
    assert.equal(acted.claims().act.sub, robot);
  } finally {
    await api('PUT', '/v2/policies/security', {enableImpersonation: false});
  }
  assert.equal((await api('GET', '/v2/settings/security')).settings.enableImpersonation ?? false, false);
});

test('tokens are bound to a key', async () => {
  const config = await confidential(await makeApp());
  const [asked, checks] = await request();
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  const tokens = await oidc.authorizationCodeGrant(config, await signInAt(oidc.buildAuthorizationUrl(config, asked)), checks, undefined, {DPoP});
  assert.equal(tokens.token_type, 'dpop');
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, user, {DPoP})).sub, user);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, user), (error) => error.cause?.status === 401 || error.status === 401);
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.cnf.jkt, await DPoP.calculateThumbprint());
});

test('an id_token comes with the code where the application is configured so', async () => {
  const app = await makeApp({
    responseTypes: ['OIDC_RESPONSE_TYPE_CODE', 'OIDC_RESPONSE_TYPE_ID_TOKEN'],
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_IMPLICIT'],
  });
  const config = await confidential(app);
  oidc.useCodeIdTokenResponseType(config);
  const [asked, checks] = await request();
  const tokens = await oidc.authorizationCodeGrant(config, await signInAt(oidc.buildAuthorizationUrl(config, asked)), checks);
  assert.equal(tokens.claims().sub, user);

  const plain = await confidential(await makeApp());
  oidc.useCodeIdTokenResponseType(plain);
  await assert.rejects(signInAt(oidc.buildAuthorizationUrl(plain, asked)), /400 .*unauthorized_client/);
});
