// RFC 9700 2.2.1 and 4.10.1 by RFC 9449: tokens that are bound to a key are nobody's without it. Each row breaks one rule for proofs.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import * as jose from 'jose';
import {Workspace} from '../../harness/api.mjs';
import {Party, endpoint, inShort, post, publicApp} from './party.mjs';
import {hashOf, makeKey, prove, seconds} from './proofs.mjs';

let work, web, spa, machine, mine, another;
before(async () => {
  work = await Workspace.create();
  web = await Party.create(work);
  spa = await Party.create(work, publicApp);
  machine = await work.machine();
  [mine, another] = [await makeKey(), await makeKey()];
});

const take = (dpop) =>
  post(endpoint.token, {grant_type: 'client_credentials', client_id: machine.clientId, client_secret: machine.clientSecret, scope: 'openid'}, dpop && {dpop});

/** Userinfo with a token, under a scheme, and perhaps a proof about it: [status, the error that the challenge names]. */
async function look(scheme, token, proof) {
  const headers = {authorization: `${scheme} ${token}`, ...(proof ? {dpop: await proof} : {})};
  const response = await fetch(endpoint.userinfo, {headers});
  await response.body?.cancel();
  return [response.status, response.headers.get('www-authenticate')?.match(/error="(\w+)"/)?.[1]];
}
const about = (token, by = mine, claims = {}) =>
  prove(by, {htm: 'GET', htu: endpoint.userinfo, ath: hashOf(token), ...claims});

test('RFC 9449 5.1: discovery names the algorithms of proofs', async () => {
  const {dpop_signing_alg_values_supported: algorithms} = await (await fetch(endpoint.discovery)).json();
  assert.deepEqual(algorithms, ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256']);
  for (const alg of ['ES512', 'PS512', 'RS512']) assert.equal(inShort(await take(await prove(await makeKey(alg)))), '400 invalid_dpop_proof', alg);
});

for (const alg of ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256']) {
  test(`RFC 9449 5: a token bound to a key of ${alg}`, async () => {
    const key = await makeKey(alg);
    const answer = await take(await prove(key));
    assert.equal(inShort(answer), '200');
    assert.equal(answer.body.token_type, 'DPoP');
    assert.deepEqual(await look('DPoP', answer.body.access_token, about(answer.body.access_token, key)), [200, undefined]);
  });
}

for (const [what, proof] of [
  ['for another method', () => prove(mine, {htm: 'GET'})],
  ['for another address', () => prove(mine, {htu: endpoint.userinfo})],
  ['for another server', () => prove(mine, {htu: 'https://other.example/oauth/v2/token'})],
  ['of an hour ago', () => prove(mine, {iat: seconds() - 3600})],
  ['from the future', () => prove(mine, {iat: seconds() + 3600})],
  ['without iat', () => prove(mine, {iat: undefined})],
  ['without jti', () => prove(mine, {jti: undefined})],
  ['of another type', () => prove(mine, {}, {typ: 'JWT'})],
  ['without its key', () => prove(mine, {}, {jwk: undefined})],
  ['with its private key', async () => prove(mine, {}, {jwk: await jose.exportJWK(mine.privateKey)})],
  ['signed by another key', () => prove(mine, {}, {}, another.privateKey)],
  ['without signature', async () => `${jose.base64url.encode(JSON.stringify({typ: 'dpop+jwt', alg: 'none', jwk: mine.jwk}))}.${(await prove(mine)).split('.')[1]}.`],
  ['signed with a secret', () => prove(mine, {}, {alg: 'HS256', jwk: {kty: 'oct', k: 'c2VjcmV0'}}, new TextEncoder().encode('secret'))],
  ['that is two', async () => `${await prove(mine)}, ${await prove(mine)}`],
  ['that is none', () => 'x'],
]) {
  test(`RFC 9449 4.3: a proof ${what} binds nothing`, async () => assert.equal(inShort(await take(await proof())), '400 invalid_dpop_proof'));
}

test('RFC 9449 11.1, 8: a proof is good once, and a nonce is one of ours', async () => {
  const proof = await prove(mine);
  const first = await take(proof);
  assert.equal(inShort(first), '200');
  assert.equal(inShort(await take(proof)), '400 invalid_dpop_proof');
  assert.equal(inShort(await take(await prove(mine, {nonce: 'mine'}))), '400 use_dpop_nonce');
  const nonce = first.headers.get('dpop-nonce');
  assert.ok(nonce);
  assert.equal(inShort(await take(await prove(mine, {nonce}))), '200');
});

test('RFC 9449 7: a bound token comes with a proof of its key about it, and only so', async () => {
  const {access_token} = (await take(await prove(mine))).body;
  const plain = (await take()).body.access_token;
  assert.deepEqual(await look('DPoP', access_token, about(access_token)), [200, undefined]);
  assert.deepEqual(await look('Bearer', access_token), [401, 'invalid_token'], 'as a bearer token');
  assert.deepEqual(await look('Bearer', access_token, about(access_token)), [401, 'invalid_token'], 'as a bearer token with a proof');
  assert.deepEqual(await look('DPoP', access_token, about(access_token, another)), [401, 'invalid_token'], 'the proof of another key');
  assert.deepEqual(await look('DPoP', plain, about(plain)), [401, 'invalid_token'], 'a token that is bound to nothing');
  for (const [what, proof] of [
    ['none', undefined],
    ['without ath', about(access_token, mine, {ath: undefined})],
    ['about another token', about(plain)],
    ['for the token endpoint', prove(mine, {ath: hashOf(access_token)})],
  ]) {
    assert.deepEqual(await look('DPoP', access_token, proof), [401, 'invalid_dpop_proof'], what);
  }
  const once = about(access_token);
  assert.deepEqual(await look('DPoP', access_token, once), [200, undefined]);
  assert.deepEqual(await look('DPoP', access_token, once), [401, 'invalid_dpop_proof'], 'used before');
});

test('RFC 9449 5: the refresh token of a public client is bound too', async () => {
  const code = await spa.code({scope: 'openid offline_access'});
  const form = {client_id: spa.id, grant_type: 'authorization_code', code, redirect_uri: 'https://client.example/callback', code_verifier: spa.verifier};
  const {body} = await post(endpoint.token, form, {dpop: await prove(mine)});
  assert.equal(body.token_type, 'DPoP');
  const refresh = async (dpop) => spa.token({grant_type: 'refresh_token', refresh_token: body.refresh_token}, dpop && {dpop});
  assert.equal(inShort(await refresh()), '400 invalid_grant');
  assert.equal(inShort(await refresh(await prove(another))), '400 invalid_grant');
  const next = await refresh(await prove(mine));
  assert.equal(inShort(next), '200');
  assert.deepEqual(await look('DPoP', next.body.access_token, about(next.body.access_token)), [200, undefined]);
});

test('RFC 9449 6, 10: who asks for a key gets tokens for that key alone, and an API is told of it', async () => {
  const ask = async () => web.code({dpop_jkt: mine.jkt});
  const exchange = async (code, dpop) => web.token({grant_type: 'authorization_code', code, redirect_uri: 'https://client.example/callback', code_verifier: web.verifier}, dpop && {dpop});
  assert.equal(inShort(await exchange(await ask(), await prove(another))), '400 invalid_grant');
  assert.equal(inShort(await exchange(await ask())), '400 invalid_grant');
  const {body} = await exchange(await ask(), await prove(mine));
  const told = await web.introspect(body.access_token);
  assert.deepEqual(told.cnf, {jkt: mine.jkt});
  assert.equal(told.token_type, 'DPoP');
});
