// What the clients here share: requests, answers, keys as WebCrypto has them.
import {webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import https from 'node:https';
import {Visitor, answerOf} from '../../harness/visitor.mjs';

/** Registered with every application; nobody listens there, the visitor only goes that far. */
export const callback = 'https://client.example/callback';
export const afterwards = 'https://client.example/bye';
export const tokenType = (name) => `urn:ietf:params:oauth:token-type:${name}`;
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** A key of Workspace as the libraries take it, for RS256. */
export async function signingKey({kid, key}) {
  const pkcs8 = key.export({type: 'pkcs8', format: 'der'});
  return {kid, key: await webcrypto.subtle.importKey('pkcs8', pkcs8, {name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256'}, false, ['sign'])};
}

/**
 * Signs `loginName` in at the pages and answers the request that reaches the application: its address with the answer, or what is posted
 * to it. `visitor`: who comes; somebody new when left out.
 */
export async function answerAt(url, loginName, visitor = new Visitor()) {
  const arrival = await visitor.signIn(url, loginName);
  answerOf(arrival);
  return arrival.form ? new Request(arrival.left, {method: 'POST', body: new URLSearchParams(arrival.form)}) : arrival.left;
}

/** The person types the code that a device shows (or follows its link, where `complete`), signs in, and decides: allow or deny. */
export async function decideDevice({user_code, verification_uri, verification_uri_complete}, {complete = false, decision}, loginName) {
  const visitor = new Visitor();
  const page = await visitor.open(complete ? verification_uri_complete : verification_uri);
  let next = await visitor.submit(page, complete ? {} : {user_code});
  next = await visitor.fillIn(next, loginName);
  return visitor.submit(next, {}, {decision});
}

/** Each way in which an application proves itself, as AddOIDCApp names it. */
export const clientKinds = {
  'none, in a browser': {appType: 'OIDC_APP_TYPE_USER_AGENT', authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE'},
  'none, native': {appType: 'OIDC_APP_TYPE_NATIVE', authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE'},
  client_secret_basic: {authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC'},
  client_secret_post: {authMethodType: 'OIDC_AUTH_METHOD_TYPE_POST'},
  private_key_jwt: {authMethodType: 'OIDC_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT'},
};

/** An application of `t` over TLS, with the certificate that this test run trusts; answers its origin. */
export async function serve(t, handler) {
  const of = (name) => readFileSync(`${process.env.GODWIT_FOLDER}/${name}.pem`);
  const server = https.createServer({key: of('key'), cert: of('cert')}, handler);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://localhost:${server.address().port}`;
}
