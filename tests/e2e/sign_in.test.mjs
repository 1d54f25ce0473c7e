// The way in: people arrive with the password they had, and sign in to an application with it.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {api, eventually, fresh, importUser, openBrowser, RelyingParty, signIn, storedHash, strictPage} from './lib.mjs';

// "Correct-Horse-7é", hashed by other systems (tests/vectors/password).
const password = 'Correct-Horse-7é';
const hashes = {
  bcrypt: '$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy',
  'passlib pbkdf2': '$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$aPcXrbLlDnM16LiOx2BTnma.roV7tU.kj5BnSpbOf3w',
  argon2i: '$argon2i$v=19$m=1024,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$E8x4L98bI4EQMnw+o/Cpbjo1K5/skCODOQJPOVweokE',
};

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
async function visitor(run, parameters = {}) {
  const context = await browser.newContext({javaScriptEnabled: false, locale: 'en-GB'});
  const page = await strictPage(context, [shop.origin]);
  try {
    await page.goto(await shop.begin(parameters));
    await run(page, context);
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}

for (const [scheme, value] of Object.entries(hashes)) {
  test(`a user imported with a ${scheme} hash signs in, and the hash becomes ours`, async () => {
    const name = fresh('ada');
    const id = await importUser(org, name, {hashedPassword: {value}});
    assert.equal(storedHash(id), value);
    await visitor(async (page) => {
      await signIn(page, name, password);
      await page.waitForURL(`${shop.origin}/callback**`);
    });
    const tokens = await shop.finish();
    assert.equal(tokens.claims().sub, id);
    assert.ok(tokens.claims().amr.includes('pwd'));
    const info = await shop.userinfo(tokens);
    assert.equal(info.name, 'Road Runner');
    assert.equal(info.email_verified, true);
    assert.ok(tokens.refresh_token);
    await eventually(() => storedHash(id).startsWith('$argon2id$'), 'the rehash');
    await visitor(async (page) => {
      await signIn(page, name, password);
      await page.waitForURL(`${shop.origin}/callback**`);
    });
    assert.equal((await shop.finish()).claims().sub, id);
  });
}

test('a user of the bulk import signs in', async () => {
  const id = fresh('u'), name = fresh('grace');
  const answer = await api('POST', '/admin/v1/import', {
    timeout: '10m',
    data_orgs: {orgs: [{orgId: fresh('org'), org: {name: fresh('Bulk')}, humanUsers: [{
      userId: id,
      user: {userName: name, profile: {firstName: 'Grace', lastName: 'H'}, email: {email: 'g@example.com', isEmailVerified: true}, hashedPassword: {value: hashes.bcrypt, algorithm: 'bcrypt'}},
    }]}]},
  });
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  await visitor(async (page) => {
    await signIn(page, name, password);
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  assert.equal((await shop.finish()).claims().sub, id);
});

test('a public client signs in with PKCE alone', async () => {
  const spa = await RelyingParty.create(org, {confidential: false});
  try {
    const name = fresh('spa');
    const id = await importUser(org, name, {password: 'Password1!'});
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await spa.begin());
    await signIn(page, name, 'Password1!');
    await page.waitForURL(`${spa.origin}/callback**`);
    assert.equal((await spa.finish()).claims().sub, id);
    await context.close();
  } finally {
    spa.close();
  }
});

test('a wrong password is refused, and the right one is then taken', async () => {
  const name = fresh('wrong');
  const id = await importUser(org, name, {hashedPassword: {value: hashes.bcrypt}});
  await visitor(async (page) => {
    await signIn(page, name, 'not the password');
    assert.match(await page.textContent('[role=alert]'), /wrong/i);
    assert.equal(storedHash(id), hashes.bcrypt);
    await page.fill('input[name=password]', password);
    await page.click('button[type=submit]');
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  assert.equal((await shop.finish()).claims().sub, id);
});

test('a name that nobody has is said so, unless the policy hides users', async () => {
  await visitor(async (page) => {
    await page.fill('input[name=loginName]', fresh('nobody'));
    await page.click('button[type=submit]');
    assert.match(await page.textContent('[role=alert]'), /no account/i);
  });
});

test('locked, deactivated and unfinished users stay outside', async () => {
  const cases = [
    ['locked', {password: 'Password1!'}, (id) => api('POST', `/management/v1/users/${id}/_lock`, {}, {org}), /locked/i],
    ['inactive', {password: 'Password1!'}, (id) => api('POST', `/management/v1/users/${id}/_deactivate`, {}, {org}), /switched off/i],
    ['initial', {}, async () => {}, /not been set up/i],
  ];
  for (const [what, fields, then, words] of cases) {
    const name = fresh(what);
    await then(await importUser(org, name, fields));
    await visitor(async (page) => {
      await signIn(page, name, 'Password1!');
      assert.match(await page.textContent('[role=alert]'), words, what);
    });
  }
});

test('a password that must change is changed before anything else', async () => {
  const name = fresh('change');
  const id = await importUser(org, name, {hashedPassword: {value: hashes.bcrypt}, passwordChangeRequired: true});
  await visitor(async (page) => {
    await signIn(page, name, password);
    await page.waitForSelector('input[name=newPassword]');
    const change = async (first, second) => {
      await page.fill('input[name=newPassword]', first);
      await page.fill('input[name=newPasswordConfirmation]', second);
      await page.click('button[type=submit]');
    };
    await change('weak', 'weak');
    assert.match(await page.textContent('[role=alert]'), /rules/i);
    await change('Better-Password-1', 'Better-Password-2');
    assert.match(await page.textContent('[role=alert]'), /not the same/i);
    await change(password, password);
    assert.match(await page.textContent('[role=alert]'), /differ/i);
    await change('Better-Password-1', 'Better-Password-1');
    await page.waitForURL(`${shop.origin}/callback**`);
  });
  assert.equal((await shop.finish()).claims().sub, id);
  await visitor(async (page) => {
    await signIn(page, name, password);
    assert.match(await page.textContent('[role=alert]'), /wrong/i);
    await page.fill('input[name=password]', 'Better-Password-1');
    await page.click('button[type=submit]');
    await page.waitForURL(`${shop.origin}/callback**`);
  });
});

test('one sign-in serves the browser until it signs out', async () => {
  const name = fresh('sso');
  const id = await importUser(org, name, {password: 'Password1!'});
  await visitor(async (page) => {
    await signIn(page, name, 'Password1!');
    await page.waitForURL(`${shop.origin}/callback**`);
    const first = await shop.finish();
    await page.goto(await shop.begin());
    await page.waitForURL(`${shop.origin}/callback**`);
    assert.equal((await shop.finish()).claims().sub, id);
    await page.goto(await shop.begin({prompt: 'none'}));
    await page.waitForURL(`${shop.origin}/callback**`);
    assert.equal((await shop.finish()).claims().sub, id);
    await page.goto(await shop.begin({prompt: 'login'}));
    await page.waitForSelector('input[name=loginName]');

    const end = new URL(shop.config.serverMetadata().end_session_endpoint);
    end.search = new URLSearchParams({id_token_hint: first.id_token, post_logout_redirect_uri: `${shop.origin}/bye`, state: 'x'});
    await page.goto(end.href);
    await page.waitForURL(`${shop.origin}/bye?state=x`);
    await page.goto(await shop.begin({prompt: 'none'}));
    await page.waitForURL(`${shop.origin}/callback**`);
    assert.equal(shop.lastCallback.searchParams.get('error'), 'login_required');
  });
});

test('signing out at the login itself asks first, and ends the session', async () => {
  const name = fresh('out');
  await importUser(org, name, {password: 'Password1!'});
  await visitor(async (page) => {
    await signIn(page, name, 'Password1!');
    await page.waitForURL(`${shop.origin}/callback**`);
    await page.goto(shop.config.serverMetadata().end_session_endpoint);
    await page.click('button[type=submit]');
    assert.match(await page.textContent('h1'), /signed out/i);
    await page.goto(await shop.begin({prompt: 'none'}));
    await page.waitForURL(`${shop.origin}/callback**`);
    assert.equal(shop.lastCallback.searchParams.get('error'), 'login_required');
  });
});

test('the pages speak German to who prefers it, and pre-fill the hint', async () => {
  await visitor(async (page) => {
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    assert.match(await page.textContent('h1'), /Willkommen/);
    assert.equal(await page.inputValue('input[name=loginName]'), 'ada@"><b>x');
  }, {ui_locales: 'de-CH', login_hint: 'ada@"><b>x'});
});

test('a form posted from elsewhere, or without the cookie, does nothing', async () => {
  const name = fresh('csrf');
  await importUser(org, name, {password: 'Password1!'});
  const start = await fetch(await shop.begin(), {redirect: 'manual'});
  const id = new URL(start.headers.get('location'), shop.config.serverMetadata().issuer).searchParams.get('authRequest');
  const forged = await fetch(`${shop.config.serverMetadata().issuer}/ui/v2/login/password`, {
    method: 'POST', redirect: 'manual',
    headers: {'content-type': 'application/x-www-form-urlencoded', cookie: 'godwit-form=' + 'x'.repeat(32)},
    body: new URLSearchParams({authRequest: id, loginName: name, password: 'Password1!', csrf: 'forged'}),
  });
  assert.equal(forged.status, 400);
  assert.equal(forged.headers.get('location'), null);
});
