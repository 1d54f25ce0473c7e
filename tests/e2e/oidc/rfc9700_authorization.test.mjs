// RFC 9700 at the authorization endpoint and the pages: each row breaks one rule and says what must come of it.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {Workspace, base, password} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';
import {Party, afterwards, callback, encode, endpoint, nativeApp, origin, publicApp, whereTo} from './party.mjs';

const withQuery = `${origin}/with?fixed=1`;
let work, parties;
before(async () => {
  work = await Workspace.create();
  parties = {
    web: await Party.create(work, {redirectUris: [callback, withQuery]}),
    spa: await Party.create(work, publicApp),
    native: await Party.create(work, {...nativeApp, redirectUris: ['http://127.0.0.1:7777/back', 'com.example.app:/back']}),
    loopback: await Party.create(work, {redirectUris: ['http://127.0.0.1:7777/back']}),
    wild: await Party.create(work, {redirectUris: ['https://*.client.example/*']}),
    unencrypted: await Party.create(work, {...publicApp, redirectUris: [callback.replace('https', 'http')]}),
  };
});

/** Rows of [party, what, changes of the request, what comes of it]. */
function refuses(rule, rows) {
  for (const [party, what, changes, outcome] of rows)
    test(`${rule}: ${party}, ${what}`, async () => assert.equal(whereTo(await parties[party].ask(changes)), outcome));
}

const noRedirect = 'page: 400 invalid_request';
const redirectUri = (party, what, redirect_uri, outcome = noRedirect) => [party, what, {redirect_uri}, outcome];

refuses('RFC 9700 2.1, 4.1.3 redirect URIs are compared as strings', [
  redirectUri('web', 'as registered', callback, 'the sign-in page'),
  redirectUri('web', 'as registered, with its query', withQuery, 'the sign-in page'),
  redirectUri('web', 'none', undefined),
  redirectUri('web', 'empty', ''),
  redirectUri('web', 'a slash more', `${callback}/`),
  redirectUri('web', 'a query more', `${callback}?x=1`),
  redirectUri('web', 'an empty query', `${callback}?`),
  redirectUri('web', 'its query left out', `${origin}/with`),
  redirectUri('web', 'its query changed', `${origin}/with?fixed=2`),
  redirectUri('web', 'its query made longer', `${withQuery}&more=1`),
  redirectUri('web', 'a fragment', `${callback}#x`),
  redirectUri('web', 'an empty fragment', `${callback}#`),
  redirectUri('web', 'another case of the path', `${origin}/Callback`),
  redirectUri('web', 'another case of the host', callback.replace('client', 'CLIENT')),
  redirectUri('web', 'the default port', callback.replace('.example', '.example:443')),
  redirectUri('web', 'another port', callback.replace('.example', '.example:8443')),
  redirectUri('web', 'another scheme', callback.replace('https', 'http')),
  redirectUri('web', 'a name below', callback.replace('client', 'evil.client')),
  redirectUri('web', 'a longer name', callback.replace('.example', '.example.evil.example')),
  redirectUri('web', 'a dot at the end of the host', callback.replace('.example', '.example.')),
  redirectUri('web', 'user info in front of the host', callback.replace('client', 'evil@client')),
  redirectUri('web', 'the host as user info', callback.replace('/callback', '@evil.example/callback')),
  redirectUri('web', 'a backslash', callback.replace('/callback', '\\@evil.example/callback')),
  redirectUri('web', 'a path that climbs', `${origin}/x/../callback`),
  redirectUri('web', 'a path that climbs, escaped', `${origin}/x/%2e%2e/callback`),
  redirectUri('web', 'an escaped letter', `${origin}/%63allback`),
  redirectUri('web', 'a line break', `${callback}\r\nSet-Cookie: x=1`),
  redirectUri('web', 'a NUL', `${callback}\0`),
  redirectUri('web', 'a look-alike letter', callback.replace('client', 'cl\u0456ent')),
  redirectUri('wild', 'a name that a pattern would match', 'https://evil.client.example/callback'),
  redirectUri('wild', 'a path that a pattern would match', 'https://www.client.example/callback'),
  redirectUri('web', 'no scheme', callback.replace('https:', '')),
  redirectUri('web', 'a script', 'javascript:alert(1)'),
  redirectUri('web', 'data', 'data:text/html,x'),
  redirectUri('web', 'somebody else', 'https://evil.example/callback'),
  redirectUri('web', 'a path of the provider', `${base}/ui/v2/login/login`),
  ['web', 'two of them', {redirect_uri: [callback, callback]}, noRedirect],
]);

refuses('RFC 9700 4.1.3 native applications may choose the port of the loopback interface, and nothing else', [
  redirectUri('native', 'another port', 'http://127.0.0.1:54321/back', 'the sign-in page'),
  redirectUri('native', 'its own scheme', 'com.example.app:/back', 'the sign-in page'),
  redirectUri('native', 'another path', 'http://127.0.0.1:54321/other'),
  redirectUri('native', 'a query more', 'http://127.0.0.1:54321/back?x=1'),
  redirectUri('native', 'another address', 'http://127.0.0.2:54321/back'),
  redirectUri('native', 'a host that begins like it', 'http://127.0.0.1.evil.example/back'),
  redirectUri('native', 'user info', 'http://127.0.0.1:1@evil.example/back'),
  redirectUri('native', 'another path of its scheme', 'com.example.app:/other'),
  redirectUri('native', 'a scheme like its own', 'com.example.apps:/back'),
  redirectUri('loopback', 'a web application, another port', 'http://127.0.0.1:54321/back'),
]);

refuses('RFC 9700 2.6 no answer goes over a connection that others can read', [
  redirectUri('unencrypted', 'http, though it is registered', callback.replace('https', 'http')),
]);

refuses('RFC 9700 2.1.1 PKCE', [
  ['spa', 'without', {code_challenge: undefined, code_challenge_method: undefined}, 'client: invalid_request'],
  ['native', 'without', {redirect_uri: 'com.example.app:/back', code_challenge: undefined, code_challenge_method: undefined}, 'client: invalid_request'],
  ['spa', 'the method plain', {code_challenge_method: 'plain'}, 'client: invalid_request'],
  ['spa', 'no method, which means plain', {code_challenge_method: undefined}, 'client: invalid_request'],
  ['web', 'the method plain', {code_challenge_method: 'plain'}, 'client: invalid_request'],
  ['web', 'a method without a challenge', {code_challenge: undefined}, 'client: invalid_request'],
  ['web', 'a method nobody knows', {code_challenge_method: 'S512'}, 'client: invalid_request'],
  ['web', 'a challenge that is no hash', {code_challenge: 'short'}, 'client: invalid_request'],
  ['web', 'two challenges', {code_challenge: ['a'.repeat(43), 'b'.repeat(43)]}, noRedirect],
]);

test('RFC 9700 2.1.1 the metadata say that PKCE is there', async () => {
  const metadata = await (await fetch(`${base}/.well-known/oauth-authorization-server`)).json();
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
});

refuses('RFC 9700 2.1.2 no token comes from the authorization endpoint unless the application is set up for it', [
  ['web', 'token', {response_type: 'token'}, 'page: 400 unauthorized_client'],
  ['web', 'id_token', {response_type: 'id_token'}, 'page: 400 unauthorized_client'],
  ['web', 'id_token token', {response_type: 'id_token token'}, 'page: 400 unauthorized_client'],
  ['web', 'code token', {response_type: 'code token'}, 'page: 400 unauthorized_client'],
  ['spa', 'token', {response_type: 'token'}, 'page: 400 unauthorized_client'],
]);

test('RFC 9700 4.4.2.1 every answer names who it comes from', async () => {
  const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
  const {web} = parties;
  const good = await web.signIn();
  const bad = answerOf(await web.ask({prompt: 'none'}));
  const posted = answerOf(await web.ask({prompt: 'none', response_mode: 'form_post'}));
  const fragment = answerOf(await web.ask({prompt: 'none', response_mode: 'fragment'}));
  assert.ok(good.code);
  for (const answer of [good, bad, posted, fragment]) assert.equal(answer.iss, metadata.issuer);
  for (const answer of [bad, posted, fragment]) assert.equal(answer.error, 'login_required');
});

test('RFC 9700 4.7 the state comes back as it was sent, and a form without the browser\'s secret is not taken', async () => {
  const {web} = parties;
  const state = '"<>&+% %20\u00e4\u{1f40e}#;=';
  assert.equal((await web.signIn(web.parameters({state}))).state, state);
  assert.equal(answerOf(await web.ask({state, prompt: 'none'})).state, state);

  const page = await web.ask();
  const form = page.forms[0];
  const typed = {...form.fields, loginName: work.userName};
  const elsewhere = await new Visitor().open(form.action, typed);
  assert.equal(elsewhere.status, 400);
  assert.ok(!elsewhere.forms.some(({fields}) => 'password' in fields));
  const {csrf, ...without} = typed;
  assert.ok(csrf);
  assert.equal((await new Visitor().open(form.action, without)).status, 400);
});

test('RFC 9700 4.11 the provider leads nobody to where nothing is registered', async () => {
  const evil = 'https://evil.example/';
  const visitor = new Visitor();
  const stays = async (url) => {
    const arrival = await visitor.open(url);
    assert.equal(arrival.left, undefined, `${url} led to ${arrival.left}`);
    assert.ok(!arrival.text.includes('href="https://evil'), url);
    return arrival.status;
  };
  const authorize = (changes) => `${endpoint.authorize}?${encode(parties.web.parameters(changes))}`;
  assert.equal(await stays(authorize({client_id: 'nobody', redirect_uri: evil})), 400);
  assert.equal(await stays(authorize({redirect_uri: evil})), 400);
  assert.equal(await stays(authorize({redirect_uri: evil, response_type: undefined})), 400);
  assert.equal(await stays(authorize({redirect_uri: evil, prompt: 'none'})), 400);
  assert.equal(await stays(authorize({request_uri: evil, redirect_uri: undefined})), 400);
  assert.equal(await stays(`${endpoint.end_session}?${encode({post_logout_redirect_uri: evil, client_id: parties.web.id})}`), 400);
  assert.equal(await stays(`${endpoint.end_session}?${encode({post_logout_redirect_uri: evil})}`), 400);
  for (const name of ['post_logout_redirect', 'redirect', 'redirect_uri', 'returnUrl', 'next', 'authRequest']) {
    for (const path of ['login', 'logout', 'logout/done', 'signed-in']) await stays(`${base}/ui/v2/login/${path}?${encode({[name]: evil})}`);
  }
  for (const path of ['//evil.example', '/\\evil.example', '/ui/v2/login//evil.example/..']) await stays(`${base}${path}`);
  // Signing out, an address of evil in the form.
  const page = await visitor.open(`${base}/ui/v2/login/logout`);
  const after = await visitor.open(page.forms[0].action, {...page.forms[0].fields, post_logout_redirect: evil, client_id: parties.web.id});
  assert.equal(after.left, undefined);
});

test('RFC 9700 4.11.2 a request that can be answered only by an error waits for the person first, unless it is silent', async () => {
  assert.equal(whereTo(await parties.web.ask({scope: undefined})), 'page: 400 invalid_request');
  assert.equal(whereTo(await parties.web.ask({prompt: 'none'})), 'client: login_required');
});

test('RFC 9700 4.12 what was typed is not carried on by a redirect', async () => {
  const visitor = new Visitor();
  const name = await parties.web.ask({}, visitor);
  const password = await visitor.submit(name, {loginName: work.userName});
  const form = password.forms.find(({fields}) => 'password' in fields);
  const cookie = [...visitor.jar.get('localhost')].map((pair) => pair.join('=')).join('; ');
  const response = await fetch(form.action, {method: 'POST', redirect: 'manual', headers: {cookie}, body: encode({...form.fields, password: 'Correct-Horse-7\u00e9'})});
  assert.equal(response.status, 303);
  assert.ok(response.headers.get('location').startsWith(`${callback}?`));
  // Nor is an authorization request that was posted.
  for (const changes of [{}, {prompt: 'none'}]) {
    const posted = await fetch(endpoint.authorize, {method: 'POST', redirect: 'manual', body: encode(parties.web.parameters(changes))});
    assert.ok([302, 303].includes(posted.status), `${posted.status}`);
  }
});

test('RFC 9700 4.7 forms that decide something are taken from the browser they were shown to, for the request they were shown for', async () => {
  const visitor = new Visitor();
  const {web} = parties;
  const name = await web.ask({prompt: 'consent'}, visitor);
  const asked = await visitor.submit(await visitor.submit(name, {loginName: work.userName}), {password});
  const consent = asked.forms.find(({action}) => action.pathname.endsWith('/consent'));
  assert.ok(consent, asked.text);
  const allow = {...consent.fields, do: 'allow'};
  for (const [what, browser, fields] of [
    ['another browser', new Visitor(), allow],
    ['no token', visitor, {...allow, csrf: undefined}],
    ['a token of one\'s own', visitor, {...allow, csrf: 'x'.repeat(consent.fields.csrf.length)}],
    ['the token of another request', visitor, {...allow, csrf: (await web.ask({prompt: 'login'}, visitor)).forms[0].fields.csrf}],
  ]) {
    const arrival = await browser.open(consent.action, fields);
    assert.equal(arrival.left, undefined, what);
    assert.equal(arrival.status, 400, what);
  }
  assert.equal(whereTo(await visitor.open(consent.action, allow)), 'client: code');
});

test('RFC 9700 4.2, 4.3, 4.16 pages cannot be framed, and tell nobody and no cache where they are', async () => {
  const visitor = new Visitor();
  const name = await parties.web.ask({}, visitor);
  const pages = {
    'sign-in name': name,
    password: await visitor.submit(name, {loginName: work.userName}),
    'wrong name': await visitor.submit(name, {loginName: 'nobody-at-all'}),
    gone: await visitor.open(`${base}/ui/v2/login/login?authRequest=V2_1`),
    'sign out': await visitor.open(`${base}/ui/v2/login/logout`),
    device: await visitor.open(`${base}/device`),
    'signed out': await visitor.open(`${base}/ui/v2/login/logout/done`),
    // The page itself, not what its form leads to.
    'posted answer': await visitor.open(`${endpoint.authorize}?${encode(parties.web.parameters({prompt: 'none', response_mode: 'form_post'}))}`),
  };
  for (const [what, {headers, text}] of Object.entries(pages)) {
    const policy = headers.get('content-security-policy');
    assert.match(policy, /frame-ancestors 'none'/, what);
    assert.match(policy, /default-src 'none'/, what);
    assert.doesNotMatch(policy, /unsafe-inline|\*/, what);
    assert.equal(headers.get('x-frame-options'), 'DENY', what);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', what);
    assert.equal(headers.get('cache-control'), 'no-store', what);
    assert.doesNotMatch(text, /(src|href)="https?:/, `${what}: nothing of others is loaded`);
  }
  const redirect = await fetch(`${endpoint.authorize}?${encode(parties.web.parameters({prompt: 'none'}))}`, {redirect: 'manual'});
  assert.equal(redirect.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(redirect.headers.get('cache-control'), 'no-store');
});

test('RFC 9700 2.6 scripts of other origins cannot ask the authorization endpoint', async () => {
  const address = `${endpoint.authorize}?${encode(parties.spa.parameters({prompt: 'none'}))}`;
  for (const options of [{}, {method: 'OPTIONS'}]) {
    const response = await fetch(address, {...options, redirect: 'manual', headers: {origin, 'access-control-request-method': 'GET'}});
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  }
});

test('RFC 9700 4.13 a header that anybody can send does not make another provider', async () => {
  const headers = {'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example;proto=https', 'x-zitadel-public-host': 'evil.example'};
  const metadata = await (await fetch(`${base}/.well-known/openid-configuration`, {headers})).json();
  assert.equal(metadata.issuer, base);
  assert.ok(!JSON.stringify(metadata).includes('evil'));
});

refuses('RFC 9700 4.17 answers are not posted between windows', [['web', 'web_message', {response_mode: 'web_message'}, 'client: invalid_request']]);

test('session fixation: who planted a cookie in a browser is not signed in by who uses it', async () => {
  const attacker = new Visitor(), victim = new Visitor();
  const other = await Workspace.create('Other');
  const party = await Party.create(other);
  await party.signIn(party.parameters(), attacker);
  const page = await attacker.open(`${base}/ui/v2/login/logout`);
  await attacker.submit(page);
  victim.keep(new URL(base), attacker.setCookies);
  const {web} = parties;
  assert.equal(whereTo(await web.ask({prompt: 'none'}, victim)), 'client: login_required');
  await web.signIn(web.parameters(), victim);
  assert.equal(whereTo(await web.ask({prompt: 'none'}, victim)), 'client: code');
  assert.equal(whereTo(await web.ask({prompt: 'none'}, attacker)), 'client: login_required');
});

test('cookies of the pages are for the provider alone', async () => {
  const visitor = new Visitor();
  await parties.web.signIn(parties.web.parameters(), visitor);
  assert.ok(visitor.setCookies.length >= 2);
  for (const line of visitor.setCookies) {
    assert.match(line, /; HttpOnly(;|$)/);
    assert.match(line, /; SameSite=(Lax|Strict)(;|$)/);
    assert.match(line, /; Path=\/(;|$)/);
    assert.doesNotMatch(line, /; Domain=/i);
  }
});
