// What each module of the OpenID Foundation's certification plans for providers asks, in our own words, and named as the module. README.md
// says which plans, and what is missing.
import assert from 'node:assert/strict';
import http from 'node:http';
import {before, test} from 'node:test';
import * as jose from 'jose';
import {Workspace, base} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';
import {Party, afterwards, callback, encode, endpoint, inShort, keys, origin, userinfo, whereTo} from './party.mjs';

let work, basic, second, byPost, usedLongAgo;
before(async () => {
  work = await Workspace.create();
  // "Basic" clients have a secret; PKCE is theirs to use or not.
  basic = await Party.create(work);
  second = await Party.create(work);
  byPost = await Party.create(work, {authMethodType: 'OIDC_AUTH_METHOD_TYPE_POST'});
  usedLongAgo = {...await flow({}), at: Date.now()};
});

/** The token endpoint as a client with client_secret_basic. */
const authorization = ({id, secret}) => ({authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`});
const exchange = (party, code) => fetch(endpoint.token, {
  method: 'POST', headers: authorization(party), body: encode({grant_type: 'authorization_code', code, redirect_uri: callback}),
}).then(async (response) => ({status: response.status, body: await response.json(), headers: response.headers}));

/** The whole of a flow, checked as the suite checks every one of them; answers the tokens and the claims of the id_token. */
async function flow(mode, changes = {}, visitor = new Visitor(), party = basic) {
  const parameters = party.plainParameters({...mode, ...changes});
  const arrival = await visitor.signIn(`${endpoint.authorize}?${encode(parameters)}`, work.userName);
  return {...await finish(mode, party, parameters, arrival), arrival};
}

async function finish(mode, party, parameters, arrival) {
  assert.equal(arrival.form !== undefined, mode.response_mode === 'form_post');
  const answer = answerOf(arrival);
  assert.equal(answer.error, undefined, answer.error_description);
  assert.equal(answer.state, parameters.state);
  const {status, body, headers} = await exchange(party, answer.code);
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(headers.get('content-type'), /^application\/json/);
  assert.match(headers.get('cache-control'), /no-store/);
  assert.equal(body.token_type.toLowerCase(), 'bearer');
  const {payload: claims, protectedHeader} = await jose.jwtVerify(body.id_token, keys, {issuer: base, audience: party.id, maxTokenAge: '5m'});
  assert.equal(protectedHeader.alg, 'RS256');
  assert.equal(claims.sub, work.user);
  assert.equal(claims.nonce, parameters.nonce);
  return {tokens: body, claims, code: answer.code};
}

async function claimsOf(access_token, options) {
  const response = await fetch(endpoint.userinfo, options ?? {headers: {authorization: `Bearer ${access_token}`}});
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  return response.json();
}

const standard = {
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  address: [],  // nobody has one here, and discovery does not offer the scope
  phone: ['phone_number', 'phone_number_verified'],
};

async function scopes(mode, names) {
  const {tokens} = await flow(mode, {scope: ['openid', ...names].join(' ')});
  const info = await claimsOf(tokens.access_token);
  for (const claim of names.flatMap((name) => standard[name])) assert.ok(claim in info, claim);
  for (const claim of Object.entries(standard).flatMap(([name, claims]) => (names.includes(name) ? [] : claims))) assert.ok(!(claim in info), claim);
}

async function reuse({tokens, code}) {
  const again = await exchange(basic, code);
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
  assert.equal(await userinfo(tokens.access_token), '401', 'what the first use got is taken back');
}

async function sameSignIn(mode, changes) {
  const visitor = new Visitor();
  const first = await flow(mode, {max_age: changes.max_age}, visitor);
  const parameters = basic.plainParameters({...mode, ...changes, ...(changes.id_token_hint ? {id_token_hint: first.tokens.id_token} : {})});
  const arrival = await visitor.open(`${endpoint.authorize}?${encode(parameters)}`);
  const again = await finish(mode, basic, parameters, visitor.through(arrival));
  assert.equal(again.claims.sub, first.claims.sub);
  assert.equal(again.claims.auth_time, first.claims.auth_time);
}

/** The person has to sign in a second time. */
async function signsInAgain(mode, changes) {
  const visitor = new Visitor();
  const first = await flow(mode, {max_age: changes.max_age}, visitor);
  while (Math.floor(Date.now() / 1000) <= first.claims.auth_time + 1) await new Promise((done) => setTimeout(done, 50));
  const parameters = basic.plainParameters({...mode, ...changes});
  assert.equal(whereTo(await visitor.open(`${endpoint.authorize}?${encode(parameters)}`)), 'the sign-in page');
  const again = await flow(mode, changes, visitor);
  assert.ok(again.claims.auth_time > first.claims.auth_time);
}

const works = (changes) => (mode) => flow(mode, changes);

/** Basic, and with response_mode=form_post Form Post: name of the module → what it does with the mode. */
const basicModules = {
  'oidcc-server': works({}),
  'oidcc-response-type-missing': async (mode) =>
    assert.equal(whereTo(await new Visitor().open(`${endpoint.authorize}?${encode(basic.plainParameters({...mode, response_type: undefined}))}`)), 'page: 400 invalid_request'),
  'oidcc-idtoken-signature': async (mode) => {
    const {tokens} = await flow(mode);
    const header = jose.decodeProtectedHeader(tokens.id_token);
    const published = (await (await fetch(`${base}/oauth/v2/keys`)).json()).keys;
    assert.equal(published.filter(({kid}) => kid === header.kid).length, 1);
  },
  'oidcc-userinfo-get': async (mode) => assert.equal((await claimsOf((await flow(mode)).tokens.access_token)).sub, work.user),
  'oidcc-userinfo-post-header': async (mode) => {
    const {tokens} = await flow(mode);
    const headers = {authorization: `Bearer ${tokens.access_token}`};
    assert.equal((await claimsOf('', {method: 'POST', headers})).sub, work.user);
  },
  'oidcc-userinfo-post-body': async (mode) => {
    const {access_token} = (await flow(mode)).tokens;
    assert.equal((await claimsOf('', {method: 'POST', body: encode({access_token})})).sub, work.user);
  },
  'oidcc-ensure-request-without-nonce-succeeds-for-code-flow': works({nonce: undefined}),
  'oidcc-scope-profile': (mode) => scopes(mode, ['profile']),
  'oidcc-scope-email': (mode) => scopes(mode, ['email']),
  'oidcc-scope-address': async (mode) => {
    await scopes(mode, ['address']);
    assert.ok(!(await (await fetch(`${base}/.well-known/openid-configuration`)).json()).scopes_supported.includes('address'));
  },
  'oidcc-scope-phone': (mode) => scopes(mode, ['phone']),
  'oidcc-scope-all': (mode) => scopes(mode, ['profile', 'email', 'address', 'phone']),
  'oidcc-alternate-happy-flow': async (mode) => {
    // Nothing depends on an order: of scopes, or of parameters.
    const parameters = basic.plainParameters({...mode, scope: 'email profile openid'});
    const reversed = Object.fromEntries(Object.entries(parameters).reverse());
    const arrival = await new Visitor().signIn(`${endpoint.authorize}?${encode(reversed)}`, work.userName);
    await finish(mode, basic, parameters, arrival);
  },
  'oidcc-display-page': works({display: 'page'}),
  'oidcc-display-popup': works({display: 'popup'}),
  'oidcc-prompt-login': (mode) => signsInAgain(mode, {prompt: 'login'}),
  'oidcc-prompt-none-not-logged-in': async (mode) => {
    const {state, ...rest} = basic.plainParameters({...mode, prompt: 'none'});
    const visitor = new Visitor();
    const answer = answerOf(visitor.through(await visitor.open(`${endpoint.authorize}?${encode({state, ...rest})}`)));
    assert.ok(['login_required', 'interaction_required'].includes(answer.error));
    assert.equal(answer.state, state);
    assert.equal(answer.code, undefined);
  },
  'oidcc-prompt-none-logged-in': (mode) => sameSignIn(mode, {prompt: 'none'}),
  'oidcc-max-age-1': (mode) => signsInAgain(mode, {max_age: '1'}),
  'oidcc-max-age-10000': (mode) => sameSignIn(mode, {max_age: '10000'}),
  'oidcc-ensure-request-with-unknown-parameter-succeeds': works({extra: 'foobar'}),
  'oidcc-id-token-hint': (mode) => sameSignIn(mode, {prompt: 'none', id_token_hint: true}),
  'oidcc-login-hint': works({login_hint: 'buffy@client.example'}),
  'oidcc-ui-locales': works({ui_locales: 'se'}),
  'oidcc-claims-locales': works({claims_locales: 'se'}),
  'oidcc-ensure-request-with-acr-values-succeeds': works({acr_values: '1 2'}),
  'oidcc-codereuse': async (mode) => reuse(await flow(mode)),
  'oidcc-ensure-registered-redirect-uri': async (mode) => {
    for (const redirect_uri of [`${origin}/other`, 'https://evil.example/callback'])
      assert.equal(whereTo(await new Visitor().open(`${endpoint.authorize}?${encode(basic.plainParameters({...mode, redirect_uri}))}`)), 'page: 400 invalid_request');
  },
  'oidcc-ensure-post-request-succeeds': async (mode) => {
    const visitor = new Visitor();
    const parameters = basic.plainParameters(mode);
    const name = await visitor.open(endpoint.authorize, parameters);
    const form = await visitor.submit(name, {loginName: work.userName});
    await finish(mode, basic, parameters, visitor.through(await visitor.submit(form, {password: 'Correct-Horse-7\u00e9'})));
  },
  'oidcc-server-client-secret-post': async (mode) => {
    const {code} = await byPost.signIn(byPost.plainParameters(mode));
    const {status, body} = await byPost.take(code, {code_verifier: undefined});
    assert.equal(status, 200);
    await jose.jwtVerify(body.id_token, keys, {issuer: base, audience: byPost.id});
  },
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported': async (mode) => {
    const request = new jose.UnsecuredJWT({...basic.plainParameters(mode), iss: basic.id, aud: base}).encode();
    const visitor = new Visitor();
    const arrival = await visitor.open(`${endpoint.authorize}?${encode(basic.plainParameters({...mode, request}))}`);
    assert.equal(whereTo(visitor.through(arrival)), 'client: request_not_supported');
  },
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported': async (mode) => {
    const visitor = new Visitor();
    const arrival = await visitor.open(`${endpoint.authorize}?${encode(basic.plainParameters({...mode, request_uri: `${origin}/request`}))}`);
    assert.equal(whereTo(visitor.through(arrival)), 'client: request_uri_not_supported');
  },
  'oidcc-ensure-request-object-with-redirect-uri': async (mode) => {
    const request = new jose.UnsecuredJWT({...basic.plainParameters(mode), redirect_uri: `${origin}/other`}).encode();
    const visitor = new Visitor();
    const arrival = visitor.through(await visitor.open(`${endpoint.authorize}?${encode(basic.plainParameters({...mode, request}))}`));
    assert.equal(whereTo(arrival), 'client: request_not_supported');
    assert.equal(arrival.left.pathname, '/callback');
  },
  'oidcc-claims-essential': async (mode) => {
    // Whether or not the claim comes by it, the request is not refused.
    const {tokens} = await flow(mode, {scope: 'openid profile', claims: JSON.stringify({userinfo: {name: {essential: true}}})});
    assert.equal((await claimsOf(tokens.access_token)).name, 'Road Runner');
  },
  'oidcc-refresh-token': async (mode) => {
    const {tokens, claims} = await flow(mode, {scope: 'openid offline_access', prompt: 'consent'});
    const {body, status} = await basic.refresh(tokens.refresh_token);
    assert.equal(status, 200);
    assert.notEqual(body.access_token, tokens.access_token);
    const {payload} = await jose.jwtVerify(body.id_token, keys, {issuer: base, audience: basic.id});
    for (const name of ['iss', 'sub', 'auth_time', 'azp']) assert.equal(payload[name], claims[name], name);
    assert.deepEqual(payload.aud, claims.aud);
    assert.ok(payload.iat >= claims.iat);
    assert.equal(inShort(await second.refresh(body.refresh_token)), '400 invalid_grant', 'of another client');
  },
  'oidcc-ensure-request-with-valid-pkce-succeeds': async (mode) => {
    const parameters = basic.parameters(mode);
    const {code} = answerOf(await new Visitor().signIn(`${endpoint.authorize}?${encode(parameters)}`, work.userName));
    assert.equal(inShort(await basic.take(code)), '200');
  },
};

for (const [plan, mode] of Object.entries({Basic: {}, 'Form Post': {response_mode: 'form_post'}}))
  for (const [name, module] of Object.entries(basicModules)) test(`${plan}: ${name}`, () => module(mode));

test('Config: oidcc-discovery-endpoint-verification', async () => {
  const response = await fetch(`${base}/.well-known/openid-configuration`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  const metadata = await response.json();
  assert.equal(metadata.issuer, base);
  for (const [name, value] of Object.entries(metadata)) if (/_(endpoint|uri)$/.test(name)) assert.ok(value.startsWith(`${base}/`), name);
  for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'end_session_endpoint']) assert.ok(metadata[name], name);
  assert.ok(metadata.scopes_supported.includes('openid'));
  assert.ok(metadata.response_types_supported.includes('code'));
  assert.deepEqual(metadata.subject_types_supported, ['public']);
  assert.ok(metadata.id_token_signing_alg_values_supported.includes('RS256'));
  assert.ok(!metadata.id_token_signing_alg_values_supported.includes('none'));
  for (const name of ['claims_parameter_supported', 'request_parameter_supported', 'request_uri_parameter_supported']) assert.equal(typeof metadata[name], 'boolean', name);
  for (const [name, value] of Object.entries(metadata)) if (Array.isArray(value)) assert.equal(new Set(value).size, value.length, `${name} has no doubles`);

  const {keys: published} = await (await fetch(metadata.jwks_uri)).json();
  assert.ok(published.length > 0);
  assert.equal(new Set(published.map(({kid}) => kid)).size, published.length);
  for (const key of published) {
    assert.equal(key.use, 'sig');
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(secret in key), secret);
    await jose.importJWK(key);
  }
});

/** Signs in, leaves by `parameters` of (id_token), and says where that led and whether the person is still signed in. */
async function leave(parameters) {
  const visitor = new Visitor();
  const {tokens} = await flow({}, {}, visitor);
  const arrival = await visitor.open(`${endpoint.end_session}?${encode(parameters(tokens.id_token))}`);
  const silent = await visitor.open(`${endpoint.authorize}?${encode(basic.plainParameters({prompt: 'none'}))}`);
  return {arrival, visitor, signedIn: whereTo(silent) === 'client: code'};
}

const asksOrRefuses = (arrival) => {
  assert.equal(arrival.left, undefined, 'nobody is led anywhere');
  assert.ok(arrival.status === 400 || arrival.forms.length === 1, arrival.text);
};
const modified = (token) => token.replace(/\.[^.]*\./, (body) => `.${jose.base64url.encode(JSON.stringify({...JSON.parse(Buffer.from(body, 'base64url')), sub: 'other'}))}.`);

const logoutModules = {
  'oidcc-rp-initiated-logout-discovery-endpoint-verification': async () => {
    const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.end_session_endpoint, endpoint.end_session);
  },
  'oidcc-rp-initiated-logout': async () => {
    const {arrival, signedIn} = await leave((id_token_hint) => ({id_token_hint, post_logout_redirect_uri: afterwards, state: 'abc'}));
    assert.equal(arrival.left.href, `${afterwards}?state=abc`);
    assert.equal(signedIn, false);
  },
  'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': async () =>
    asksOrRefuses((await leave((id_token_hint) => ({id_token_hint, post_logout_redirect_uri: `${origin}/other`, state: 'abc'}))).arrival),
  'oidcc-rp-initiated-logout-modified-id-token-hint': async () =>
    asksOrRefuses((await leave((token) => ({id_token_hint: modified(token), post_logout_redirect_uri: afterwards, state: 'abc'}))).arrival),
  'oidcc-rp-initiated-logout-bad-id-token-hint': async () =>
    asksOrRefuses((await leave(() => ({id_token_hint: 'invalid', post_logout_redirect_uri: afterwards, state: 'abc'}))).arrival),
  'oidcc-rp-initiated-logout-no-id-token-hint': async () =>
    asksOrRefuses((await leave(() => ({post_logout_redirect_uri: afterwards, state: 'abc'}))).arrival),
  'oidcc-rp-initiated-logout-no-params': async () => {
    const {arrival, visitor, signedIn} = await leave(() => ({}));
    assert.equal(signedIn, true, 'a link signs nobody out');
    const done = await visitor.submit(arrival);
    assert.equal(done.status, 200);
    assert.equal(whereTo(await visitor.open(`${endpoint.authorize}?${encode(basic.plainParameters({prompt: 'none'}))}`)), 'client: login_required');
  },
  'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': async () => {
    const {arrival, signedIn} = await leave((id_token_hint) => ({id_token_hint, state: 'abc'}));
    assert.equal(arrival.status, 200);
    assert.equal(signedIn, false);
  },
  'oidcc-rp-initiated-logout-no-state': async () => {
    const {arrival, signedIn} = await leave((id_token_hint) => ({id_token_hint, post_logout_redirect_uri: afterwards}));
    assert.equal(arrival.left.href, afterwards);
    assert.equal(signedIn, false);
  },
  'oidcc-rp-initiated-logout-only-state': async () => {
    const {arrival, signedIn} = await leave(() => ({state: 'abc'}));
    asksOrRefuses(arrival);
    assert.equal(signedIn, true);
  },
  'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': async () =>
    asksOrRefuses((await leave((id_token_hint) => ({id_token_hint, post_logout_redirect_uri: `${afterwards}?foo=bar`, state: 'abc'}))).arrival),
};

for (const [name, module] of Object.entries(logoutModules)) test(`RP-Initiated Logout: ${name}`, module);

const backChannelModules = {
  'oidcc-backchannel-logout-discovery-endpoint-verification': async () => {
    const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.backchannel_logout_supported, true);
    assert.equal(metadata.backchannel_logout_session_supported, true);
    assert.equal(metadata.end_session_endpoint, endpoint.end_session);
  },
  'oidcc-backchannel-rp-initiated-logout': async () => {
    const server = http.createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    try {
      const told = new Promise((done) => server.once('request', async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString();
        response.end();
        done({type: request.headers['content-type'], method: request.method, form: new URLSearchParams(body)});
      }));
      const party = await Party.create(work, {backChannelLogoutUri: `http://127.0.0.1:${server.address().port}/backchannel_logout`});
      const visitor = new Visitor();
      const {tokens, claims} = await flow({}, {}, visitor, party);
      const {left} = await visitor.open(`${endpoint.end_session}?${encode({id_token_hint: tokens.id_token, post_logout_redirect_uri: afterwards, state: 'abc'})}`);
      assert.equal(left.href, `${afterwards}?state=abc`);
      const {method, type, form} = await told;
      assert.equal(method, 'POST');
      assert.match(type, /^application\/x-www-form-urlencoded/);
      const {payload, protectedHeader} = await jose.jwtVerify(form.get('logout_token'), keys, {issuer: base, audience: party.id, maxTokenAge: '2m', typ: 'logout+jwt'});
      assert.equal(protectedHeader.alg, 'RS256');
      assert.deepEqual(payload.events, {'http://schemas.openid.net/event/backchannel-logout': {}});
      assert.equal(payload.sub, work.user);
      assert.equal(payload.sid, claims.sid);
      assert.ok(payload.jti && payload.iat && payload.exp > payload.iat);
      assert.equal(payload.nonce, undefined);
      assert.equal(whereTo(await visitor.open(`${endpoint.authorize}?${encode(party.plainParameters({prompt: 'none'}))}`)), 'client: login_required');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
};

for (const [name, module] of Object.entries(backChannelModules)) test(`Back-Channel Logout: ${name}`, module);

// The last of all, so that most of the time has gone by itself.
test('Basic: oidcc-codereuse-30seconds', async () => {
  await new Promise((done) => setTimeout(done, usedLongAgo.at + 30_000 - Date.now()));
  assert.equal(await userinfo(usedLongAgo.tokens.access_token), '200');
  await reuse(usedLongAgo);
});
