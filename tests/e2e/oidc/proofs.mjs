// Proofs of possession (RFC 9449), right and wrong, made by hand.
import {createHash, randomUUID} from 'node:crypto';
import * as jose from 'jose';
import {endpoint} from './party.mjs';

export async function makeKey(alg = 'ES256') {
  const {publicKey, privateKey} = await jose.generateKeyPair(alg, {extractable: true});
  const jwk = await jose.exportJWK(publicKey);
  return {alg, privateKey, jwk, jkt: await jose.calculateJwkThumbprint(jwk)};
}

export const seconds = () => Math.floor(Date.now() / 1000);

/** A proof of `by`, for the token endpoint; `claims` and `header` instead of the right ones. */
export function prove(by, claims = {}, header = {}, key = by.privateKey) {
  return new jose.SignJWT({jti: randomUUID(), htm: 'POST', htu: endpoint.token, iat: seconds(), ...claims})
    .setProtectedHeader({typ: 'dpop+jwt', alg: by.alg, jwk: by.jwk, ...header}).sign(key);
}

/** The claim `ath` for a token. */
export const hashOf = (token) => createHash('sha256').update(token).digest('base64url');
