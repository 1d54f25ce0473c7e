// oauth4webapi, request by request: what openid-client does in one call is checked here step by step, the answers of errors included.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import {Workspace, base} from '../../harness/api.mjs';
import {Visitor} from '../../harness/visitor.mjs';
import {afterwards, answerAt, callback, clientKinds, decideDevice, jwtBearer, signingKey, tokenExchange, tokenType} from './lib.mjs';

let work, as;
before(async () => {
  work = await Workspace.create();
  as = await oauth.processDiscoveryResponse(new URL(base), await oauth.discoveryRequest(new URL(base)));
});

async function makeClient(kind, fields = {}) {
  const app = await work.app({redirectUris: [callback], postLogoutRedirectUris: [afterwards], ...clientKinds[kind], ...fields});
  const key = kind === 'private_key_jwt' ? await signingKey(await work.appKey(app)) : undefined;
  const authentication = {
    client_secret_basic: () => oauth.ClientSecretBasic(app.clientSecret),
    client_secret_post: () => oauth.ClientSecretPost(app.clientSecret),
    private_key_jwt: () => oauth.PrivateKeyJwt(key),
  }[kind] ?? (() => oauth.None());
  return {client: {client_id: app.clientId}, authentication: authentication(), key};
}

async function request(client, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState(), nonce = oauth.generateRandomNonce();
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid email offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  return {verifier, state, nonce, parameters};
}

const at = (parameters) => new URL(`${as.authorization_endpoint}?${parameters}`);

/** Takes an answer to the token endpoint, and checks everything about what comes back. */
async function takeTokens({client, authentication}, arrived, {verifier, state, nonce}) {
  const answer = arrived instanceof Request ? new URLSearchParams(await arrived.text()) : arrived.searchParams;
  assert.equal(answer.get('iss'), base);
  const callbackParameters = oauth.validateAuthResponse(as, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, callbackParameters, callback, verifier);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {expectedNonce: nonce, requireIdToken: true});
  await oauth.validateApplicationLevelSignature(as, response);
  return tokens;
}

const refused = (error, status = 400) => (problem) => {
  assert.deepEqual([problem.error, problem.status], [error, status], problem.stack);
  return true;
};

test('both metadata documents say the same, and nothing that is not there', async () => {
  const oauth2 = await oauth.processDiscoveryResponse(new URL(base), await oauth.discoveryRequest(new URL(base), {algorithm: 'oauth2'}));
  assert.deepEqual(oauth2, as);
  for (const [name, value] of Object.entries(as)) {
    if (!/(_endpoint|_uri)$/.test(name)) continue;
    assert.ok(value.startsWith(`${base}/`), name);
    assert.notEqual((await fetch(value, {redirect: 'manual'})).status, 404, name);
  }
});

for (const kind of Object.keys(clientKinds)) {
  test(`sign-in, userinfo, refresh, revocation: ${kind}`, async () => {
    const made = await makeClient(kind);
    const {client, authentication} = made;
    const asked = await request(client);
    const tokens = await takeTokens(made, await answerAt(at(asked.parameters), work.userName), asked);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.equal(claims.sub, work.user);
    const info = await oauth.processUserInfoResponse(as, client, work.user, await oauth.userInfoRequest(as, client, tokens.access_token));
    assert.equal(info.email_verified, true);

    const response = await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token);
    const next = await oauth.processRefreshTokenResponse(as, client, response);
    await oauth.validateApplicationLevelSignature(as, response);
    const renewed = oauth.getValidatedIdTokenClaims(next);
    // OpenID Connect Core 12.2: the same person, time and audience; no nonce that was not asked for.
    for (const name of ['iss', 'sub', 'auth_time', 'azp', 'sid']) assert.deepEqual(renewed[name], claims[name], name);
    assert.deepEqual(renewed.aud, claims.aud);
    assert.ok(renewed.nonce === undefined || renewed.nonce === asked.nonce);

    for (let i = 0; i < 2; ++i) await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, next.refresh_token));
    await assert.rejects(async () => oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, authentication, next.refresh_token)), refused('invalid_grant'));
  });
}

test('a posted answer', async () => {
  const made = await makeClient('client_secret_basic');
  const asked = await request(made.client, {response_mode: 'form_post'});
  const arrived = await answerAt(at(asked.parameters), work.userName);
  assert.equal(oauth.getValidatedIdTokenClaims(await takeTokens(made, arrived, asked)).sub, work.user);
});

for (const kind of Object.keys(clientKinds)) {
  test(`a pushed request: ${kind}`, async () => {
    const made = await makeClient(kind);
    const asked = await request(made.client);
    const pushed = await oauth.processPushedAuthorizationResponse(as, made.client, await oauth.pushedAuthorizationRequest(as, made.client, made.authentication, asked.parameters));
    assert.ok(pushed.expires_in > 5 && pushed.expires_in <= 600);
    const arrived = await answerAt(at(new URLSearchParams({client_id: made.client.client_id, request_uri: pushed.request_uri})), work.userName);
    assert.equal(oauth.getValidatedIdTokenClaims(await takeTokens(made, arrived, asked)).sub, work.user);
  });
}

test('a signed request', async () => {
  const made = await makeClient('private_key_jwt');
  const asked = await request(made.client);
  const object = await oauth.issueRequestObject(as, made.client, asked.parameters, made.key);
  const arrived = await answerAt(at(new URLSearchParams({client_id: made.client.client_id, request: object})), work.userName);
  assert.equal(oauth.getValidatedIdTokenClaims(await takeTokens(made, arrived, asked)).sub, work.user);
});

test('an API checks access tokens by the keys alone, and by introspection', async () => {
  const made = await makeClient('client_secret_basic', {accessTokenType: 'OIDC_TOKEN_TYPE_JWT'});
  const {client, authentication} = made;
  const asked = await request(client);
  const tokens = await takeTokens(made, await answerAt(at(asked.parameters), work.userName), asked);
  const {payload} = await jose.jwtVerify(tokens.access_token, jose.createRemoteJWKSet(new URL(as.jwks_uri)), {issuer: base, audience: work.project});
  assert.equal(payload.sub, work.user);
  const told = await oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, authentication, tokens.access_token));
  for (const name of ['sub', 'iss', 'exp', 'jti']) assert.equal(told[name], payload[name], name);
  assert.deepEqual(told.aud, payload.aud);
});

for (const alg of ['Ed25519', 'ES256']) {
  test(`the API takes a token that is bound to a key of ${alg}, with its proof alone`, async () => {
    const machine = await work.machine();
    const client = {client_id: machine.clientId};
    assert.ok(as.dpop_signing_alg_values_supported.includes(alg));
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
    const scope = new URLSearchParams({scope: 'openid urn:zitadel:iam:org:project:id:zitadel:aud'});
    const response = await oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic(machine.clientSecret), scope, {DPoP});
    const {access_token} = await oauth.processClientCredentialsResponse(as, client, response);
    const look = (options) => oauth.protectedResourceRequest(access_token, 'GET', new URL(`${base}/auth/v1/users/me`), undefined, undefined, options);
    assert.equal((await (await look({DPoP})).json()).user.id, machine.id);
    await assert.rejects(look(), (problem) => {
      const [bearer, dpop] = problem.cause;
      assert.deepEqual([problem.status, bearer.scheme, bearer.parameters.error, dpop.scheme], [401, 'bearer', 'invalid_token', 'dpop']);
      return true;
    });
  });
}

test('machines: client credentials and assertions', async () => {
  const machine = await work.machine();
  const client = {client_id: machine.clientId};
  const scope = new URLSearchParams({scope: 'openid'});
  const secret = oauth.ClientSecretBasic(machine.clientSecret);
  const tokens = await oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, secret, scope));
  assert.equal((await oauth.processUserInfoResponse(as, client, machine.id, await oauth.userInfoRequest(as, client, tokens.access_token))).sub, machine.id);
  await assert.rejects(async () => oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic('wrong'), scope)), refused('invalid_client'));

  for (const audience of [base, as.token_endpoint]) {
    const assertion = await new jose.SignJWT({}).setProtectedHeader({alg: 'RS256', kid: machine.kid}).setIssuer(machine.id).setSubject(machine.id)
      .setAudience(audience).setIssuedAt().setJti(crypto.randomUUID()).setExpirationTime('1m').sign(machine.key);
    const response = await oauth.genericTokenEndpointRequest(as, client, oauth.None(), jwtBearer, {assertion, scope: 'openid'});
    const got = await oauth.processGenericTokenEndpointResponse(as, client, response);
    assert.equal((await oauth.processUserInfoResponse(as, client, machine.id, await oauth.userInfoRequest(as, client, got.access_token))).sub, machine.id);
  }
});

test('a token for another', async () => {
  const made = await makeClient('client_secret_post', {grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_TOKEN_EXCHANGE']});
  const {client, authentication} = made;
  const asked = await request(client, {scope: 'openid'});
  const tokens = await takeTokens(made, await answerAt(at(asked.parameters), work.userName), asked);
  const exchange = async (more) => oauth.processGenericTokenEndpointResponse(as, client, await oauth.genericTokenEndpointRequest(as, client, authentication, tokenExchange, {
    subject_token: tokens.access_token, subject_token_type: tokenType('access_token'), scope: 'openid', ...more,
  }));
  const narrow = await exchange({audience: work.project});
  assert.equal(narrow.issued_token_type, tokenType('access_token'));
  const told = await oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, authentication, narrow.access_token));
  assert.deepEqual([told.aud].flat(), [work.project]);
  await assert.rejects(exchange({audience: 'https://elsewhere.example'}), refused('invalid_target'));
  await assert.rejects(exchange({subject_token: 'nothing'}), refused('invalid_request'));
});

test('a device without a browser', async () => {
  const {client, authentication} = await makeClient('client_secret_basic', {grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_DEVICE_CODE']});
  const shown = await oauth.processDeviceAuthorizationResponse(as, client, await oauth.deviceAuthorizationRequest(as, client, authentication, {scope: 'openid'}));
  const poll = async () => oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(as, client, authentication, shown.device_code));
  await assert.rejects(poll(), refused('authorization_pending'));
  await assert.rejects(poll(), refused('slow_down'));
  await decideDevice(shown, {decision: 'allow'}, work.userName);
  // Who was told to slow down waits for five seconds more.
  await new Promise((done) => setTimeout(done, (shown.interval + 5) * 1000));
  const tokens = await poll();
  assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, work.user);
  await assert.rejects(poll(), refused('invalid_grant'));
});

test('the person signs out, asked or not', async () => {
  const made = await makeClient('none, in a browser');
  const visitor = new Visitor();
  const signIn = async () => {
    const asked = await request(made.client, {scope: 'openid'});
    return takeTokens(made, await answerAt(at(asked.parameters), work.userName, visitor), asked);
  };
  const leave = (parameters) => visitor.open(`${as.end_session_endpoint}?${new URLSearchParams(parameters)}`);
  await signIn();
  const page = await leave({client_id: made.client.client_id, post_logout_redirect_uri: afterwards, state: 's'});
  assert.equal((await visitor.submit(page, {})).left.href, `${afterwards}?state=s`);

  const {id_token} = await signIn();
  assert.equal((await leave({id_token_hint: id_token, post_logout_redirect_uri: afterwards})).left.href, afterwards);
  const silent = await request(made.client, {prompt: 'none', scope: 'openid'});
  const {left} = await visitor.open(at(silent.parameters));
  assert.throws(() => oauth.validateAuthResponse(as, made.client, left, silent.state), (e) => e.error === 'login_required');
});
