// OpenID Connect Core 3.1.2.2: each rule for authorization requests is broken once. 3.1.3.7: each rule that a client checks id_tokens by
// holds for ours, and is seen to be broken in a token that breaks it. Our own endpoints check the id_tokens they are shown likewise.
import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {before, test} from 'node:test';
import * as jose from 'jose';
import {Workspace, base, importUser, fresh, password} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';
import {Party, afterwards, encode, endpoint, keyApp, keys, post, whereTo} from './party.mjs';

let work, web, other, keyed;
before(async () => {
  work = await Workspace.create();
  web = await Party.create(work);
  other = await Party.create(work);
  keyed = await Party.create(work, keyApp);
});

// 3.1.2.2 with 3.1.2.1 and 3.1.2.6: [rule, what, changes of the request, what comes of it]
const page = 'page: 400 invalid_request';
for (const [rule, what, changes, outcome] of [
  ['1 OAuth 2.0 parameters', 'no client_id', {client_id: undefined}, page],
  ['1 OAuth 2.0 parameters', 'an unknown client_id', {client_id: 'nobody'}, page],
  ['1 OAuth 2.0 parameters', 'no response_type', {response_type: undefined}, page],
  ['1 OAuth 2.0 parameters', 'a response_type nobody knows', {response_type: 'codes'}, 'page: 400 unauthorized_client'],
  ['1 OAuth 2.0 parameters', 'the scope twice', {scope: ['openid', 'openid']}, page],
  ['1 OAuth 2.0 parameters', 'the state twice', {state: ['a', 'b']}, page],
  ['2 scope', 'none', {scope: undefined}, page],
  ['3 required parameters', 'no redirect_uri', {redirect_uri: undefined}, page],
  ['3 required parameters', 'a response_mode nobody knows', {response_mode: 'letter'}, 'client: invalid_request'],
  ['3 prompt', 'none with login', {prompt: 'none login'}, 'client: invalid_request'],
  ['3 prompt', 'a word nobody knows', {prompt: 'maybe'}, 'client: invalid_request'],
  ['3 prompt', 'none, and nobody is signed in', {prompt: 'none'}, 'client: login_required'],
  ['3 max_age', 'a word', {max_age: 'soon'}, 'client: invalid_request'],
  ['3 max_age', 'less than nothing', {max_age: '-1'}, 'client: invalid_request'],
  ['4 id_token_hint', 'no token', {id_token_hint: 'x'}, 'client: login_required'],
  ['3 max_age', 'a fraction', {max_age: '1.5'}, 'client: invalid_request'],
  ['3 claims', 'no JSON', {claims: '{'}, 'client: invalid_request'],
  ['3 claims', 'no object', {claims: '[]'}, 'client: invalid_request'],
  ['3 claims', 'an essential acr that nobody here can reach', {claims: '{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}'}, 'client: unmet_authentication_requirements'],
  ['3 languages', 'that nobody speaks here', {ui_locales: 'tlh', claims_locales: 'tlh-QO'}, 'the sign-in page'],
  ['5 unknown parameters', 'one more', {unknown: 'x', 'urn:example:x': '"<'}, 'the sign-in page'],
  ['6 request objects', 'of a client without keys', {request: 'x'}, 'client: request_not_supported'],
  ['6 request objects', 'by reference', {request_uri: 'https://client.example/request'}, 'client: request_uri_not_supported'],
]) {
  test(`OIDC Core 3.1.2.2 (${rule}): ${what}`, async () => assert.equal(whereTo(await web.ask(changes)), outcome));
}

test('OIDC Core 3.1.2.1: a posted request is checked as any other', async () => {
  const visitor = new Visitor();
  const ask = async (changes) => whereTo(await visitor.through(await visitor.open(endpoint.authorize, Object.fromEntries(encode(web.parameters(changes))))));
  assert.equal(await ask({}), 'the sign-in page');
  assert.equal(await ask({prompt: 'none'}), 'client: login_required');
  assert.equal(await ask({redirect_uri: 'https://evil.example/'}), page);
  assert.equal(await ask({scope: undefined}), page);
});

test('OIDC Core 5.2 claims_locales: a wish like any other, in every way a request comes; no claim is kept in several languages', async () => {
  const metadata = await (await fetch(endpoint.discovery)).json();
  assert.ok(!('claims_locales_supported' in metadata));
  const scope = 'openid profile';
  const info = async ({access_token}) => (await fetch(endpoint.userinfo, {headers: {authorization: `Bearer ${access_token}`}})).json();
  const plain = await info(await web.tokens({scope}));
  const asked = await info(await web.tokens({scope, claims_locales: 'de fr-CA'}));
  assert.deepEqual(asked, plain);
  assert.ok(!Object.keys(asked).some((name) => name.includes('#')), 'no claim with a language tag');

  const pushed = await post(endpoint.par, {...web.parameters({claims_locales: 'de'}), ...await web.proof()});
  assert.equal(pushed.status, 201);
  assert.equal(whereTo(await new Visitor().open(`${endpoint.authorize}?${encode({client_id: web.id, request_uri: pushed.body.request_uri})}`)), 'the sign-in page');
  const claims = {...keyed.parameters({claims_locales: 'de'}), iss: keyed.id, aud: base};
  const request = await new jose.SignJWT(claims).setProtectedHeader({alg: 'RS256', kid: keyed.key.kid}).sign(keyed.key.key);
  assert.equal(whereTo(await keyed.ask({request})), 'the sign-in page');
});

test('OIDC Core 3.1.2.2 (2 scope): without openid it is plain OAuth, and there is no id_token', async () => {
  const tokens = await web.tokens({scope: 'profile'});
  assert.ok(tokens.access_token);
  assert.equal(tokens.id_token, undefined);
});

test('OIDC Core 3.1.2.2 (4 id_token_hint): never an answer about another person', async () => {
  const visitor = new Visitor();
  const {id_token} = await web.tokens({}, visitor);
  const userName = fresh('grace');
  await importUser(work.org, userName, {password});
  const stranger = new Visitor();
  await web.signIn(web.parameters(), stranger, userName);
  assert.equal(whereTo(await web.ask({prompt: 'none', id_token_hint: id_token}, stranger)), 'client: login_required');
  assert.equal(whereTo(await web.ask({prompt: 'none', id_token_hint: id_token}, visitor)), 'client: code');
  // Whoever signs in at the pages as somebody else is not answered for either.
  const parameters = web.parameters({id_token_hint: id_token});
  const arrival = await new Visitor().signIn(`${endpoint.authorize}?${encode(parameters)}`, userName);
  assert.notEqual(whereTo(arrival), 'client: code');
});

test('OIDC Core 3.1.2.2 (4 sub): a request for one person is answered for nobody else', async () => {
  const visitor = new Visitor(), stranger = new Visitor();
  await web.tokens({}, visitor);
  const userName = fresh('hedy');
  await importUser(work.org, userName, {password});
  await web.signIn(web.parameters(), stranger, userName);
  const claims = JSON.stringify({id_token: {sub: {value: work.user}}});
  assert.equal(whereTo(await web.ask({prompt: 'none', claims}, visitor)), 'client: code');
  assert.equal(whereTo(await web.ask({prompt: 'none', claims}, stranger)), 'client: login_required');
  assert.notEqual(whereTo(await new Visitor().signIn(`${endpoint.authorize}?${encode(web.parameters({claims}))}`, userName)), 'client: code');
});

test('OIDC Core 3.1.2.1 max_age: who signed in longer ago is asked again', async () => {
  const visitor = new Visitor();
  const first = jose.decodeJwt((await web.tokens({}, visitor)).id_token);
  assert.equal(whereTo(await web.ask({prompt: 'none', max_age: '10000'}, visitor)), 'client: code');
  while (Math.floor(Date.now() / 1000) <= first.auth_time + 1) await new Promise((done) => setTimeout(done, 50));
  assert.equal(whereTo(await web.ask({prompt: 'none', max_age: '1'}, visitor)), 'client: login_required');
  const again = jose.decodeJwt((await web.tokens({max_age: '1'}, visitor)).id_token);
  assert.ok(again.auth_time > first.auth_time);
});

// OIDC Core 6, RFC 9101: [what, claims of the object, its header, its key, what comes of it]
const seconds = () => Math.floor(Date.now() / 1000);
const strangers = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey;
const objectPage = 'page: 400 invalid_request_object';
for (const [what, make, changes, outcome] of [
  ['as it should be', () => ({}), {}, 'the sign-in page'],
  ['for another provider', () => ({aud: 'https://other.example'}), {}, objectPage],
  ['of another client', () => ({iss: web.id}), {}, objectPage],
  ['with another client inside', () => ({client_id: web.id}), {}, objectPage],
  ['with another response_type than the address', () => ({response_type: 'id_token'}), {}, objectPage],
  ['that has expired', () => ({exp: seconds() - 1}), {}, objectPage],
  ['not good yet', () => ({nbf: seconds() + 600}), {}, objectPage],
  ['inside another', () => ({request: 'x'}), {}, objectPage],
  ['with a reference inside', () => ({request_uri: 'https://client.example/'}), {}, objectPage],
  ['with an address that is not registered', () => ({redirect_uri: 'https://evil.example/'}), {}, page],
  ['signed by somebody else', () => ({}), {key: strangers}, objectPage],
  ['of a key that nobody has', () => ({}), {kid: 'nobody'}, objectPage],
]) {
  test(`OIDC Core 6, RFC 9101: a request object ${what}`, async () => {
    const claims = {...keyed.parameters(), iss: keyed.id, aud: base, iat: seconds(), exp: seconds() + 60, ...make()};
    const object = await new jose.SignJWT(claims).setProtectedHeader({alg: 'RS256', kid: changes.kid ?? keyed.key.kid}).sign(changes.key ?? keyed.key.key);
    const address = `${endpoint.authorize}?${encode({client_id: keyed.id, response_type: 'code', scope: 'openid', request: object})}`;
    assert.equal(whereTo(await new Visitor().open(address)), outcome);
  });
}

test('OIDC Core 6, RFC 9101: a request object without signature', async () => {
  const claims = {...keyed.parameters({redirect_uri: 'https://evil.example/'}), iss: keyed.id, aud: base};
  const object = new jose.UnsecuredJWT(claims).encode();
  assert.equal(whereTo(await keyed.ask({request: object})), objectPage);
});

const rule = (holds, name) => {
  if (!holds) throw new Error(name);
};

/** What a client checks, by the numbers of OIDC Core 3.1.3.7: throws the name of the first rule that does not hold. */
async function validate(id_token, expected) {
  const header = jose.decodeProtectedHeader(id_token);
  rule(header.alg === 'RS256', '7 alg');
  const {payload} = await jose.compactVerify(id_token, keys).catch(() => rule(false, '6 signature'));
  return check(JSON.parse(new TextDecoder().decode(payload)), expected);
}

function check(claims, {client = web.id, nonce, maxAge, acr} = {}) {
  const audience = [claims.aud].flat();
  rule(claims.iss === base, '2 iss');
  rule(audience.includes(client), '3 aud');
  rule(audience.length === 1 || claims.azp !== undefined, '4 azp is there');
  rule(claims.azp === undefined || claims.azp === client, '5 azp');
  rule(claims.exp > seconds(), '9 exp');
  rule(Number.isInteger(claims.iat) && Math.abs(seconds() - claims.iat) < 60, '10 iat');
  rule(claims.nonce === nonce, '11 nonce');
  rule(acr === undefined || claims.acr === acr, '12 acr');
  rule(maxAge === undefined || seconds() - claims.auth_time <= maxAge, '13 auth_time');
  rule(typeof claims.sub === 'string' && claims.sub.length > 0 && claims.sub.length <= 255, '2 sub');
  return claims;
}

test('OIDC Core 3.1.3.7: an id_token satisfies every rule', async () => {
  const parameters = web.parameters({max_age: '600'});
  const {code} = await web.signIn(parameters);
  const {id_token} = (await web.take(code)).body;
  const claims = await validate(id_token, {nonce: parameters.nonce, maxAge: 600});
  assert.equal(claims.sub, work.user);
  assert.ok(jose.decodeProtectedHeader(id_token).kid);

  const withoutNonce = await web.tokens({nonce: undefined});
  await validate(withoutNonce.id_token, {});

  // A refreshed one: 12.2.
  const first = await web.tokens({scope: 'openid offline_access', nonce: undefined});
  const second = (await web.refresh(first.refresh_token)).body;
  const before = await validate(first.id_token), after = await validate(second.id_token);
  for (const name of ['iss', 'sub', 'auth_time', 'azp']) assert.equal(after[name], before[name], name);
});

test('OIDC Core 3.1.3.7 (12 acr): the acr that was asked for, or none', async () => {
  const acr = 'urn:godwit:acr:1fa';
  const parameters = web.parameters({acr_values: acr});
  const {code} = await web.signIn(parameters);
  await validate((await web.take(code)).body.id_token, {nonce: parameters.nonce, acr});
  const without = web.parameters();
  const {id_token} = (await web.take((await web.signIn(without)).code)).body;
  await assert.rejects(validate(id_token, {nonce: without.nonce, acr}), new Error('12 acr'));
});

test('OIDC Core 3.1.3.8: at_hash is that of the access token', async () => {
  const {id_token, access_token} = await web.tokens();
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(access_token)));
  assert.equal(jose.decodeJwt(id_token).at_hash, digest.subarray(0, 16).toString('base64url'));
});

test('OIDC Core 3.1.3.7: a token that breaks a rule is seen', async () => {
  const parameters = web.parameters();
  const {code} = await web.signIn(parameters);
  const {id_token} = (await web.take(code)).body;
  const {nonce} = parameters;
  const broken = (what, expected) => assert.rejects(validate(id_token, {nonce, ...what}), new Error(expected));
  await broken({client: 'nobody'}, '3 aud');
  await broken({client: other.id}, '5 azp');
  await broken({nonce: 'another'}, '11 nonce');
  await broken({maxAge: -1}, '13 auth_time');
  const claims = jose.decodeJwt(id_token);
  check(claims, {nonce});
  for (const [changes, expected] of [
    [{iss: `${base}/`}, '2 iss'], [{iss: undefined}, '2 iss'], [{sub: ''}, '2 sub'], [{sub: undefined}, '2 sub'],
    [{aud: []}, '3 aud'], [{aud: undefined}, '3 aud'], [{aud: [web.id, other.id], azp: undefined}, '4 azp is there'], [{azp: other.id}, '5 azp'],
    [{exp: seconds() - 1}, '9 exp'], [{exp: undefined}, '9 exp'], [{iat: seconds() - 3600}, '10 iat'], [{iat: undefined}, '10 iat'], [{nonce: undefined}, '11 nonce'],
  ]) {
    assert.throws(() => check({...claims, ...changes}, {nonce}), new Error(expected), JSON.stringify(changes));
  }
  for (const [what, forged, expected] of await forgeries(id_token)) await assert.rejects(validate(forged, {nonce}), new Error(expected), what);
});

/** Tokens like `id_token` that nobody may believe: [what, token, the rule that a client sees broken]. */
async function forgeries(id_token) {
  const [head, body, signature] = id_token.split('.');
  const claims = jose.decodeJwt(id_token), header = jose.decodeProtectedHeader(id_token);
  const another = jose.base64url.encode(JSON.stringify({...claims, sub: 'somebody'}));
  const jwk = (await (await fetch(`${base}/oauth/v2/keys`)).json()).keys.find(({kid}) => kid === header.kid);
  const pem = new TextEncoder().encode(await jose.exportSPKI(await jose.importJWK(jwk, 'RS256')));
  return [
    ['other claims', `${head}.${another}.${signature}`, '6 signature'],
    ['another signature', `${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`, '6 signature'],
    ['of a key of one\'s own', await new jose.SignJWT(claims).setProtectedHeader(header).sign(strangers), '6 signature'],
    ['with its key inside', await new jose.SignJWT(claims).setProtectedHeader({alg: 'RS256', jwk: await jose.exportJWK(generateKeyPairSync('rsa', {modulusLength: 2048}).publicKey)}).sign(strangers), '6 signature'],
    ['unsigned', new jose.UnsecuredJWT(claims).encode(), '7 alg'],
    ['signed with the public key as a secret', await new jose.SignJWT(claims).setProtectedHeader({alg: 'HS256', kid: header.kid}).sign(pem), '7 alg'],
    ['signed with the client\'s secret', await new jose.SignJWT(claims).setProtectedHeader({alg: 'HS256'}).sign(new TextEncoder().encode(web.secret)), '7 alg'],
  ];
}

test('OIDC Core 3.1.2.1, RP-Initiated Logout 2: our endpoints believe no forged id_token', async () => {
  const visitor = new Visitor();
  const {id_token, access_token} = await web.tokens({}, visitor);
  const jwtApp = await Party.create(work, {accessTokenType: 'OIDC_TOKEN_TYPE_JWT'});
  const shown = [...await forgeries(id_token), ['an opaque access token', access_token], ['a JWT access token', (await jwtApp.tokens()).access_token]];
  for (const [what, token] of shown) {
    assert.equal(whereTo(await web.ask({prompt: 'none', id_token_hint: token}, visitor)), 'client: login_required', what);
    const left = await visitor.open(`${endpoint.end_session}?${encode({id_token_hint: token, post_logout_redirect_uri: afterwards})}`);
    assert.equal(whereTo(left), 'page: 400 invalid_request', what);
  }
  assert.equal(answerOf(await web.ask({prompt: 'none', id_token_hint: id_token}, visitor)).error, undefined, 'still signed in');
});

test('OIDC Core 3.1.3.2: a code of a request without openid gets tokens, and no id_token', async () => {
  const tokens = await web.tokens({scope: 'email'});
  assert.deepEqual(Object.keys(tokens).sort(), ['access_token', 'expires_in', 'token_type']);
});
