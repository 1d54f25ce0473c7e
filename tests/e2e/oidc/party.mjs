// An application that says what it likes to the provider, right and wrong, and reports in one line what came of it.
import {createHash, randomBytes} from 'node:crypto';
import * as jose from 'jose';
import {base} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';

export const origin = 'https://client.example';
export const callback = `${origin}/callback`;
export const afterwards = `${origin}/bye`;
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const endpoint = {
  discovery: `${base}/.well-known/openid-configuration`,
  authorize: `${base}/oauth/v2/authorize`,
  token: `${base}/oauth/v2/token`,
  introspect: `${base}/oauth/v2/introspect`,
  revoke: `${base}/oauth/v2/revoke`,
  par: `${base}/oauth/v2/par`,
  userinfo: `${base}/oidc/v1/userinfo`,
  end_session: `${base}/oidc/v1/end_session`,
};
export const keys = jose.createRemoteJWKSet(new URL(`${base}/oauth/v2/keys`));

/** Name and value pairs; a list repeats its name, undefined leaves it out. */
export const encode = (parameters) =>
  new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) => [value].flat().filter((one) => one !== undefined).map((one) => [name, one])));

/** Posts a form; answers {status, error, body, headers}. */
export async function post(url, parameters, headers = {}) {
  const response = await fetch(url, {method: 'POST', body: encode(parameters), headers, redirect: 'manual'});
  const text = await response.text();
  let body = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A page, or nothing.
  }
  return {status: response.status, error: body.error, body, headers: response.headers};
}

/** "400 invalid_grant", or "200". */
export const inShort = ({status, error}) => (error ? `${status} ${error}` : `${status}`);

/** Where a browser ends, in short: "client: invalid_request" or "client: code", "page: 400 invalid_request", "the sign-in page". */
export function whereTo(arrival) {
  if (arrival.left) {
    const {error, code} = answerOf(arrival);
    return `client: ${error ?? (code ? 'code' : 'nothing')}`;
  }
  if (arrival.status === 200 && arrival.forms.some(({fields}) => 'loginName' in fields || 'password' in fields)) return 'the sign-in page';
  let error = '';
  try {
    error = ` ${JSON.parse(arrival.text).error}`;
  } catch {
    // A page for people.
  }
  return `page: ${arrival.status}${error}`;
}

export class Party {
  /** `fields` as AddOIDCApp takes them; the redirect URI is `callback` where they say nothing else. */
  static async create(work, fields = {}) {
    const made = new Party();
    made.work = work;
    const app = await work.app({redirectUris: [callback], postLogoutRedirectUris: [afterwards], ...fields});
    Object.assign(made, {id: app.clientId, secret: app.clientSecret, appId: app.appId});
    if (fields.authMethodType === 'OIDC_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT') made.key = await work.appKey(app);
    return made;
  }

  /** What proves this client at the token endpoint. */
  async proof() {
    if (this.key) return {client_assertion_type: assertionType, client_assertion: await this.assertion()};
    return this.secret ? {client_id: this.id, client_secret: this.secret} : {client_id: this.id};
  }

  /** A client assertion; `claims` instead of the right ones. */
  assertion(claims = {}, header = {}, key = this.key.key) {
    const now = Math.floor(Date.now() / 1000);
    const payload = {iss: this.id, sub: this.id, aud: base, iat: now, exp: now + 60, jti: randomBytes(9).toString('hex'), ...claims};
    return new jose.SignJWT(payload).setProtectedHeader({alg: 'RS256', kid: this.key.kid, ...header}).sign(key);
  }

  /** The parameters of a request that is as it should be, with PKCE; `changes` instead of some, undefined for none. */
  parameters(changes = {}) {
    this.verifier = randomBytes(32).toString('base64url');
    return {
      client_id: this.id,
      redirect_uri: callback,
      response_type: 'code',
      scope: 'openid',
      state: randomBytes(9).toString('base64url'),
      nonce: randomBytes(9).toString('base64url'),
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
  }

  /** Without PKCE, as a client with a secret may. */
  plainParameters(changes = {}) {
    return this.parameters({code_challenge: undefined, code_challenge_method: undefined, ...changes});
  }

  /** Goes to the authorization endpoint, no further than the first page. */
  ask(changes = {}, visitor = new Visitor()) {
    return visitor.open(`${endpoint.authorize}?${encode(this.parameters(changes))}`).then((page) => visitor.through(page));
  }

  /** Signs the person in, or finds them signed in; answers the parameters that come back. `parameters` are sent as they are. */
  async signIn(parameters = this.parameters(), visitor = new Visitor(), userName = this.work.userName) {
    return answerOf(await visitor.signIn(`${endpoint.authorize}?${encode(parameters)}`, userName));
  }

  /** A code that nobody has used. */
  async code(changes = {}, visitor) {
    const {code} = await this.signIn(this.parameters(changes), visitor);
    return code;
  }

  /** The token endpoint, proving itself; `changes` instead of some parameters. */
  async token(parameters, headers) {
    return post(endpoint.token, {...await this.proof(), ...parameters}, headers);
  }

  take(code, changes = {}) {
    return this.token({grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: this.verifier, ...changes});
  }

  refresh(refresh_token, changes = {}) {
    return this.token({grant_type: 'refresh_token', refresh_token, ...changes});
  }

  /** Signs in and takes the tokens: what the token endpoint answered. */
  async tokens(changes = {}, visitor) {
    const code = await this.code(changes, visitor);
    const answer = await this.take(code, 'code_challenge' in changes && !changes.code_challenge ? {code_verifier: undefined} : {});
    if (answer.status !== 200) throw new Error(`no tokens: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async introspect(token) {
    return (await post(endpoint.introspect, {...await this.proof(), token})).body;
  }
}

/** "200" where an access token is good, "401" where not. */
export async function userinfo(token) {
  const response = await fetch(endpoint.userinfo, {headers: {authorization: `Bearer ${token}`}});
  await response.body?.cancel();
  return `${response.status}`;
}

export const publicApp = {appType: 'OIDC_APP_TYPE_USER_AGENT', authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE'};
export const nativeApp = {appType: 'OIDC_APP_TYPE_NATIVE', authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE'};
export const keyApp = {authMethodType: 'OIDC_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT'};
