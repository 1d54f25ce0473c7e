// What tests in JavaScript begin with, without any package: the API as the instance's owner, and an organization with people and applications.
import {createPrivateKey} from 'node:crypto';
import {readFileSync} from 'node:fs';

export const base = process.env.GODWIT_BASE;
const adminToken = readFileSync(process.env.GODWIT_ADMIN_PAT, 'utf8').trim();

/** One REST call as the instance owner; answers the parsed body and fails on any status but `want`. */
export async function api(method, path, body, {org, want = [200, 201], token = adminToken} = {}) {
  const response = await fetch(base + path, {
    method,
    headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json', ...(org ? {'x-zitadel-orgid': org} : {})},
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (![want].flat().includes(response.status)) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : {};
}

let unique = Date.now() % 1e9;
export const fresh = (name) => `${name}-${(unique++).toString(36)}`;

/** Imports one person the way the reference's guide does it; answers the user's id. */
export async function importUser(org, userName, fields = {}) {
  const {userId} = await api('POST', '/management/v1/users/human/_import', {
    userName,
    profile: {firstName: 'Road', lastName: 'Runner', displayName: 'Road Runner', preferredLanguage: 'en'},
    email: {email: `${userName.replace(/[^a-z0-9]/gi, '')}@example.com`, isEmailVerified: true},
    phone: {phone: '+41791234567', isPhoneVerified: true},
    ...fields,
  }, {org});
  return userId;
}

export const password = 'Correct-Horse-7é';

/** An organization of its own with one project and one person, who has `password`. */
export class Workspace {
  static async create(name = 'Acme') {
    const made = new Workspace();
    made.org = (await api('POST', '/management/v1/orgs', {name: fresh(name)})).id;
    made.project = (await made.call('POST', '/management/v1/projects', {name: fresh('project')})).id;
    made.userName = fresh('ada');
    made.user = await importUser(made.org, made.userName, {password});
    return made;
  }

  call(method, path, body, more = {}) {
    return api(method, path, body, {org: this.org, ...more});
  }

  /** A web application that may do what code clients do; `fields` as AddOIDCApp takes them. */
  app(fields = {}) {
    return this.call('POST', `/management/v1/projects/${this.project}/apps/oidc`, {
      name: fresh('app'),
      responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
      grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN'],
      appType: 'OIDC_APP_TYPE_WEB',
      authMethodType: 'OIDC_AUTH_METHOD_TYPE_BASIC',
      ...fields,
    });
  }

  /** A new key of an application with private_key_jwt: {kid, key}, `key` as node:crypto has it. */
  async appKey(app) {
    return readKey(await this.call('POST', `/management/v1/projects/${this.project}/apps/${app.appId}/keys`, {type: 'KEY_TYPE_JSON'}));
  }

  /** A machine user with a secret and a key: {id, clientId, clientSecret, kid, key}. */
  async machine(userName = fresh('robot'), fields = {}) {
    const id = (await this.call('POST', '/management/v1/users/machine', {userName, name: 'Robot', ...fields})).userId;
    const secret = await this.call('PUT', `/management/v1/users/${id}/secret`, {});
    return {id, ...secret, ...readKey(await this.call('POST', `/management/v1/users/${id}/keys`, {type: 'KEY_TYPE_JSON'}))};
  }
}

function readKey({keyDetails}) {
  const {keyId, key} = JSON.parse(Buffer.from(keyDetails, 'base64').toString());
  return {kid: keyId, key: createPrivateKey(key)};
}
