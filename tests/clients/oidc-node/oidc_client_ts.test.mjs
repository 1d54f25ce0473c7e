// oidc-client-ts in a browser, as a single-page application uses it: sign-in by redirect and by popup, silent renewal in a hidden frame
// and by refresh token, signing out.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {chromium} from 'playwright-core';
import {Workspace, base, password} from '../../harness/api.mjs';
import {clientKinds, serve} from './lib.mjs';

// One script for all pages of the application; `settings` comes with the page.
const program = `
import {UserManager} from 'oidc-client-ts';
const manager = new UserManager(window.settings);
window.manager = manager;
if (location.pathname === '/callback') manager.signinCallback().then(() => location.replace('/'));
if (location.pathname === '/popup' || location.pathname === '/silent') manager.signinCallback();
window.attempt = async (method, ...args) => {
  try {
    const user = await manager[method](...args);
    return {profile: user.profile, access_token: user.access_token, refresh_token: user.refresh_token};
  } catch (e) {
    return {error: e.error ?? String(e)};
  }
};`;

let work, browser, script;
before(async () => {
  work = await Workspace.create();
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const {outputFiles} = await build({stdin: {contents: program, resolveDir}, bundle: true, write: false, format: 'iife', logLevel: 'silent'});
  script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']});
});
after(() => browser?.close());

/** The application at an origin of its own, and a page of a new browser in it; `settings` of UserManager besides the usual. */
async function openApplication(t, settings = {}, host = 'localhost') {
  let page_text;
  const served = await serve(t, (request, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(page_text));
  const origin = served.replace('localhost', host);
  const {clientId} = await work.app({
    ...clientKinds['none, in a browser'],
    redirectUris: ['callback', 'popup', 'silent'].map((path) => `${origin}/${path}`),
    postLogoutRedirectUris: [`${origin}/bye`],
  });
  const all = {
    authority: base,
    client_id: clientId,
    redirect_uri: `${origin}/callback`,
    popup_redirect_uri: `${origin}/popup`,
    silent_redirect_uri: `${origin}/silent`,
    post_logout_redirect_uri: `${origin}/bye`,
    scope: 'openid profile',
    loadUserInfo: true,
    automaticSilentRenew: false,
    ...settings,
  };
  page_text = `<!doctype html><title>App</title><script>window.settings = ${JSON.stringify(all)}</script><script>${script}</script>`;
  const context = await browser.newContext({ignoreHTTPSErrors: true});
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  return {page, context, origin};
}

async function fillIn(page) {
  await page.fill('input[name=loginName]', work.userName);
  await page.click('button[type=submit]');
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
}

/** Signs in by redirect; answers the user that the application then has. */
async function signIn({page, origin}) {
  await page.evaluate(() => void window.manager.signinRedirect());
  await fillIn(page);
  await page.waitForURL(`${origin}/`);
  return page.evaluate(() => window.attempt('getUser'));
}

const attempt = (page, ...args) => page.evaluate((all) => window.attempt(...all), args);

test('sign-in by redirect, renewal in a hidden frame, until the person has signed out', async (t) => {
  const app = await openApplication(t);
  const {page, origin} = app;
  assert.deepEqual(await attempt(page, 'signinSilent'), {error: 'login_required'}, 'before anybody signed in');

  const user = await signIn(app);
  assert.equal(user.profile.sub, work.user);
  assert.equal(user.profile.name, 'Road Runner');
  assert.equal(user.refresh_token, undefined);

  const framed = [];
  page.on('framenavigated', (frame) => frame !== page.mainFrame() && frame.url() !== 'about:blank' && framed.push(frame.url().split('?')[0]));
  const renewed = await attempt(page, 'signinSilent');
  assert.equal(renewed.error, undefined);
  assert.notEqual(renewed.access_token, user.access_token);
  assert.equal(renewed.profile.sub, user.profile.sub);
  assert.equal(renewed.profile.sid, user.profile.sid);
  assert.deepEqual(framed, [`${origin}/silent`], 'only the application\'s own page is ever shown in the frame');

  await page.evaluate(() => void window.manager.signoutRedirect());
  await page.waitForURL(`${origin}/bye`);
  assert.deepEqual(await attempt(page, 'signinSilent'), {error: 'login_required'}, 'after signing out');
});

test('an access token that is about to expire is renewed by itself', async (t) => {
  // Renewal is due as soon as more than a second of twelve hours has gone.
  const app = await openApplication(t, {automaticSilentRenew: true, accessTokenExpiringNotificationTimeInSeconds: 12 * 3600 - 1});
  await app.page.addInitScript(() => {
    window.addEventListener('DOMContentLoaded', () => window.manager?.events.addUserLoaded((user) => (window.renewed = user.access_token)));
  });
  const before = await signIn(app);
  const renewed = await (await app.page.waitForFunction(() => window.renewed)).jsonValue();
  assert.notEqual(renewed, before.access_token);
});

test('renewal by refresh token, and its end by revocation', async (t) => {
  const app = await openApplication(t, {scope: 'openid profile offline_access'});
  const user = await signIn(app);
  assert.ok(user.refresh_token);
  const renewed = await attempt(app.page, 'signinSilent');
  assert.notEqual(renewed.access_token, user.access_token);
  assert.notEqual(renewed.refresh_token, user.refresh_token);
  await app.page.evaluate(() => window.manager.revokeTokens());
  assert.equal((await fetch(`${base}/oidc/v1/userinfo`, {headers: {authorization: `Bearer ${renewed.access_token}`}})).status, 401);
});

test('sign-in by popup', async (t) => {
  const {page, context} = await openApplication(t);
  const opened = context.waitForEvent('page');
  // The application keeps an eye on its window: that must stay one, as long as the person is at the pages.
  const result = page.evaluate(() => window.attempt('signinPopup', {popupAbortOnClose: true}));
  await fillIn(await opened);
  const user = await result;
  assert.equal(user.error, undefined);
  assert.equal(user.profile.sub, work.user);
});

// The cookie of the provider's sessions is SameSite=Lax: browsers leave it out of other sites' frames, as they do with all cookies soon.
test('an application of another site is told to let the person sign in, and renews by refresh token', async (t) => {
  const framed = await openApplication(t, {}, '127.0.0.1');
  assert.equal((await signIn(framed)).profile.sub, work.user);
  assert.deepEqual(await attempt(framed.page, 'signinSilent'), {error: 'login_required'});
  const refreshing = await openApplication(t, {scope: 'openid profile offline_access'}, '127.0.0.1');
  const user = await signIn(refreshing);
  assert.notEqual((await attempt(refreshing.page, 'signinSilent')).access_token, user.access_token);
});

test('the sign-in pages are not shown in a frame', async (t) => {
  const {page, context} = await openApplication(t);
  const address = `${base}/ui/v2/login/login`;
  await page.evaluate((src) => new Promise((done) => {
    const frame = Object.assign(document.createElement('iframe'), {src, onload: done});
    document.body.append(frame);
  }), address);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  assert.equal(await frame.locator('input[name=loginName]').count(), 0, 'inside somebody else\'s page');
  const alone = await context.newPage();
  await alone.goto(address);
  assert.equal(await alone.locator('input[name=loginName]').count(), 1, 'by itself');
});
