// What every end-to-end test needs: the API as the instance owner, a relying party, a browser, a look into the database.
import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import http from 'node:http';
import * as oidc from 'openid-client';
import {chromium} from 'playwright-core';
import {api, base, fresh, importUser} from '../harness/api.mjs';

export {api, base, fresh, importUser};

/** The stored password hash of a user, straight from the database. */
export function storedHash(userId) {
  const where = `u.public_id = '${userId}' OR (u.public_id IS NULL AND CAST(u.id AS TEXT) = '${userId}')`;
  if (process.env.GODWIT_ENGINE === 'postgres') {
    const sql = `SET search_path TO godwit_directory; SELECT p.encoded FROM users u JOIN user_passwords p ON p.user_id = u.id AND p.instance_no = u.instance_no WHERE ${where}`;
    return execFileSync('psql', ['-qtA', '-d', process.env.GODWIT_SQL, '-c', sql], {encoding: 'utf8'}).trim();
  }
  const script = `import sqlite3,sys
c = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True, timeout=10)
print(c.execute(sys.argv[2]).fetchone()[0])`;
  const sql = `SELECT p.encoded FROM users u JOIN user_passwords p ON p.user_id = u.id AND p.instance_no = u.instance_no WHERE ${where}`;
  return execFileSync('python3', ['-c', script, process.env.GODWIT_SQL, sql], {encoding: 'utf8'}).trim();
}

/** Waits until `check` answers something true (the rehash happens behind the sign-in). */
export async function eventually(check, what, ms = 15_000) {
  for (const until = Date.now() + ms; Date.now() < until; await new Promise((r) => setTimeout(r, 50))) {
    const value = await check();
    if (value) return value;
  }
  throw new Error(`did not happen within ${ms} ms: ${what}`);
}

/** An application of its own with an openid-client behind it, listening for the redirect on a port of its own. */
export class RelyingParty {
  static async create(org, {confidential = true, app: fields = {}} = {}) {
    const party = new RelyingParty();
    party.server = http.createServer((request, response) => party.answer(request, response));
    await new Promise((done) => party.server.listen(0, '127.0.0.1', done));
    party.origin = `http://localhost:${party.server.address().port}`;
    const project = await api('POST', '/management/v1/projects', {name: fresh('project')}, {org});
    const app = await api('POST', `/management/v1/projects/${project.id}/apps/oidc`, {
      name: 'Shop',
      redirectUris: [`${party.origin}/callback`],
      postLogoutRedirectUris: [`${party.origin}/bye`],
      responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
      grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN'],
      appType: confidential ? 'OIDC_APP_TYPE_WEB' : 'OIDC_APP_TYPE_USER_AGENT',
      authMethodType: confidential ? 'OIDC_AUTH_METHOD_TYPE_BASIC' : 'OIDC_AUTH_METHOD_TYPE_NONE',
      devMode: true,
      ...fields,
    }, {org});
    const authentication = confidential ? oidc.ClientSecretBasic(app.clientSecret) : oidc.None();
    party.config = await oidc.discovery(new URL(base), app.clientId, undefined, authentication, {execute: [oidc.allowInsecureRequests]});
    return party;
  }

  answer(request, response) {
    const url = new URL(request.url, this.origin);
    if (url.pathname !== '/favicon.ico') this.lastCallback = url;
    response.setHeader('content-type', 'text/html').end('<title>Shop</title><h1>Back at the shop</h1>');
  }

  /** The address that begins a sign-in. */
  async begin(parameters = {}) {
    this.verifier = oidc.randomPKCECodeVerifier();
    this.state = oidc.randomState();
    this.nonce = oidc.randomNonce();
    return oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: `${this.origin}/callback`,
      scope: 'openid profile email offline_access',
      code_challenge: await oidc.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
      state: this.state,
      nonce: this.nonce,
      ...parameters,
    }).href;
  }

  /** Exchanges the code of the last callback; every check of openid-client applies. */
  async finish() {
    return oidc.authorizationCodeGrant(this.config, this.lastCallback, {
      pkceCodeVerifier: this.verifier, expectedState: this.state, expectedNonce: this.nonce,
    });
  }

  userinfo(tokens) {
    return oidc.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

export async function openBrowser() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Types name and password into the two screens. */
export async function signIn(page, loginName, password) {
  await page.fill('input[name=loginName]', loginName);
  await page.click('button[type=submit]');
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
}

/** A page that fails the test when anything is blocked by CSP, throws, or asks another host than ours and the application's. */
export async function strictPage(context, allowedOrigins) {
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    const origin = new URL(request.url()).origin;
    if (![base, ...allowedOrigins].includes(origin)) problems.push(`asked ${request.url()}`);
  });
  page.problems = problems;
  return page;
}
