// A server with `OIDC.DPoPNonceRequired`: proofs need a nonce of ours, at the token endpoint, at userinfo and at the API (RFC 9449
// sections 8 and 9). openid-client asks again with the nonce that the refusal names, as its users have it.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import * as oidc from 'openid-client';
import {Workspace, base} from '../../../harness/api.mjs';
import {endpoint, inShort, post} from '../party.mjs';
import {hashOf, makeKey, prove} from '../proofs.mjs';

const api = `${base}/auth/v1/users/me`;
const scope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';
let machine;
before(async () => {
  machine = await (await Workspace.create()).machine();
});

const take = (dpop) => post(endpoint.token, {grant_type: 'client_credentials', client_id: machine.clientId, client_secret: machine.clientSecret, scope}, {dpop});

test('RFC 9449 8, 9: a proof without a nonce is refused, and told which to use', async () => {
  const key = await makeKey();
  const refused = await take(await prove(key));
  assert.equal(inShort(refused), '400 use_dpop_nonce');
  const nonce = refused.headers.get('dpop-nonce');
  const answer = await take(await prove(key, {nonce}));
  assert.equal(inShort(answer), '200');

  const token = answer.body.access_token;
  for (const url of [endpoint.userinfo, api]) {
    const look = async (claims) => fetch(url, {headers: {authorization: `DPoP ${token}`, dpop: await prove(key, {htm: 'GET', htu: url, ath: hashOf(token), ...claims})}});
    const without = await look({});
    assert.equal(without.status, 401, url);
    assert.match(without.headers.get('www-authenticate'), /^DPoP error="use_dpop_nonce"/, url);
    assert.equal((await look({nonce: 'mine'})).status, 401, url);
    assert.equal((await look({nonce: without.headers.get('dpop-nonce')})).status, 200, url);
  }
});

test('openid-client finds its way: tokens, userinfo, the API', async () => {
  const config = await oidc.discovery(new URL(base), machine.clientId, undefined, oidc.ClientSecretBasic(machine.clientSecret), {execute: [oidc.allowInsecureRequests]});
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('Ed25519'));
  const {access_token, token_type} = await oidc.clientCredentialsGrant(config, {scope}, {DPoP});
  assert.equal(token_type, 'dpop');
  assert.equal((await oidc.fetchUserInfo(config, access_token, machine.id, {DPoP})).sub, machine.id);
  const response = await oidc.fetchProtectedResource(config, access_token, new URL(api), 'GET', undefined, undefined, {DPoP});
  assert.equal((await response.json()).user.id, machine.id);
});
