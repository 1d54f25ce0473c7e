// The sign-in pages in an organization's own words, and the way back to the application after signing out.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {api, fresh, importUser, openBrowser, RelyingParty, signIn, strictPage} from './lib.mjs';

let browser, org, shop, name;
before(async () => {
  browser = await openBrowser();
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Wordy')})).id;
  shop = await RelyingParty.create(org);
  name = fresh('word');
  await importUser(org, name, {password: 'Password1!'});
});
after(async () => {
  await browser?.close();
  shop?.close();
});

const text = (language) => `/management/v1/text/login/${language}`;
const scope = () => `openid urn:zitadel:iam:org:id:${org}`;

async function visitor(locale, run) {
  const context = await browser.newContext({javaScriptEnabled: false, locale});
  const page = await strictPage(context, [shop.origin]);
  try {
    await run(page);
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}

test('an organization says it in its own words, in each language', async () => {
  const evil = 'Hallo <b>Welt</b> & "du" {{t.details}}';
  await api('PUT', text('de'), {loginText: {title: evil, nextButtonText: 'Los <script>alert(1)</script>'}, passwordText: {nextButtonText: 'Hinein'}}, {org});
  await api('PUT', text('en-GB'), {loginText: {title: 'Hello from Wordy', description: 'To {application}, please.', nextButtonText: 'Go on'}}, {org});
  await api('PUT', text('fr'), {loginText: {title: 'Bienvenue'}}, {org});

  await visitor('de-CH', async (page) => {
    await page.goto(await shop.begin({scope: scope()}));
    assert.equal(await page.textContent('h1'), evil);
    assert.equal(await page.locator('h1 b').count(), 0, 'HTML in a text is text');
    assert.equal(await page.textContent('button[type=submit]'), 'Los <script>alert(1)</script>');
    assert.match(await page.title(), /Hallo <b>Welt/);
    await page.fill('input[name=loginName]', name);
    await page.click('button[type=submit]');
    assert.equal(await page.textContent('button[type=submit]'), 'Hinein');
    assert.equal(await page.textContent('h1'), 'Passwort eingeben', 'what it does not say is ours');
  });
  await visitor('en-GB', async (page) => {
    await page.goto(await shop.begin({scope: scope()}));
    assert.equal(await page.textContent('h1'), 'Hello from Wordy');
    assert.equal(await page.textContent('.lead'), 'To Shop, please.');
    assert.equal(await page.textContent('button[type=submit]'), 'Go on');
  });
  await visitor('fr-FR', async (page) => {
    await page.goto(await shop.begin({scope: scope()}));
    assert.equal(await page.getAttribute('html', 'lang'), 'fr');
    assert.equal(await page.textContent('h1'), 'Bienvenue');
    assert.equal(await page.textContent('button[type=submit]'), 'Next');
    await page.goto(await shop.begin());
    assert.equal(await page.textContent('h1'), 'Welcome back', 'without the organization nothing of it is shown');
  });
});

test('the texts are read back, with the defaults beside them, and reset', async () => {
  const {customText: own} = await api('GET', text('de'), undefined, {org});
  assert.equal(own.passwordText.nextButtonText, 'Hinein');
  assert.equal(own.isDefault, undefined);
  assert.equal(own.details.resourceOwner, org);
  assert.equal(own.passwordText.title, undefined, 'only its own words');
  const {customText: standard} = await api('GET', '/management/v1/text/default/login/de', undefined, {org});
  assert.equal(standard.passwordText.title, 'Passwort eingeben');
  assert.equal(standard.isDefault, true);

  await api('PUT', '/admin/v1/text/login/de', {footerText: {help: 'Beistand'}});
  assert.equal((await api('GET', '/management/v1/text/default/login/de', undefined, {org})).customText.footerText.help, 'Beistand');
  assert.equal((await api('GET', '/admin/v1/text/default/login/de')).customText.footerText.help, 'Hilfe');
  assert.equal((await api('GET', '/admin/v1/text/login/de')).customText.footerText.help, 'Beistand');
  await api('DELETE', '/admin/v1/text/login/de');
  await api('DELETE', '/admin/v1/text/login/de', undefined, {want: 404});

  await api('DELETE', text('de'), undefined, {org});
  assert.deepEqual((await api('GET', text('de'), undefined, {org})).customText, {isDefault: true});
  await api('PUT', text('de'), {loginText: {title: 'x'.repeat(201)}}, {org, want: 400});
  await api('PUT', text('not%20one'), {loginText: {title: 'x'}}, {org, want: 400});
});

test('who signs out without a token is asked, and then goes where the application said', async () => {
  const client = shop.config.clientMetadata().client_id;
  const end = (parameters) => {
    const url = new URL(shop.config.serverMetadata().end_session_endpoint);
    url.search = new URLSearchParams(parameters);
    return url.href;
  };
  await visitor('en-GB', async (page) => {
    await page.goto(await shop.begin());
    await signIn(page, name, 'Password1!');
    await page.waitForURL(`${shop.origin}/callback**`);
    await page.goto(end({client_id: client, post_logout_redirect_uri: `${shop.origin}/bye`, state: 'a&b'}));
    assert.match(await page.textContent('h1'), /sign out/i);
    await page.click('button[type=submit]');
    await page.waitForURL(`${shop.origin}/bye?state=a%26b`);
    await page.goto(await shop.begin({prompt: 'none'}));
    await page.waitForURL(`${shop.origin}/callback**`);
    assert.equal(shop.lastCallback.searchParams.get('error'), 'login_required');
  });
  // The page's own parameters can be made up by anybody: an address that is not registered is not followed.
  await visitor('en-GB', async (page) => {
    const page_of = new URL('/ui/v2/login/logout', end({}));
    page_of.search = new URLSearchParams({client_id: client, post_logout_redirect: 'https://evil.example/', state: 'x'});
    await page.goto(page_of.href);
    assert.equal(await page.locator('input[name=post_logout_redirect]').count(), 0);
    await page.click('button[type=submit]');
    await page.waitForURL('**/logout/done');
    assert.match(await page.textContent('h1'), /signed out/i);
  });
});

test('the last page speaks the words of who was signed in', async () => {
  await api('PUT', text('en'), {logoutText: {title: 'So long!'}}, {org});
  await visitor('en-GB', async (page) => {
    await page.goto(await shop.begin());
    await signIn(page, name, 'Password1!');
    await page.waitForURL(`${shop.origin}/callback**`);
    await page.goto(shop.config.serverMetadata().end_session_endpoint);
    await page.click('button[type=submit]');
    assert.equal(await page.textContent('h1'), 'So long!');
  });
});
