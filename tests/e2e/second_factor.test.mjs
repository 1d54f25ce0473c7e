// People who had an authenticator app keep it: the code is asked for after the password, and each code opens the door once.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {after, before, test} from 'node:test';
import {api, fresh, importUser, openBrowser, RelyingParty, signIn, strictPage} from './lib.mjs';

const password = 'Password1!';
const secret = 'JBSWY3DPEHPK3PXP';  // base32 of "Hello!" and four more bytes
const period = 30_000;

/** RFC 6238 with the parameters of every authenticator app: the code of a moment, in ms. */
function code(at = Date.now()) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / period)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
/** A code that is right at no time near now. */
function wrongCode() {
  const near = [-2, -1, 0, 1, 2].map((steps) => code(Date.now() + steps * period));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((candidate) => !near.includes(candidate));
}

let browser, org, shop;
before(async () => {
  browser = await openBrowser();
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  shop = await RelyingParty.create(org);
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** A browser of somebody who was never here, without JavaScript, at the first screen. */
async function visitor(run, {locale = 'en-GB', ...parameters} = {}) {
  const context = await browser.newContext({javaScriptEnabled: false, locale});
  const page = await strictPage(context, [shop.origin]);
  try {
    await page.goto(await shop.begin(parameters));
    await run(page, context);
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}
const enter = async (page, typed) => {
  await page.fill('input[name=code]', typed);
  await page.click('button[type=submit]');
};
const isOutside = async (page) => {
  await page.goto(await shop.begin({prompt: 'none'}));
  await page.waitForURL(`${shop.origin}/callback**`);
  assert.equal(shop.lastCallback.searchParams.get('error'), 'login_required');
};

test('the code of the authenticator app is asked for after the password', async () => {
  const name = fresh('otp');
  const id = await importUser(org, name, {password, otpCode: secret});
  await visitor(async (page) => {
    await signIn(page, name, password);
    assert.match(await page.textContent('h1'), /enter your code/i);
    assert.equal(await page.getAttribute('input[name=code]', 'autocomplete'), 'one-time-code');
    await enter(page, '');
    assert.match(await page.textContent('[role=alert]'), /enter the code/i);
    await enter(page, wrongCode());
    assert.match(await page.textContent('[role=alert]'), /wrong/i);
    // Typed as apps show it.
    await enter(page, code().replace(/(...)(...)/, '$1 $2'));
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  const claims = (await shop.finish()).claims();
  assert.equal(claims.sub, id);
  assert.deepEqual([...claims.amr].sort(), ['mfa', 'otp', 'pwd']);
});

test('the password alone opens nothing, also by the address of another step', async () => {
  const name = fresh('otp');
  await importUser(org, name, {password, otpCode: secret, passwordChangeRequired: true});
  await visitor(async (page) => {
    await signIn(page, name, password);
    const fields = await page.$$eval('form input[type=hidden]', (inputs) => inputs.map((input) => [input.name, input.value]));
    const cookies = (await page.context().cookies()).map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
    const issuer = shop.config.serverMetadata().issuer;
    const skip = await fetch(`${issuer}/ui/v2/login/change`, {
      method: 'POST', redirect: 'manual', headers: {'content-type': 'application/x-www-form-urlencoded', cookie: cookies},
      body: new URLSearchParams([...fields, ['newPassword', 'Better-Password-1'], ['newPasswordConfirmation', 'Better-Password-1']]),
    });
    assert.equal(skip.status, 400);
    const claimed = fields.map(([field, value]) => [field, field === 'proved' ? 'pwd otp' : value]);
    const forged = await fetch(`${issuer}/ui/v2/login/change`, {
      method: 'POST', redirect: 'manual', headers: {'content-type': 'application/x-www-form-urlencoded', cookie: cookies},
      body: new URLSearchParams([...claimed, ['newPassword', 'Better-Password-1'], ['newPasswordConfirmation', 'Better-Password-1']]),
    });
    assert.equal(forged.status, 400);
    await isOutside(page);
  });
});

test('a password that must change is changed after the code', async () => {
  const name = fresh('otp');
  const id = await importUser(org, name, {password, otpCode: secret, passwordChangeRequired: true});
  await visitor(async (page) => {
    await signIn(page, name, password);
    await enter(page, code());
    await page.fill('input[name=newPassword]', 'Better-Password-1');
    await page.fill('input[name=newPasswordConfirmation]', 'Better-Password-1');
    await page.click('button[type=submit]');
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  const claims = (await shop.finish()).claims();
  assert.equal(claims.sub, id);
  assert.ok(claims.amr.includes('otp'));
});

test('a code opens the door once, and a session of the API is no second door', async () => {
  const name = fresh('otp');
  const userId = await importUser(org, name, {password, otpCode: secret});
  const session = await api('POST', '/v2/sessions', {checks: {user: {userId}, password: {password}}});
  const check = (typed, want) =>
    api('PATCH', `/v2/sessions/${session.sessionId}`, {checks: {totp: {code: typed}}}, {want});
  assert.match((await check(wrongCode(), 400)).message, /EVENT-8isk2/);
  const used = code();
  await check(used, 200);
  const {session: seen} = await api('GET', `/v2/sessions/${session.sessionId}`);
  assert.ok(seen.factors.totp.verifiedAt);
  assert.match((await check(used, 400)).message, /EVENT-8isk2/);
  await visitor(async (page) => {
    await signIn(page, name, password);
    await enter(page, used);
    assert.match(await page.textContent('[role=alert]'), /used already/i);
    await isOutside(page);
  });
});

test('an administrator takes the factor away, and the password is enough again', async () => {
  const name = fresh('otp');
  const id = await importUser(org, name, {password, otpCode: secret});
  const factors = () => api('POST', `/management/v1/users/${id}/auth_factors/_search`, {}, {org});
  assert.deepEqual((await factors()).result, [{state: 'AUTH_FACTOR_STATE_READY', otp: {}}]);
  await api('DELETE', `/management/v1/users/${id}/auth_factors/otp`, undefined, {org});
  assert.equal((await factors()).result, undefined);
  await visitor(async (page) => {
    await signIn(page, name, password);
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  assert.equal((await shop.finish()).claims().sub, id);
});

test('the screen speaks German to who prefers it', async () => {
  const name = fresh('otp');
  await importUser(org, name, {password, otpCode: secret});
  await visitor(async (page) => {
    await signIn(page, name, password);
    assert.match(await page.textContent('h1'), /Code eingeben/);
    await enter(page, wrongCode());
    assert.match(await page.textContent('[role=alert]'), /Dieser Code ist falsch/);
  }, {ui_locales: 'de', locale: 'de-CH'});
});
