// RFC 9700 (and what it stands on) at the endpoints that clients call: each row breaks one rule and says what must come of it.
import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {before, test} from 'node:test';
import * as jose from 'jose';
import {Workspace, base} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';
import {Party, afterwards, assertionType, callback, encode, endpoint, inShort, keyApp, post, publicApp, userinfo} from './party.mjs';

const withExchange = {grantTypes: ['CODE', 'REFRESH_TOKEN', 'TOKEN_EXCHANGE'].map((name) => `OIDC_GRANT_TYPE_${name === 'CODE' ? 'AUTHORIZATION_CODE' : name}`)};
const offline = {scope: 'openid offline_access'};
let work, web, other, spa, keyed;
before(async () => {
  work = await Workspace.create();
  web = await Party.create(work, {...withExchange, redirectUris: [callback, `${callback}2`]});
  other = await Party.create(work, withExchange);
  spa = await Party.create(work, publicApp);
  keyed = await Party.create(work, keyApp);
});

// RFC 9700 2.1.1, 4.5, 4.8; RFC 6749 4.1.3: [what, changes of the authorization request, changes of the token request]
for (const [what, asked, changes] of [
  ['another redirect_uri', {}, {redirect_uri: `${callback}2`}],
  ['no redirect_uri', {}, {redirect_uri: undefined}],
  ['another verifier', {}, {code_verifier: 'x'.repeat(43)}],
  ['the challenge as verifier', {code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'}, {code_verifier: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'}],
  ['no verifier', {}, {code_verifier: undefined}],
  ['an empty verifier', {}, {code_verifier: ''}],
  ['a verifier, when there was no challenge (downgrade)', {code_challenge: undefined, code_challenge_method: undefined}, {}],
  ['a letter more', {}, {suffix: 'A'}],
]) {
  test(`RFC 9700 4.5, 4.8 a code with ${what} is not taken`, async () => {
    const code = await web.code(asked);
    const {suffix = '', ...rest} = changes;
    assert.equal(inShort(await web.take(code + suffix, rest)), '400 invalid_grant');
  });
}

test('RFC 9700 4.5 a code of another client is not taken, and not used up', async () => {
  const code = await web.code();
  assert.equal(inShort(await other.take(code, {code_verifier: web.verifier})), '400 invalid_grant');
  assert.equal(inShort(await spa.take(code, {code_verifier: web.verifier})), '400 invalid_grant');
  assert.equal(inShort(await web.take(code)), '200');
});

test('RFC 9700 4.5, RFC 6749 4.1.2 a code is good once; a second use takes back what the first got', async () => {
  const code = await web.code(offline);
  const {body} = await web.take(code);
  assert.equal(await userinfo(body.access_token), '200');
  assert.equal(inShort(await web.take(code)), '400 invalid_grant');
  assert.equal(await userinfo(body.access_token), '401');
  assert.equal(inShort(await web.refresh(body.refresh_token)), '400 invalid_grant');
});

test('RFC 9700 4.5 of two who come with a code at once, one gets tokens', async () => {
  const code = await web.code(offline);
  const answers = await Promise.all(Array.from({length: 8}, () => web.take(code)));
  const got = answers.filter(({status}) => status === 200);
  assert.ok(got.length <= 1, `${got.length} got tokens`);
  assert.deepEqual([...new Set(answers.filter(({status}) => status !== 200).map(inShort))], ['400 invalid_grant']);
  for (const {body} of got) assert.equal(await userinfo(body.access_token), '401');
});

test('RFC 9700 4.2.4 a code is worth nothing once the person has signed out', async () => {
  const visitor = new Visitor();
  const {id_token} = await web.tokens({}, visitor);
  const code = await web.code({}, visitor);
  await visitor.open(`${endpoint.end_session}?${encode({id_token_hint: id_token})}`);
  assert.equal(inShort(await web.take(code)), '400 invalid_grant');
});

test('RFC 9700 2.4 passwords are not taken at the token endpoint', async () => {
  const answer = await web.token({grant_type: 'password', username: work.userName, password: 'Correct-Horse-7\u00e9', scope: 'openid'});
  assert.equal(inShort(answer), '400 unsupported_grant_type');
});

// RFC 9700 2.5; RFC 6749 2.3, 3.2: [what, parameters and headers of a request that takes a good code]
const basic = (id, secret) => ({authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`});
for (const [what, request, outcome] of [
  ['no secret', () => [{client_id: web.id}], '400 invalid_client'],
  ['a wrong secret', () => [{client_id: web.id, client_secret: 'wrong'}], '400 invalid_client'],
  ['an empty secret', () => [{client_id: web.id, client_secret: ''}], '400 invalid_client'],
  ['a wrong secret, basic', () => [{}, basic(web.id, 'wrong')], '400 invalid_client'],
  ['the secret of another client', () => [{client_id: web.id, client_secret: other.secret}], '400 invalid_client'],
  ['two proofs at once', () => [{client_id: web.id, client_secret: web.secret}, basic(web.id, web.secret)], '400 invalid_request'],
  ['two ids', () => [{client_id: other.id}, basic(web.id, web.secret)], '400 invalid_request'],
  ['a header that cannot be read', () => [{}, {authorization: 'Basic %%%'}], '400 invalid_client'],
  ['nobody', () => [{client_id: 'nobody', client_secret: web.secret}], '400 invalid_client'],
  ['no client at all', () => [{}], '400 invalid_request'],
  ['the id twice', () => [{client_id: [web.id, web.id], client_secret: web.secret}], '400 invalid_request'],
]) {
  test(`RFC 9700 2.5 a client with ${what} gets nothing`, async () => {
    const [parameters, headers] = request();
    const code = await web.code();
    const form = {grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: web.verifier};
    assert.equal(inShort(await post(endpoint.token, {...form, ...parameters}, headers)), outcome);
    assert.equal(inShort(await web.take(code)), '200', 'and uses nothing up');
  });
}

test('RFC 9700 2.5 a secret in the address is none', async () => {
  const code = await web.code();
  const query = encode({client_id: web.id, client_secret: web.secret});
  const form = {grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: web.verifier};
  assert.equal(inShort(await post(`${endpoint.token}?${query}`, form)), '400 invalid_request');
  assert.equal((await fetch(`${endpoint.token}?${query}&${encode(form)}`)).status, 405);
});

// RFC 9700 2.5, RFC 7523 3: [what, the assertion]
const now = () => Math.floor(Date.now() / 1000);
const stranger = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey;
for (const [what, assertion] of [
  ['for another provider', () => keyed.assertion({aud: 'https://other.example'})],
  ['for nobody', () => keyed.assertion({aud: undefined})],
  ['of another client', () => keyed.assertion({iss: web.id, sub: web.id})],
  ['about another client', () => keyed.assertion({sub: web.id})],
  ['without sub', () => keyed.assertion({sub: undefined})],
  ['that has expired', () => keyed.assertion({exp: now() - 1})],
  ['without an end', () => keyed.assertion({exp: undefined})],
  ['from the future', () => keyed.assertion({iat: now() + 3600, exp: now() + 7200})],
  ['not good yet', () => keyed.assertion({nbf: now() + 3600})],
  ['signed by somebody else', () => keyed.assertion({}, {}, stranger)],
  ['of a key that nobody has', () => keyed.assertion({}, {kid: 'nobody'})],
  ['without signature', async () => `${jose.base64url.encode('{"alg":"none"}')}.${(await keyed.assertion()).split('.')[1]}.`],
  ['with its signature cut off', async () => (await keyed.assertion()).split('.').slice(0, 2).join('.')],
  ['with another claim under the same signature', async () => {
    const [head, , signature] = (await keyed.assertion()).split('.');
    return [head, jose.base64url.encode(JSON.stringify({iss: keyed.id, sub: keyed.id, aud: base, iat: now(), exp: now() + 600})), signature].join('.');
  }],
  ['signed with the public key as a secret', () => new jose.SignJWT({iss: keyed.id, sub: keyed.id, aud: base, iat: now(), exp: now() + 60})
    .setProtectedHeader({alg: 'HS256', kid: keyed.key.kid}).sign(new TextEncoder().encode(keyed.id))],
]) {
  test(`RFC 9700 2.5 an assertion ${what} proves no client`, async () => {
    const form = {grant_type: 'authorization_code', code: 'x', redirect_uri: callback, client_assertion_type: assertionType, client_assertion: await assertion()};
    assert.equal(inShort(await post(endpoint.token, form)), '400 invalid_client');
  });
}

test('RFC 9700 2.5, RFC 7523 3 an assertion proves the client once', async () => {
  const client_assertion = await keyed.assertion();
  const form = {grant_type: 'authorization_code', code: 'x', redirect_uri: callback, client_assertion_type: assertionType, client_assertion};
  assert.equal(inShort(await post(endpoint.token, form)), '400 invalid_grant', 'it is the code that is wrong');
  assert.equal(inShort(await post(endpoint.token, form)), '400 invalid_client');
  assert.equal(inShort(await post(endpoint.token, {...form, client_assertion: await keyed.assertion(), client_assertion_type: 'jwt'})), '400 invalid_request');
});

test('RFC 9700 4.14.2 a refresh token is renewed with each use; the use of an old one ends them all', async () => {
  for (const party of [web, spa]) {
    const first = await party.tokens(offline);
    const second = (await party.refresh(first.refresh_token)).body;
    const third = (await party.refresh(second.refresh_token)).body;
    assert.equal(new Set([first, second, third].map((one) => one.refresh_token)).size, 3);
    assert.equal(await userinfo(third.access_token), '200');
    assert.equal(inShort(await party.refresh(first.refresh_token)), '400 invalid_grant');
    assert.equal(inShort(await party.refresh(third.refresh_token)), '400 invalid_grant', 'the latest too');
    assert.equal(await userinfo(third.access_token), '401');
  }
});

test('RFC 9700 4.14.2 a refresh token is its client\'s, and asks for no more than was granted', async () => {
  const {refresh_token} = await web.tokens(offline);
  assert.equal(inShort(await other.refresh(refresh_token)), '400 invalid_grant');
  assert.equal(inShort(await spa.refresh(refresh_token)), '400 invalid_grant');
  assert.equal(inShort(await web.refresh(refresh_token, {scope: 'openid offline_access email'})), '400 invalid_scope');
  assert.equal(inShort(await web.refresh(`${refresh_token.slice(0, -2)}AA`)), '400 invalid_grant');
  assert.equal(inShort(await web.refresh(refresh_token)), '200', 'none of that has ended it');
});

test('RFC 9700 4.14.2 a refresh token ends with the session, and with a new password', async () => {
  const visitor = new Visitor();
  const one = await web.tokens(offline, visitor);
  await visitor.open(`${endpoint.end_session}?${encode({id_token_hint: one.id_token})}`);
  assert.equal(inShort(await web.refresh(one.refresh_token)), '400 invalid_grant');

  const people = await Workspace.create('People');
  const party = await Party.create(people);
  const two = await party.tokens(offline);
  await people.call('POST', `/management/v1/users/${people.user}/password`, {password: 'Another-Horse-8', noChangeRequired: true});
  assert.equal(inShort(await party.refresh(two.refresh_token)), '400 invalid_grant');
  assert.equal(await userinfo(two.access_token), '401');
});

test('RFC 9700 2.2.2 no refresh token for who did not ask, or may not have one', async () => {
  assert.equal((await web.tokens()).refresh_token, undefined);
  const without = await Party.create(work, {grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE']});
  const tokens = await without.tokens(offline);
  assert.equal(tokens.refresh_token, undefined);
  assert.equal(inShort(await without.refresh('x')), '400 unauthorized_client');
});

test('RFC 9700 2.3, 4.10.2 an access token is for its audience', async () => {
  const elsewhere = await Party.create(await Workspace.create('Elsewhere'), withExchange);
  const {access_token} = await web.tokens();
  assert.equal((await web.introspect(access_token)).active, true);
  assert.deepEqual(await elsewhere.introspect(access_token), {active: false});
  const form = {grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: access_token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token'};
  assert.equal(inShort(await elsewhere.token(form)), '400 invalid_request');
  assert.equal(inShort(await web.token({...form, audience: elsewhere.id})), '400 invalid_target');
  assert.equal(inShort(await web.token({...form, resource: 'https://api.example'})), '400 invalid_target');
});

test('RFC 9700 2.3 a token gets into the API of the provider only where that was asked for', async () => {
  const get = async (token) => (await fetch(`${base}/auth/v1/users/me`, {headers: {authorization: `Bearer ${token}`}})).status;
  const plain = await web.tokens();
  const meant = await web.tokens({scope: 'openid urn:zitadel:iam:org:project:id:zitadel:aud'});
  assert.equal(await get(meant.access_token), 200);
  assert.equal(await get(plain.access_token), 401);
});

test('RFC 9700 4.3.2 access tokens in an address are not taken', async () => {
  const {access_token} = await web.tokens();
  assert.equal((await fetch(`${endpoint.userinfo}?access_token=${access_token}`)).status, 401);
  assert.equal((await post(`${endpoint.userinfo}?access_token=${access_token}`, {})).status, 401);
  assert.equal((await fetch(`${base}/auth/v1/users/me?access_token=${access_token}`)).status, 401);
});

test('RFC 6750 2 one access token, in one place', async () => {
  const {access_token, id_token} = await web.tokens(offline);
  const authorization = `Bearer ${access_token}`;
  assert.equal(inShort(await post(endpoint.userinfo, {access_token}, {authorization})), '400 invalid_request');
  assert.equal((await post(endpoint.userinfo, {access_token: [access_token, access_token]})).status, 400);
  for (const [what, token] of [['an id_token', id_token], ['a letter more', `${access_token}A`], ['nothing', '']]) {
    const response = await fetch(endpoint.userinfo, {headers: {authorization: `Bearer ${token}`}});
    assert.equal(response.status, 401, what);
    assert.match(response.headers.get('www-authenticate'), token ? /^Bearer .*error="invalid_token"/ : /^Bearer/, what);
  }
});

test('RFC 9700 4.15 a machine cannot be named so that it is taken for a person', async () => {
  const machine = await work.machine(work.user);
  assert.equal(machine.clientId.split('@')[0], work.user);
  const {body} = await post(endpoint.token, {grant_type: 'client_credentials', client_id: machine.clientId, client_secret: machine.clientSecret, scope: 'openid'});
  const response = await fetch(endpoint.userinfo, {headers: {authorization: `Bearer ${body.access_token}`}});
  assert.equal((await response.json()).sub, machine.id);
  assert.notEqual(machine.id, work.user);
});

test('RFC 7009 2.1, RFC 7662 2.1 tokens are ended by their client, and told of to who proves itself', async () => {
  const {access_token, refresh_token} = await web.tokens(offline);
  for (const token of [access_token, refresh_token])
    assert.equal(inShort(await post(endpoint.revoke, {...await other.proof(), token})), '401 invalid_client');
  assert.equal(await userinfo(access_token), '200');
  assert.equal(inShort(await post(endpoint.revoke, {client_id: web.id, token: access_token})), '400 invalid_client');
  assert.equal(inShort(await post(endpoint.introspect, {client_id: spa.id, token: access_token})), '400 invalid_client');
  assert.equal(inShort(await post(endpoint.introspect, {token: access_token})), '400 invalid_request');
  assert.deepEqual(await web.introspect(refresh_token), {active: false});
  assert.deepEqual(await web.introspect('nothing'), {active: false});
  assert.equal(inShort(await post(endpoint.revoke, {...await web.proof(), token: 'nothing'})), '200');
  assert.equal(inShort(await post(endpoint.revoke, {...await web.proof(), token: refresh_token})), '200');
  assert.equal(await userinfo(access_token), '401');
});

test('RFC 9126 2.1 a pushed request is its client\'s, good once, and as right as any other', async () => {
  const push = async (party, changes) => post(endpoint.par, {...party.parameters(), ...await party.proof(), ...changes});
  const go = (client_id, request_uri) => new Visitor().open(`${endpoint.authorize}?${encode({client_id, request_uri})}`);
  const {body} = await push(web);
  assert.equal((await go(other.id, body.request_uri)).status, 400);
  assert.equal((await go(web.id, body.request_uri)).status, 200);
  assert.match((await go(web.id, body.request_uri)).text, /invalid_request_uri/);
  assert.equal(inShort(await push(web, {client_secret: 'wrong'})), '400 invalid_client');
  assert.equal(inShort(await push(web, {redirect_uri: 'https://evil.example/'})), '400 invalid_request');
  assert.equal(inShort(await push(web, {request_uri: 'urn:x'})), '400 invalid_request');
  assert.equal(inShort(await push(spa, {code_challenge: undefined, code_challenge_method: undefined})), '400 invalid_request');
});

test('RFC 8628 3.5, 5 a device gets tokens once, when the person has said so, and nobody in its place', async () => {
  const grantTypes = ['AUTHORIZATION_CODE', 'DEVICE_CODE'].map((name) => `OIDC_GRANT_TYPE_${name}`);
  const tv = await Party.create(work, {grantTypes}), radio = await Party.create(work, {grantTypes});
  const begin = async (party) => post(`${base}/oauth/v2/device_authorization`, {...await party.proof(), scope: 'openid'});
  const poll = async (party, device_code) => party.token({grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code});
  const {body: shown, headers} = await begin(tv);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(inShort(await begin(web)), '400 unauthorized_client');
  assert.equal(inShort(await poll(tv, 'nothing')), '400 invalid_grant');
  assert.equal(inShort(await poll(radio, shown.device_code)), '400 invalid_grant');
  assert.equal(inShort(await poll(tv, shown.user_code)), '400 invalid_grant');
  assert.equal(inShort(await poll(tv, shown.device_code)), '400 authorization_pending');
  assert.equal(inShort(await poll(tv, shown.device_code)), '400 slow_down');

  const visitor = new Visitor();
  const page = await visitor.open(shown.verification_uri);
  const wrong = await visitor.submit(page, {user_code: 'BCDF-BCDF'});
  assert.equal(wrong.status, 400);
  // Whoever is signed in already and was sent a link has not said yes by following it.
  await web.signIn(web.parameters(), visitor);
  const linked = await visitor.open(shown.verification_uri_complete);
  const asked = await visitor.fillIn(await visitor.submit(linked), work.userName);
  const form = asked.forms[0];
  assert.equal(asked.status, 200);
  assert.ok(asked.text.includes(shown.user_code), 'to compare with what the device shows');
  assert.equal((await visitor.open(form.action, {...form.fields, csrf: 'x', decision: 'allow'})).status, 400);
  assert.notEqual((await new Visitor().open(form.action, {...form.fields, decision: 'allow'})).status, 200);
  const {body: other} = await begin(tv);
  await visitor.submit(asked, {}, {decision: 'allow'});
  assert.equal(inShort(await poll(tv, other.device_code)), '400 authorization_pending', 'another device was not meant');
  await new Promise((done) => setTimeout(done, (shown.interval + 5) * 1000));
  const {body} = await poll(tv, shown.device_code);
  assert.equal(await userinfo(body.access_token), '200');
  assert.equal(inShort(await poll(tv, shown.device_code)), '400 invalid_grant');
  assert.equal(await userinfo(body.access_token), '401', 'used twice');
});

test('RFC 6749 5.1, 5.2 no answer with tokens or errors is kept by a cache', async () => {
  const code = await web.code();
  for (const answer of [await web.take(code), await web.take(code), await web.token({grant_type: 'nothing'})])
    assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('RFC 9700 4.11 signing out leads to registered addresses only', async () => {
  const visitor = new Visitor();
  const {id_token} = await web.tokens({}, visitor);
  for (const uri of ['https://evil.example/', `${afterwards}/`, `${afterwards}?x=1`, callback]) {
    const arrival = await visitor.open(`${endpoint.end_session}?${encode({id_token_hint: id_token, post_logout_redirect_uri: uri})}`);
    assert.equal(arrival.status, 400, uri);
  }
  assert.equal(answerOf(await web.ask({prompt: 'none'}, visitor)).error, undefined, 'nobody was signed out by that');
});
