// Signing out, with a real browser and a real server of the application that is told: back channel, front channel, by page and by API.
import assert from 'node:assert/strict';
import {createPublicKey, verify} from 'node:crypto';
import http from 'node:http';
import {after, before, test} from 'node:test';
import * as oidc from 'openid-client';
import {RelyingParty, api, base, eventually, fresh, importUser, openBrowser, signIn} from './lib.mjs';

const password = 'Correct-Horse-7é';
const event = 'http://schemas.openid.net/event/backchannel-logout';

let browser, org, user, userName, party, receiver;
/** What the application's server was sent, and what it answers. */
const received = {tokens: [], frames: [], status: 200};

before(async () => {
  browser = await openBrowser();
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  userName = fresh('ada');
  user = await importUser(org, userName, {password});
  receiver = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://app');
    let body = '';
    request.on('data', (piece) => body += piece);
    request.on('end', () => {
      if (url.pathname === '/back') received.tokens.push(new URLSearchParams(body).get('logout_token'));
      if (url.pathname === '/front') received.frames.push(url);
      response.writeHead(url.pathname === '/back' ? received.status : 200, {'content-type': 'text/html'}).end('<p>bye');
    });
  });
  await new Promise((done) => receiver.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${receiver.address().port}`;
  party = await RelyingParty.create(org, {app: {backChannelLogoutUri: `${origin}/back`, frontChannelLogoutUri: `${origin}/front`}});
});
after(async () => {
  await browser.close();
  party.close();
  receiver.close();
  receiver.closeAllConnections();
});

async function signedIn() {
  Object.assign(received, {tokens: [], frames: [], status: 200});
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(await party.begin());
  await signIn(page, userName, password);
  await page.waitForURL(`${party.origin}/**`);
  return {context, page, tokens: await party.finish()};
}

/** The claims of a logout token, checked as an application has to (Back-Channel Logout 1.0 section 2.6). */
async function checked(token, tokens) {
  const metadata = party.config.serverMetadata();
  const [header, payload] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.typ, 'logout+jwt');
  assert.equal(header.alg, 'RS256');
  const {keys} = await (await fetch(metadata.jwks_uri)).json();
  const key = createPublicKey({key: keys.find((one) => one.kid === header.kid), format: 'jwk'});
  assert.ok(verify('sha256', Buffer.from(token.slice(0, token.lastIndexOf('.'))), key, Buffer.from(token.split('.')[2], 'base64url')), 'the signature');
  assert.equal(payload.iss, metadata.issuer);
  assert.deepEqual([payload.aud].flat(), [party.config.clientMetadata().client_id]);
  const now = Date.now() / 1000;
  assert.ok(payload.iat <= now && payload.exp > now && payload.exp - payload.iat <= 120 && payload.jti);
  assert.deepEqual(payload.events, {[event]: {}});
  assert.equal(payload.nonce, undefined);
  assert.equal(payload.sub, user);
  assert.equal(payload.sid, tokens.claims().sid);
  return payload;
}

const told = (count = 1) => eventually(() => received.tokens.length >= count, `${count} logout tokens`);

test('metadata say what there is', () => {
  const metadata = party.config.serverMetadata();
  for (const channel of ['backchannel', 'frontchannel'])
    for (const what of ['supported', 'session_supported']) assert.equal(metadata[`${channel}_logout_${what}`], true);
});

test('the application signs out: everyone hears of it, the person comes back', async () => {
  const {context, page, tokens} = await signedIn();
  await party.userinfo(tokens);
  const out = await page.goto(oidc.buildEndSessionUrl(party.config, {id_token_hint: tokens.id_token, post_logout_redirect_uri: `${party.origin}/bye`, state: 'xyz'}).href);
  const policy = out.headers()['content-security-policy'];
  assert.match(policy, new RegExp(`frame-src http://127\\.0\\.0\\.1:${receiver.address().port}[;]`));
  await page.waitForURL(`${party.origin}/bye?state=xyz`);
  await told();
  await checked(received.tokens[0], tokens);
  assert.equal(received.frames.length, 1);
  assert.equal(received.frames[0].searchParams.get('iss'), party.config.serverMetadata().issuer);
  assert.equal(received.frames[0].searchParams.get('sid'), tokens.claims().sid);
  await assert.rejects(party.userinfo(tokens));
  await assert.rejects(oidc.refreshTokenGrant(party.config, tokens.refresh_token));
  await page.goto(await party.begin());
  assert.ok(await page.isVisible('input[name=loginName], input[name=password]'), 'the browser has to sign in again');
  await context.close();
});

test('the person signs out at the page, after a question', async () => {
  const {context, page, tokens} = await signedIn();
  await page.goto(oidc.buildEndSessionUrl(party.config, {client_id: party.config.clientMetadata().client_id, post_logout_redirect_uri: `${party.origin}/bye`, state: 'q'}).href);
  await party.userinfo(tokens);
  assert.equal(received.tokens.length, 0, 'asked, not done');
  await page.click('button[type=submit]');
  await page.waitForURL(`${party.origin}/bye?state=q`);
  await told();
  await checked(received.tokens[0], tokens);
  assert.equal(received.frames.length, 1);
  await context.close();
});

test('an address that is not registered is refused', async () => {
  const {context, tokens} = await signedIn();
  const out = await fetch(oidc.buildEndSessionUrl(party.config, {id_token_hint: tokens.id_token, post_logout_redirect_uri: 'http://evil.example/'}), {redirect: 'manual'});
  assert.equal(out.status, 400);
  await party.userinfo(tokens);
  await context.close();
});

test('the session service ends a session, and a server that fails is told again', async () => {
  const {context, tokens} = await signedIn();
  received.status = 503;
  await api('DELETE', `/v2/sessions/${tokens.claims().sid}`, {});
  await told();
  received.status = 200;
  await told(2);
  const [first, second] = [await checked(received.tokens[0], tokens), await checked(received.tokens[1], tokens)];
  assert.notEqual(first.jti, second.jti);
  await context.close();
});

test('a user who is deactivated is signed out everywhere', async () => {
  const {context, tokens} = await signedIn();
  await api('POST', `/management/v1/users/${user}/_deactivate`, {}, {org});
  const sid = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid;
  const mine = await eventually(() => received.tokens.find((token) => sid(token) === tokens.claims().sid), 'the news of this session, among all of hers');
  await checked(mine, tokens);
  await assert.rejects(party.userinfo(tokens));
  await api('POST', `/management/v1/users/${user}/_reactivate`, {}, {org});
  await context.close();
});

test('an address of no server is refused when it is set', async () => {
  const {id} = await api('POST', '/management/v1/projects', {name: fresh('project')}, {org});
  for (const address of ['javascript:alert(1)', 'app://x', 'https://app.example/#x', '/logout'])
    for (const field of ['backChannelLogoutUri', 'frontChannelLogoutUri'])
      await assert.rejects(api('POST', `/management/v1/projects/${id}/apps/oidc`, {name: fresh('app'), redirectUris: ['https://app.example/cb'], [field]: address}, {org}), /PROJECT-Lou01|400/);
  assert.ok(base);
});
