// A person uses the single-page application of docs/integrate/spa.md in a browser. usage: spa.mjs URL
import assert from 'node:assert/strict';
import {openBrowser, signIn} from '../../e2e/lib.mjs';

const [url] = process.argv.slice(2);
const {OIDC_LOGIN_NAME, OIDC_PASSWORD} = process.env;
const browser = await openBrowser();
try {
  const page = await browser.newPage();
  const greeting = (text) => page.waitForFunction((wanted) => document.getElementById('greeting')?.textContent === wanted, text);
  await page.goto(url);
  await greeting('Welcome, stranger');
  await page.click('#sign-in');
  await signIn(page, OIDC_LOGIN_NAME, OIDC_PASSWORD);
  await greeting('Welcome, Ada Lovelace');
  assert.equal(page.url(), url);
  const tokens = await page.evaluate(async () => [(await manager.getUser()).refresh_token, (await manager.signinSilent()).refresh_token]);
  assert.ok(tokens[0] && tokens[1] && tokens[0] !== tokens[1], 'the refresh token is exchanged');
  await page.click('#sign-out');
  await greeting('Welcome, stranger');
} finally {
  await browser.close();
}
