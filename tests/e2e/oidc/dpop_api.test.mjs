// RFC 9449 section 7 at the API: REST, Connect and gRPC take a bound token with a proof of its key about this very call, and nothing else.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import {before, test} from 'node:test';
import {Workspace, base} from '../../harness/api.mjs';
import {endpoint, inShort, post} from './party.mjs';
import {hashOf, makeKey, prove} from './proofs.mjs';

const rest = '/auth/v1/users/me', rpc = '/zitadel.auth.v1.AuthService/GetMyUser';
let machine, mine, another, bound, unbound;
before(async () => {
  machine = await (await Workspace.create()).machine();
  [mine, another] = [await makeKey(), await makeKey()];
  const take = async (dpop) => {
    const answer = await post(endpoint.token, {
      grant_type: 'client_credentials', client_id: machine.clientId, client_secret: machine.clientSecret,
      scope: 'openid urn:zitadel:iam:org:project:id:zitadel:aud',
    }, dpop && {dpop});
    assert.equal(inShort(answer), '200');
    return answer.body.access_token;
  };
  [bound, unbound] = [await take(await prove(mine)), await take()];
});

/** gRPC with an empty message, by hand: what of its head and trailers matters here. */
async function callGrpc(headers) {
  const session = http2.connect(base);
  try {
    const call = session.request({':method': 'POST', ':path': rpc, 'content-type': 'application/grpc', te: 'trailers', ...headers});
    const seen = {};
    const parts = [];
    call.on('response', (fields) => Object.assign(seen, fields));
    call.on('trailers', (fields) => Object.assign(seen, fields));
    call.on('data', (part) => parts.push(part));
    call.end(Buffer.alloc(5));
    await new Promise((done, failed) => call.on('end', done).on('error', failed));
    return {refused: seen['grpc-status'] !== '0', code: seen['grpc-status'], challenge: seen['www-authenticate'], nonce: seen['dpop-nonce'], text: Buffer.concat(parts).toString('latin1')};
  } finally {
    session.close();
  }
}

async function callHttp(method, path, headers, body) {
  const response = await fetch(base + path, {method, headers: {...headers, ...(body ? {'content-type': 'application/json'} : {})}, body});
  return {refused: response.status !== 200, code: `${response.status}`, challenge: response.headers.get('www-authenticate'), nonce: response.headers.get('dpop-nonce'), text: await response.text()};
}

const protocols = {
  REST: {method: 'GET', path: rest, call: (headers) => callHttp('GET', rest, headers), refusal: '401'},
  Connect: {method: 'POST', path: rpc, call: (headers) => callHttp('POST', rpc, headers, '{}'), refusal: '401'},
  gRPC: {method: 'POST', path: rpc, call: callGrpc, refusal: '16'},
};

for (const [name, {method, path, call, refusal}] of Object.entries(protocols)) {
  const about = (token, by = mine, claims = {}) => prove(by, {htm: method, htu: base + path, ath: hashOf(token), ...claims});
  const show = async (scheme, token, dpop) => call({authorization: `${scheme} ${token}`, ...(dpop ? {dpop: await dpop} : {})});

  test(`${name}: a bound token with a proof of its key`, async () => {
    for (const scheme of ['DPoP', 'dpop']) {
      const answer = await show(scheme, bound, about(bound));
      assert.ok(!answer.refused, JSON.stringify(answer));
      assert.ok(answer.text.includes(machine.id));
      assert.ok(answer.nonce, 'a nonce for the next proof');
      assert.ok(!(await show(scheme, bound, about(bound, mine, {nonce: answer.nonce, iat: 1}))).refused, 'with our nonce the clock does not matter');
    }
    assert.ok(!(await show('Bearer', unbound)).refused, 'and a token that is bound to nothing as ever');
  });

  const once = {};
  for (const [what, scheme, token, proof, error] of [
    ['without a proof', 'DPoP', () => bound, () => undefined, 'invalid_dpop_proof'],
    ['with a proof of another key', 'DPoP', () => bound, () => about(bound, another), 'invalid_token'],
    ['with a proof for another method', 'DPoP', () => bound, () => about(bound, mine, {htm: method === 'GET' ? 'POST' : 'GET'}), 'invalid_dpop_proof'],
    ['with a proof for another call', 'DPoP', () => bound, () => about(bound, mine, {htu: `${base}/management/v1/orgs/me`}), 'invalid_dpop_proof'],
    ['with a proof for another server', 'DPoP', () => bound, () => about(bound, mine, {htu: `https://other.example${path}`}), 'invalid_dpop_proof'],
    ['with a proof about another token', 'DPoP', () => bound, () => about(unbound), 'invalid_dpop_proof'],
    ['with a proof about no token', 'DPoP', () => bound, () => about(bound, mine, {ath: undefined}), 'invalid_dpop_proof'],
    ['with a proof of an hour ago', 'DPoP', () => bound, () => about(bound, mine, {iat: 1}), 'invalid_dpop_proof'],
    ['with a proof used before', 'DPoP', () => bound, async () => {
      once.proof ??= about(bound);
      await show('DPoP', bound, once.proof);
      return once.proof;
    }, 'invalid_dpop_proof'],
    ['with a nonce of nobody', 'DPoP', () => bound, () => about(bound, mine, {nonce: 'mine'}), 'use_dpop_nonce'],
    ['as a bearer token', 'Bearer', () => bound, () => undefined, 'invalid_token'],
    ['as a bearer token with a proof', 'Bearer', () => bound, () => about(bound), 'invalid_token'],
    ['though it is bound to nothing', 'DPoP', () => unbound, () => about(unbound), 'invalid_token'],
    ['that is none', 'DPoP', () => 'x', () => about('x'), 'invalid_token'],
  ]) {
    test(`${name}: refused is a token ${what}`, async () => {
      const answer = await show(scheme, token(), proof());
      assert.equal(answer.code, refusal, JSON.stringify(answer));
      assert.match(answer.challenge, new RegExp(`^${scheme} error="${error}", error_description="[^"]+",.* algs="ES256 `));
    });
  }

  test(`${name}: who brings no token is told of both schemes`, async () => {
    const answer = await call({});
    assert.equal(answer.code, refusal);
    assert.match(answer.challenge, /^Bearer, DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 RS256"$/);
  });
}
