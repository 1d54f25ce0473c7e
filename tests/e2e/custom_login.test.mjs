// Sign-in pages that somebody made: a small server that talks to the API as a login client, and a strict client that must not notice.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import {after, before, test} from 'node:test';
import * as oidc from 'openid-client';
import {api, base, fresh, importUser, openBrowser} from './lib.mjs';

const loginToken = readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim();
const password = 'Correct-Horse-7é';

/** The pages: one form, which begins a session with name and password and ends the request with it. */
class LoginPages {
  static async start(token) {
    const pages = new LoginPages();
    pages.token = token;
    pages.seen = [];
    pages.server = http.createServer((request, response) => pages.answer(request, response).catch((error) => response.writeHead(500).end(String(error))));
    await new Promise((done) => pages.server.listen(0, '127.0.0.1', done));
    pages.origin = `http://localhost:${pages.server.address().port}`;
    return pages;
  }

  call(method, path, body, want) {
    return api(method, path, body, {token: this.token, want});
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin);
    if (url.pathname !== '/pages/login') return response.writeHead(404).end();
    const id = url.searchParams.get('authRequest');
    const {authRequest} = await this.call('GET', `/v2/oidc/auth_requests/${id}`);
    this.seen.push(authRequest);
    if (request.method === 'GET') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      return response.end('<title>Our own</title><form method="post"><input name="name"><input name="password" type="password"><button name="do" value="in">In</button><button name="do" value="no">No</button></form>');
    }
    let form = '';
    for await (const chunk of request) form += chunk;
    const fields = new URLSearchParams(form);
    const answer = fields.get('do') === 'no'
      ? {error: {error: 'ERROR_REASON_ACCESS_DENIED', errorDescription: 'changed their mind'}}
      : {session: await this.session(fields)};
    const {callbackUrl} = await this.call('POST', `/v2/oidc/auth_requests/${id}`, answer);
    return response.writeHead(303, {location: callbackUrl}).end();
  }

  /** Name first, then the password: the token of the last step is the one that counts. */
  async session(fields) {
    const begun = await this.call('POST', '/v2/sessions', {checks: {user: {loginName: fields.get('name')}}, lifetime: '3600s', userAgent: {description: 'our own pages'}, metadata: {from: Buffer.from('test').toString('base64')}});
    const set = await this.call('PATCH', `/v2/sessions/${begun.sessionId}`, {sessionToken: begun.sessionToken, checks: {password: {password: fields.get('password')}}});
    await this.call('GET', `/v2/sessions/${begun.sessionId}?sessionToken=${encodeURIComponent(begun.sessionToken)}`, undefined, 403);
    return {sessionId: begun.sessionId, sessionToken: set.sessionToken};
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

let browser, org, pages, shop, user, name, config, last;
before(async () => {
  browser = await openBrowser();
  pages = await LoginPages.start(loginToken);
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  name = fresh('ada');
  user = await importUser(org, name, {password});
  shop = http.createServer((request, response) => {
    if (request.url.startsWith('/callback')) last = new URL(request.url, shop.origin);
    response.end('shop');
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  shop.origin = `http://localhost:${shop.address().port}`;
  config = await client({loginV2: {baseUri: `${pages.origin}/pages`}});
});
after(async () => {
  await browser?.close();
  pages?.close();
  shop?.close();
  shop?.closeAllConnections();
});

async function client(loginVersion) {
  const project = await api('POST', '/management/v1/projects', {name: fresh('project')}, {org});
  const app = await api('POST', `/management/v1/projects/${project.id}/apps/oidc`, {
    name: 'Shop', redirectUris: [`${shop.origin}/callback`], responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE'], appType: 'OIDC_APP_TYPE_WEB', authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC', devMode: true,
    loginVersion,
  }, {org});
  return oidc.discovery(new URL(base), app.clientId, undefined, oidc.ClientSecretBasic(app.clientSecret), {execute: [oidc.allowInsecureRequests]});
}

async function begin(of, parameters = {}) {
  const checks = {pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce()};
  const url = oidc.buildAuthorizationUrl(of, {
    redirect_uri: `${shop.origin}/callback`, scope: 'openid profile', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256', ...parameters,
  });
  return [url, checks];
}

test('a person signs in at pages of somebody else\'s', async () => {
  const page = await browser.newPage();
  const [url, checks] = await begin(config, {login_hint: name, ui_locales: 'de en', max_age: '600', prompt: 'login'});
  await page.goto(url.href);
  assert.ok(page.url().startsWith(`${pages.origin}/pages/login?authRequest=V2_`), page.url());
  await page.fill('input[name=name]', name);
  await page.fill('input[name=password]', password);
  await page.click('button[value=in]');
  await page.waitForURL(`${shop.origin}/callback**`);
  const tokens = await oidc.authorizationCodeGrant(config, last, checks);
  assert.equal(tokens.claims().sub, user);
  assert.deepEqual(tokens.claims().amr, ['pwd']);
  const asked = pages.seen.at(-1);
  assert.equal(asked.clientId, config.clientMetadata().client_id);
  assert.deepEqual([asked.loginHint, asked.maxAge, asked.prompt, asked.uiLocales], [name, '600s', ['PROMPT_LOGIN'], ['de', 'en']]);
  assert.deepEqual(asked.scope, ['openid', 'profile']);
  assert.equal(asked.redirectUri, `${shop.origin}/callback`);
  assert.ok(Date.parse(asked.creationDate));
  await page.close();
});

test('the pages may refuse', async () => {
  const page = await browser.newPage();
  const [url] = await begin(config);
  await page.goto(url.href);
  await page.click('button[value=no]');
  await page.waitForURL(`${shop.origin}/callback**`);
  assert.equal(last.searchParams.get('error'), 'access_denied');
  assert.equal(last.searchParams.get('error_description'), 'changed their mind');
  await page.close();
});

test('who passes a request on as a login client may read and answer it, and nobody else', async () => {
  const plain = await client();
  const machine = await api('POST', '/management/v1/users/machine', {userName: fresh('pages'), name: 'Pages'}, {org});
  const {token} = await api('POST', `/management/v1/users/${machine.userId}/pats`, {}, {org});
  const ask = async (headers) => {
    const [url, checks] = await begin(plain);
    const answer = await fetch(url, {redirect: 'manual', headers});
    return [new URL(answer.headers.get('location'), base).searchParams.get('authRequest'), checks];
  };
  const [others] = await ask({});
  await api('GET', `/v2/oidc/auth_requests/${others}`, undefined, {token, want: 403});
  const [id, checks] = await ask({'x-zitadel-login-client': machine.userId});
  assert.equal((await api('GET', `/v2/oidc/auth_requests/${id}`, undefined, {token})).authRequest.id, id);
  const session = await api('POST', '/v2/sessions', {checks: {user: {loginName: name}, password: {password}}}, {token});
  const linked = {sessionId: session.sessionId, sessionToken: session.sessionToken};
  await api('POST', `/v2/oidc/auth_requests/${others}`, {session: linked}, {token, want: 403});
  const {callbackUrl} = await api('POST', `/v2/oidc/auth_requests/${id}`, {session: linked}, {token});
  assert.equal((await oidc.authorizationCodeGrant(plain, new URL(callbackUrl), checks)).claims().sub, user);
  await api('POST', `/v2/oidc/auth_requests/${id}`, {session: linked}, {token, want: 400});
});

test('every search of sessions finds what it says', async () => {
  const as = (method, path, body) => api(method, path, body, {token: loginToken});
  const fingerprint = fresh('browser');
  const {sessionId} = await as('POST', '/v2/sessions', {checks: {user: {userId: user}}, userAgent: {fingerprintId: fingerprint, ip: '192.0.2.1', header: {accept: {values: ['text/html', 'text/plain']}}}});
  const {session} = await as('GET', `/v2/sessions/${sessionId}`);
  assert.equal(session.factors.user.id, user);
  assert.deepEqual(session.userAgent.header.accept.values, ['text/html', 'text/plain']);
  const me = (await as('GET', '/auth/v1/users/me')).user.id;
  const found = async (...queries) => (await as('POST', '/v2/sessions/search', {queries, query: {limit: 1000}})).sessions?.some((one) => one.id === sessionId) ?? false;
  const ids = {idsQuery: {ids: [sessionId]}};
  const cases = [
    [{idsQuery: {ids: [sessionId]}}, {idsQuery: {ids: ['1']}}],
    [{userIdQuery: {id: user}}, {userIdQuery: {id: 'nobody'}}],
    [{creatorQuery: {}}, {creatorQuery: {id: user}}],
    [{creatorQuery: {id: me}}, {creatorQuery: {id: 'nobody'}}],
    [{userAgentQuery: {fingerprintId: fingerprint}}, {userAgentQuery: {fingerprintId: 'another'}}],
    [{creationDateQuery: {creationDate: session.creationDate, method: 'TIMESTAMP_QUERY_METHOD_GREATER_OR_EQUALS'}}, {creationDateQuery: {creationDate: session.creationDate, method: 'TIMESTAMP_QUERY_METHOD_GREATER'}}],
  ];
  for (const [right, wrong] of cases) {
    assert.ok(await found(ids, right), JSON.stringify(right));
    assert.ok(!await found(ids, wrong), JSON.stringify(wrong));
  }
  await as('DELETE', `/v2/sessions/${sessionId}`, {});
  assert.ok(!await found(ids), 'an ended session');
});
