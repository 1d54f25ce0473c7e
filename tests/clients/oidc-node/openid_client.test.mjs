// openid-client: every flow, over TLS, with the signatures of id_tokens checked too.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import {Workspace, api, base, fresh} from '../../harness/api.mjs';
import {Visitor} from '../../harness/visitor.mjs';
import {afterwards, answerAt, callback, clientKinds, decideDevice, jwtBearer, signingKey, tokenExchange, tokenType} from './lib.mjs';

let work;
before(async () => {
  work = await Workspace.create();
});

async function connect(clientId, authentication) {
  const config = await oidc.discovery(new URL(base), clientId, undefined, authentication);
  oidc.enableNonRepudiationChecks(config);
  return config;
}

/** An application of a kind, and openid-client set up for it; `key` where it has one. */
async function makeClient(kind = 'client_secret_basic', fields = {}) {
  const app = await work.app({redirectUris: [callback], postLogoutRedirectUris: [afterwards], ...clientKinds[kind], ...fields});
  const key = kind === 'private_key_jwt' ? await signingKey(await work.appKey(app)) : undefined;
  const authentication = {
    client_secret_basic: () => oidc.ClientSecretBasic(app.clientSecret),
    client_secret_post: () => oidc.ClientSecretPost(app.clientSecret),
    private_key_jwt: () => oidc.PrivateKeyJwt(key),
  }[kind] ?? (() => oidc.None());
  return {app, key, config: await connect(app.clientId, authentication())};
}

/** What a request carries besides where it comes from, and what its answer is checked against. */
async function request(parameters = {}) {
  const checks = {pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true};
  const asked = {
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  };
  if (asked.max_age !== undefined) checks.maxAge = Number(asked.max_age);
  return [asked, checks];
}

async function tokensOf(config, parameters, visitor) {
  const [asked, checks] = await request(parameters);
  return oidc.authorizationCodeGrant(config, await answerAt(oidc.buildAuthorizationUrl(config, asked), work.userName, visitor), checks);
}

const refused = (error) => (problem) => {
  assert.equal(problem.error, error, problem.stack);
  return true;
};

for (const kind of Object.keys(clientKinds)) {
  test(`code with PKCE, refresh, revocation: ${kind}`, async () => {
    const {config} = await makeClient(kind);
    const tokens = await tokensOf(config);
    assert.equal(tokens.claims().sub, work.user);
    const info = await oidc.fetchUserInfo(config, tokens.access_token, work.user);
    assert.equal(info.name, 'Road Runner');
    assert.equal(info.email_verified, true);

    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(next.access_token, tokens.access_token);
    assert.equal(next.claims().sub, work.user);
    await oidc.tokenRevocation(config, next.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token), refused('invalid_grant'));
    await assert.rejects(oidc.fetchUserInfo(config, next.access_token, work.user), (e) => e.status === 401);
  });
}

for (const kind of ['client_secret_basic', 'client_secret_post', 'private_key_jwt']) {
  test(`introspection: ${kind}`, async () => {
    const {config, app} = await makeClient(kind);
    const tokens = await tokensOf(config);
    const told = await oidc.tokenIntrospection(config, tokens.access_token);
    assert.equal(told.active, true);
    assert.equal(told.sub, work.user);
    assert.equal(told.client_id, app.clientId);
    assert.equal(told.iss, base);
    await oidc.tokenRevocation(config, tokens.access_token);
    assert.deepEqual({...await oidc.tokenIntrospection(config, tokens.access_token)}, {active: false});
  });
}

test('the answer is posted by the browser', async () => {
  const {config} = await makeClient();
  const [asked, checks] = await request({response_mode: 'form_post'});
  const arrived = await answerAt(oidc.buildAuthorizationUrl(config, asked), work.userName);
  assert.equal(arrived.method, 'POST');
  const tokens = await oidc.authorizationCodeGrant(config, arrived, checks);
  assert.equal(tokens.claims().sub, work.user);
});

test('the answer comes in the fragment', async () => {
  const {config} = await makeClient('none, in a browser');
  const [asked, checks] = await request({response_mode: 'fragment'});
  const arrived = await answerAt(oidc.buildAuthorizationUrl(config, asked), work.userName);
  assert.equal(arrived.search, '');
  const tokens = await oidc.authorizationCodeGrant(config, new URL(`${callback}?${arrived.hash.slice(1)}`), checks);
  assert.equal(tokens.claims().sub, work.user);
});

for (const kind of Object.keys(clientKinds)) {
  test(`the request is pushed: ${kind}`, async () => {
    const {config} = await makeClient(kind);
    const [asked, checks] = await request();
    const url = await oidc.buildAuthorizationUrlWithPAR(config, asked);
    assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri']);
    const tokens = await oidc.authorizationCodeGrant(config, await answerAt(url, work.userName), checks);
    assert.equal(tokens.claims().sub, work.user);
  });
}

test('the request is signed, and signed and pushed', async () => {
  const {config, key} = await makeClient('private_key_jwt');
  for (const push of [false, true]) {
    const [asked, checks] = await request();
    const signed = await oidc.buildAuthorizationUrlWithJAR(config, asked, key);
    const url = push ? await oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams) : signed;
    assert.equal(url.searchParams.has('request'), !push);
    const tokens = await oidc.authorizationCodeGrant(config, await answerAt(url, work.userName), checks);
    assert.equal(tokens.claims().sub, work.user);
  }
});

test('prompt and max_age: silently where that will do, anew where not', async () => {
  const {config} = await makeClient();
  const visitor = new Visitor();
  const silent = {prompt: 'none'};
  await assert.rejects(tokensOf(config, silent, visitor), refused('login_required'));
  const first = await tokensOf(config, {}, visitor);
  const again = await tokensOf(config, {...silent, id_token_hint: first.id_token, max_age: '10000'}, visitor);
  assert.equal(again.claims().auth_time, first.claims().auth_time);
  assert.equal(again.claims().sid, first.claims().sid);
  const anew = await tokensOf(config, {prompt: 'login', max_age: '0'}, visitor);
  assert.ok(anew.claims().auth_time >= first.claims().auth_time);
});

test('client credentials of a machine, its name as it may be', async () => {
  const machine = await work.machine(`${fresh('robot')}+1%:ü&=`);
  for (const authentication of [oidc.ClientSecretBasic(machine.clientSecret), oidc.ClientSecretPost(machine.clientSecret)]) {
    const config = await connect(machine.clientId, authentication);
    const tokens = await oidc.clientCredentialsGrant(config, {scope: 'openid profile'});
    assert.equal(tokens.refresh_token, undefined);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, machine.id)).sub, machine.id);
  }
});

test('an assertion of a machine is a grant', async () => {
  const machine = await work.machine();
  const config = await connect(machine.clientId, oidc.None());
  const assertion = await new jose.SignJWT({}).setProtectedHeader({alg: 'RS256', kid: machine.kid})
    .setIssuer(machine.id).setSubject(machine.id).setAudience(base).setJti('once').setIssuedAt().setExpirationTime('1m').sign(machine.key);
  const tokens = await oidc.genericGrantRequest(config, jwtBearer, {assertion, scope: 'openid'});
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, machine.id)).sub, machine.id);
  await assert.rejects(oidc.genericGrantRequest(config, jwtBearer, {assertion, scope: 'openid'}), refused('invalid_grant'));
});

test('tokens are exchanged; an actor is named', async () => {
  const {config} = await makeClient('client_secret_basic', {
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN', 'OIDC_GRANT_TYPE_TOKEN_EXCHANGE'],
  });
  const exchange = (parameters) => oidc.genericGrantRequest(config, tokenExchange, parameters);
  const mine = await tokensOf(config);
  const jwt = await exchange({subject_token: mine.access_token, subject_token_type: tokenType('access_token'), requested_token_type: tokenType('jwt'), scope: 'openid'});
  assert.equal(jwt.issued_token_type, tokenType('jwt'));
  const {payload} = await jose.jwtVerify(jwt.access_token, jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)), {issuer: base, audience: work.project});
  assert.equal(payload.sub, work.user);

  const robot = await work.machine();
  const {token} = await work.call('POST', `/management/v1/users/${robot.id}/pats`, {});
  await work.call('POST', '/admin/v1/import', {timeout: '1m', data_orgs: {orgs: [{orgId: work.org, orgMembers: [{userId: robot.id, roles: ['ORG_END_USER_IMPERSONATOR']}]}]}});
  await api('PUT', '/v2/policies/security', {enableImpersonation: true});
  try {
    for (const subject of [
      {subject_token: mine.access_token, subject_token_type: tokenType('access_token')},
      {subject_token: work.user, subject_token_type: 'urn:zitadel:params:oauth:token-type:user_id'},
    ]) {
      const acted = await exchange({...subject, actor_token: token, actor_token_type: tokenType('access_token'), scope: 'openid'});
      assert.equal(acted.claims().sub, work.user);
      assert.equal(acted.claims().act.sub, robot.id);
      assert.equal((await oidc.tokenIntrospection(config, acted.access_token)).act.sub, robot.id);
    }
  } finally {
    await api('PUT', '/v2/policies/security', {enableImpersonation: false});
  }
});

test('a device without a browser', async () => {
  const {config} = await makeClient('none, native', {
    grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_DEVICE_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN'],
  });
  for (const complete of [false, true]) {
    const shown = await oidc.initiateDeviceAuthorization(config, {scope: 'openid profile offline_access'});
    const polling = oidc.pollDeviceAuthorizationGrant(config, shown);
    await decideDevice(shown, {complete, decision: 'allow'}, work.userName);
    const tokens = await polling;
    assert.equal(tokens.claims().sub, work.user);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, work.user)).name, 'Road Runner');
    assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
  }
  const shown = await oidc.initiateDeviceAuthorization(config, {scope: 'openid'});
  const polling = assert.rejects(oidc.pollDeviceAuthorizationGrant(config, shown), refused('access_denied'));
  await decideDevice(shown, {decision: 'deny'}, work.userName);
  await polling;
});

test('tokens are bound to a key (DPoP)', async () => {
  for (const [kind, alg] of [['none, in a browser', 'ES256'], ['client_secret_basic', 'PS256'], ['private_key_jwt', 'RS256']]) {
    const {config} = await makeClient(kind);
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg));
    for (const push of [false, true]) {
      const [asked, checks] = await request();
      const url = push ? await oidc.buildAuthorizationUrlWithPAR(config, asked, {DPoP}) : oidc.buildAuthorizationUrl(config, asked);
      const tokens = await oidc.authorizationCodeGrant(config, await answerAt(url, work.userName), checks, undefined, {DPoP});
      assert.equal(tokens.token_type, 'dpop');
      assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, work.user, {DPoP})).sub, work.user);
      await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, work.user), (e) => e.status === 401);
      const next = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, {DPoP});
      assert.equal((await oidc.fetchUserInfo(config, next.access_token, work.user, {DPoP})).sub, work.user);
    }
  }
  const machine = await work.machine();
  const config = await connect(machine.clientId, oidc.ClientSecretBasic(machine.clientSecret));
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  const {access_token} = await oidc.clientCredentialsGrant(config, {scope: 'openid'}, {DPoP});
  assert.equal((await oidc.fetchUserInfo(config, access_token, machine.id, {DPoP})).sub, machine.id);
});

const implicitToo = {
  responseTypes: ['CODE', 'ID_TOKEN', 'ID_TOKEN_TOKEN'].map((name) => `OIDC_RESPONSE_TYPE_${name}`),
  grantTypes: ['AUTHORIZATION_CODE', 'IMPLICIT', 'REFRESH_TOKEN'].map((name) => `OIDC_GRANT_TYPE_${name}`),
};

test('code and id_token at once (hybrid), in the fragment and posted', async () => {
  for (const response_mode of [undefined, 'form_post']) {
    const {config} = await makeClient('client_secret_basic', implicitToo);
    oidc.useCodeIdTokenResponseType(config);
    const [asked, checks] = await request(response_mode ? {response_mode} : {});
    const tokens = await oidc.authorizationCodeGrant(config, await answerAt(oidc.buildAuthorizationUrl(config, asked), work.userName), checks);
    assert.equal(tokens.claims().sub, work.user);
  }
});

test('the id_token alone (implicit)', async () => {
  const {config} = await makeClient('none, in a browser', implicitToo);
  oidc.useIdTokenResponseType(config);
  const [asked, {expectedNonce, expectedState}] = await request({scope: 'openid email'});
  delete asked.code_challenge;
  delete asked.code_challenge_method;
  const claims = await oidc.implicitAuthentication(config, await answerAt(oidc.buildAuthorizationUrl(config, asked), work.userName), expectedNonce, {expectedState});
  assert.equal(claims.sub, work.user);
});

test('the application signs the person out', async () => {
  const {config} = await makeClient();
  const visitor = new Visitor();
  const tokens = await tokensOf(config, {}, visitor);
  const state = oidc.randomState();
  const {left} = await visitor.open(oidc.buildEndSessionUrl(config, {id_token_hint: tokens.id_token, post_logout_redirect_uri: afterwards, state}));
  assert.equal(left.href, `${afterwards}?state=${state}`);
  await assert.rejects(tokensOf(config, {prompt: 'none'}, visitor), refused('login_required'));
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_grant'));
});
