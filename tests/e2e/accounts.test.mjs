// Several people in one browser: who comes next is chosen, asked again, agreed with, signed out. No page needs JavaScript.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {api, base, fresh, importUser, openBrowser, RelyingParty, signIn, strictPage} from './lib.mjs';

const password = 'Correct-Horse-7é';
let browser, org, shop, ann, bob;
before(async () => {
  browser = await openBrowser();
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  shop = await RelyingParty.create(org);
  for (const name of ['ann', 'bob']) {
    const login = fresh(name);
    const person = {login, id: await importUser(org, login, {password})};
    if (name === 'ann') ann = person;
    else bob = person;
  }
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** A browser in which these people have signed in, one after the other. */
async function shared(people, run) {
  const context = await browser.newContext({javaScriptEnabled: false, locale: 'en-GB'});
  const page = await strictPage(context, [shop.origin]);
  const go = async (parameters = {}) => page.goto(await shop.begin(parameters));
  const arrived = async () => {
    await page.waitForURL(`${shop.origin}/callback**`);
    return shop.lastCallback.searchParams.get('error') ? shop.lastCallback.searchParams.get('error') : (await shop.finish()).claims();
  };
  try {
    for (const person of people) {
      await go({prompt: 'login'});
      await signIn(page, person.login, password);
      await arrived();
    }
    await run({page, context, go, arrived});
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}
const row = (page, person) => page.locator('form.choice', {hasText: person.login});

test('of several accounts the person chooses, or the application names one', () => shared([ann, bob], async ({page, go, arrived}) => {
  await go();
  await row(page, ann).locator('button.pick').click();
  assert.equal((await arrived()).sub, ann.id);
  await go({login_hint: bob.login});
  assert.equal((await arrived()).sub, bob.id);
  await go({prompt: 'none'});
  assert.equal(await arrived(), 'account_selection_required');
  await go({prompt: 'none', login_hint: ann.login});
  assert.equal((await arrived()).sub, ann.id);
  await go({prompt: 'select_account', login_hint: ann.login});
  await row(page, bob).locator('button.pick').click();
  assert.equal((await arrived()).sub, bob.id);
}));

test('another account can be used, one signed out, one forgotten', () => shared([ann], async ({page, go, arrived}) => {
  await go({prompt: 'select_account'});
  await page.click('text=Use another account');
  await signIn(page, bob.login, password);
  assert.equal((await arrived()).sub, bob.id);
  await go();
  await row(page, bob).locator('button.leave').click();
  await row(page, bob).getByText('signed out').waitFor();
  await row(page, bob).locator('button.leave').click();
  await row(page, ann).waitFor();
  assert.equal(await row(page, bob).count(), 0);
  await go();
  assert.equal((await arrived()).sub, ann.id, 'who is left needs no choice');
}));

test('an old sign-in is proved again as the same person', () => shared([ann], async ({page, go, arrived}) => {
  const before = Math.floor(Date.now() / 1000);
  await go({max_age: '0'});
  assert.ok(await page.getByText(ann.login).first().isVisible());
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  const claims = await arrived();
  assert.equal(claims.sub, ann.id);
  assert.ok(claims.auth_time >= before - 1);
  await go({prompt: 'login'});
  assert.equal(await page.inputValue('input[name=loginName]'), ann.login, 'the name is remembered');
}));

test('consent is asked for where the application asks, and may be refused', () => shared([ann], async ({page, go, arrived}) => {
  await go({prompt: 'consent'});
  assert.ok(await page.getByText('see your e-mail address').isVisible());
  await page.click('button[value=deny]');
  assert.equal(await arrived(), 'access_denied');
  assert.equal(shop.lastCallback.searchParams.get('iss'), base, 'a refusal says who refuses (RFC 9207)');
  await go({prompt: 'consent'});
  await page.click('button[value=allow]');
  assert.equal((await arrived()).sub, ann.id);
}));

test('who has no account makes one where the application asks', () => shared([], async ({page, go, arrived}) => {
  const email = `${fresh('carla')}@example.com`;
  await go({prompt: 'create', scope: `openid profile email urn:zitadel:iam:org:id:${org}`});
  const submit = async (fields) => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
    await page.click('button[type=submit]');
  };
  await submit({firstName: 'Carla', lastName: 'Coyote', email, password, passwordConfirmation: 'another'});
  assert.match(await page.textContent('[role=alert]'), /not the same/);
  assert.equal(await page.inputValue('input[name=email]'), email, 'what was typed is kept, passwords are not');
  assert.equal(await page.inputValue('input[name=password]'), '');
  await submit({password, passwordConfirmation: password});
  const claims = await arrived();
  const made = await api('GET', `/management/v1/users/${claims.sub}`, undefined, {org});
  assert.equal(made.user.userName, email);
  assert.ok(!made.user.human.email.isEmailVerified);
}));

test('other organizations\' people are not shown, and the page is the asked organization\'s', () => shared([ann], async ({page, go}) => {
  const name = fresh('Elsewhere');
  const other = (await api('POST', '/management/v1/orgs', {name})).id;
  await go({scope: `openid urn:zitadel:iam:org:id:${other}`, prompt: 'select_account'});
  assert.match(await page.content(), new RegExp(name));
  assert.doesNotMatch(await page.content(), new RegExp(ann.login));
}));

test('signing out asks whom', () => shared([ann, bob], async ({page, go, arrived}) => {
  await page.goto(`${base}/ui/v2/login/logout`);
  await row(page, ann).locator('button.pick').click();
  await page.getByText('Other accounts are still signed in').waitFor();
  await go();
  assert.equal((await arrived()).sub, bob.id);
  await page.goto(`${base}/ui/v2/login/logout`);
  assert.ok(await page.getByText(`${bob.login} will be signed out`).isVisible());
  await page.click('button[type=submit]');
  await go({prompt: 'none'});
  assert.equal(await arrived(), 'login_required');
}));

test('the cookie of the browser is another one after signing in', () => shared([ann], async ({page, context, go, arrived}) => {
  const cookie = async () => (await context.cookies()).find((one) => one.name.endsWith('godwit-agent'));
  const earlier = await cookie();
  assert.ok(earlier.httpOnly && earlier.sameSite === 'Lax');
  await go({prompt: 'login'});
  await signIn(page, bob.login, password);
  await arrived();
  assert.notEqual((await cookie()).value, earlier.value);
}));
