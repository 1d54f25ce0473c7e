// A device without a browser (RFC 8628): openid-client is the device, a person in Chromium lets it in, or not.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import * as oidc from 'openid-client';
import {api, base, fresh, importUser, openBrowser, signIn, strictPage} from './lib.mjs';

const password = 'Correct-Horse-7é';
const loginToken = readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim();

let browser, org, user, userName, config;
before(async () => {
  browser = await openBrowser();
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  userName = fresh('tess');
  user = await importUser(org, userName, {password});
  const project = (await api('POST', '/management/v1/projects', {name: fresh('project')}, {org})).id;
  const app = await api('POST', `/management/v1/projects/${project}/apps/oidc`, {
    name: 'Television',
    redirectUris: ['http://localhost:9/callback'],
    responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_DEVICE_CODE'],
    appType: 'OIDC_APP_TYPE_NATIVE',
    authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE',
    devMode: true,
  }, {org});
  config = await oidc.discovery(new URL(base), app.clientId, undefined, oidc.None(), {execute: [oidc.allowInsecureRequests]});
});
after(() => browser?.close());

/** A browser without JavaScript, at the address that the device shows. */
async function person(codes, run) {
  const context = await browser.newContext({javaScriptEnabled: false, locale: 'en-GB'});
  const page = await strictPage(context, []);
  try {
    await page.goto(codes.verification_uri_complete);
    await run(page);
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}
const begin = () => oidc.initiateDeviceAuthorization(config, {scope: 'openid profile'});
const poll = (codes) => oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', {device_code: codes.device_code});

test('a person lets a device in', async () => {
  const codes = await begin();
  assert.match(codes.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  await assert.rejects(poll(codes), (error) => error.error === 'authorization_pending');
  await person(codes, async (page) => {
    assert.equal(await page.inputValue('input[name=user_code]'), codes.user_code);
    await page.fill('input[name=user_code]', codes.user_code.replace('-', '').toLowerCase());
    await page.click('button[type=submit]');
    await signIn(page, userName, password);
    assert.equal(await page.textContent('#code'), codes.user_code);
    assert.match(await page.textContent('.lead'), /Television/);
    assert.equal((await page.textContent('.name')).startsWith(userName), true);
    await page.click('button[value=allow]');
    assert.equal(await page.textContent('h1'), 'Your device is signed in');
  });
  const tokens = await poll(codes);
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, user)).sub, user);
});

test('a person keeps a device out', async () => {
  const codes = await begin();
  await person(codes, async (page) => {
    await page.fill('input[name=user_code]', 'BBBB-BBBB');
    await page.click('button[type=submit]');
    assert.match(await page.textContent('#error'), /wrong or has expired/);
    await page.fill('input[name=user_code]', codes.user_code);
    await page.click('button[type=submit]');
    await signIn(page, userName, password);
    await page.click('button[value=deny]');
    assert.equal(await page.textContent('h1'), 'The device stays outside');
  });
  await assert.rejects(poll(codes), (error) => error.error === 'access_denied');
});

test('pages of somebody else decide over the API', async () => {
  const path = '/v2/oidc/device_authorization/';
  const codes = await begin();
  const {deviceAuthorizationRequest: asked} = await api('GET', path + codes.user_code, undefined, {token: loginToken});
  assert.equal(asked.appName, 'Television');
  assert.deepEqual(asked.scope, ['openid', 'profile']);
  const session = await api('POST', '/v2/sessions', {checks: {user: {loginName: userName}, password: {password}}}, {token: loginToken});
  const {sessionId, sessionToken} = session;
  await api('POST', path + asked.id, {session: {sessionId, sessionToken}}, {token: loginToken});
  await api('GET', path + codes.user_code, undefined, {token: loginToken, want: 404});
  assert.equal((await poll(codes)).claims().sub, user);

  const other = await begin();
  const {deviceAuthorizationRequest: unwanted} = await api('GET', path + other.user_code, undefined, {token: loginToken});
  await api('POST', path + unwanted.id, {session: {sessionId, sessionToken: 'wrong'}}, {token: loginToken, want: 403});
  await api('POST', path + unwanted.id, {deny: {}}, {token: loginToken});
  await assert.rejects(poll(other), (error) => error.error === 'access_denied');
});

test('polling until it is decided, as the client does it', async () => {
  const codes = await begin();
  const waiting = oidc.pollDeviceAuthorizationGrant(config, codes);
  const {deviceAuthorizationRequest: asked} = await api('GET', `/v2/oidc/device_authorization/${codes.user_code}`, undefined, {token: loginToken});
  const {sessionId, sessionToken} = await api('POST', '/v2/sessions', {checks: {user: {loginName: userName}, password: {password}}}, {token: loginToken});
  await api('POST', `/v2/oidc/device_authorization/${asked.id}`, {session: {sessionId, sessionToken}}, {token: loginToken});
  assert.equal((await waiting).claims().sub, user);
});
