// The reserved scope urn:zitadel:iam:org:idp:id:{id}: only by that identity provider. Our pages know passwords, so they never stand in for it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {before, test} from 'node:test';
import {Workspace, api, base} from '../../harness/api.mjs';
import {Visitor, answerOf} from '../../harness/visitor.mjs';
import {Party, encode, endpoint} from './party.mjs';

const scopeOf = (id) => `urn:zitadel:iam:org:idp:id:${id}`;
let work, web, own, foreign, unoffered, org;
before(async () => {
  const other = await Workspace.create('Other');
  work = await Workspace.create();
  web = await Party.create(work);
  const made = async (of) => (await of.call('POST', '/management/v1/idps/generic_oidc', {
    name: 'Elsewhere', issuer: 'https://elsewhere.example', clientId: 'godwit', clientSecret: 'secret', scopes: ['openid'],
  })).id;
  [own, unoffered, foreign] = [await made(work), await made(work), await made(other)];
  org = `urn:zitadel:iam:org:id:${work.org}`;
  await api('POST', '/admin/v1/import', {timeout: '10m', dataOrgs: {orgs: [{orgId: work.org, loginPolicy: {allowUsernamePassword: true, allowExternalIdp: true}}]}});
  await work.call('POST', '/management/v1/policies/login/idps', {idpId: own, ownerType: 'IDP_OWNER_TYPE_ORG'});
});

const errorOf = async (scope, changes = {}, visitor) => {
  const answer = answerOf(await web.ask({scope: `openid ${org} ${scope}`, ...changes}, visitor));
  return `${answer.error}: ${answer.error_description}`;
};

for (const [what, scope, error] of [
  ['unknown', () => scopeOf('nope'), /^invalid_scope: .* none of the organization's/],
  ['of another organization', () => scopeOf(foreign), /^invalid_scope: .* none of the organization's/],
  ['not offered by the login policy', () => scopeOf(unoffered), /^invalid_scope: the login policy does not offer/],
  ['one of two', () => `${scopeOf(own)} ${scopeOf(unoffered)}`, /^invalid_scope: .* more than one/],
  ['one that our pages cannot sign in by', () => scopeOf(own), /^invalid_scope: the sign-in pages of this server cannot/],
]) {
  test(`an identity provider that is ${what} is refused to the application`, async () => assert.match(await errorOf(scope()), error));
}

test('a session that began with a password is no answer', async () => {
  const visitor = new Visitor();
  await web.signIn(web.parameters(), visitor);
  assert.match(await errorOf(scopeOf(own), {prompt: 'none'}, visitor), /^login_required: /);
});

test('sign-in pages of one\'s own are asked, ours offer no password instead of them', async () => {
  const parameters = web.parameters({scope: `openid ${org} ${scopeOf(own)}`});
  const asked = await fetch(`${endpoint.authorize}?${encode(parameters)}`, {redirect: 'manual', headers: {'x-zitadel-login-client': 'pages'}});
  const id = new URL(asked.headers.get('location'), base).searchParams.get('authRequest');
  assert.match(id, /^V2_/);
  const {authRequest} = await api('GET', `/v2/oidc/auth_requests/${id}`, undefined, {token: readFileSync(process.env.GODWIT_LOGIN_PAT, 'utf8').trim()});
  assert.ok(authRequest.scope.includes(scopeOf(own)));
  for (const path of ['login', 'login?other=1']) {
    const page = await new Visitor().open(`${base}/ui/v2/login/${path}${path.includes('?') ? '&' : '?'}authRequest=${id}`);
    assert.equal(page.status, 403);
    assert.match(page.text, /identity provider/);
    assert.ok(!page.forms.some(({fields}) => 'password' in fields || 'loginName' in fields));
  }
});
