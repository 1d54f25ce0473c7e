// Who manages what: an organization's owner gives and takes it, within the organization, its projects and their grants.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {api, base, fresh, importUser, openBrowser, RelyingParty, signIn} from './lib.mjs';

const password = 'Correct-Horse-7é';
let org, other, owner, person, stranger, project;

/** A machine user with a token; answers both. */
async function machine(at) {
  const {userId} = await api('POST', '/management/v1/users/machine', {userName: fresh('robot'), name: 'Robot'}, {org: at});
  const {token} = await api('POST', `/management/v1/users/${userId}/pats`, {}, {org: at});
  return {userId, token};
}
const as = (caller) => (method, path, body, want) => api(method, path, body, {token: caller.token, want});

before(async () => {
  org = (await api('POST', '/management/v1/orgs', {name: fresh('Acme')})).id;
  other = (await api('POST', '/management/v1/orgs', {name: fresh('Other')})).id;
  owner = await machine(org);
  person = await importUser(org, fresh('ada'), {password});
  stranger = await importUser(other, fresh('bob'));
  await api('POST', '/management/v1/orgs/me/members', {userId: owner.userId, roles: ['ORG_OWNER']}, {org});
  project = (await api('POST', '/management/v1/projects', {name: fresh('project')}, {org})).id;
});

test('an owner manages the members of organization and project', async () => {
  const call = as(owner);
  const places = [
    ['/management/v1/orgs/me/members', 'ORG_OWNER_VIEWER', 'ORG_USER_MANAGER', 'IAM_OWNER', 'ORG-poWwe'],
    [`/management/v1/projects/${project}/members`, 'PROJECT_OWNER', 'PROJECT_OWNER_VIEWER', 'ORG_OWNER', 'PROJECT-PtXi1'],
  ];
  for (const [path, first, second, foreign, taken] of places) {
    const listed = async (queries = []) => (await call('POST', `${path}/_search`, {queries})).result?.filter((one) => one.userId === person) ?? [];
    await call('POST', path, {userId: person, roles: [foreign]}, 400);
    await call('POST', path, {userId: person, roles: [first]});
    assert.equal((await call('POST', path, {userId: person, roles: [first]}, 409)).details[0].id, taken);
    assert.deepEqual((await listed()).map((one) => [one.roles, one.firstName, one.userResourceOwner]), [[[first], 'Road', org]]);
    assert.equal((await listed([{firstNameQuery: {firstName: 'roAd', method: 'TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE'}}])).length, 1);
    assert.equal((await listed([{lastNameQuery: {lastName: 'Coyote'}}])).length, 0);
    assert.equal((await listed([{userIdQuery: {userId: person}}, {emailQuery: {email: 'example.com', method: 'TEXT_QUERY_METHOD_ENDS_WITH'}}])).length, 1);
    await call('PUT', `${path}/${person}`, {roles: [second]});
    assert.deepEqual((await listed())[0].roles, [second]);
    await call('DELETE', `${path}/${person}`);
    await call('DELETE', `${path}/${person}`);
    await call('PUT', `${path}/${person}`, {roles: [first]}, 404);
    assert.equal((await listed()).length, 0);
    await call('POST', path, {userId: stranger, roles: [first]}, 400);
  }
  const {result: roles} = await call('POST', '/management/v1/projects/members/roles/_search', {});
  assert.ok(roles.includes('PROJECT_OWNER'));
});

test('whoever may read the other organization makes its people members, and any owner takes that away', async () => {
  await api('POST', '/management/v1/orgs/me/members', {userId: stranger, roles: ['ORG_OWNER_VIEWER']}, {org});
  const call = as(owner);
  assert.ok((await call('POST', '/management/v1/orgs/me/members/_search', {})).result.some((one) => one.userId === stranger && one.userResourceOwner === other));
  await call('DELETE', `/management/v1/orgs/me/members/${stranger}`);
  assert.ok(!(await call('POST', '/management/v1/orgs/me/members/_search', {})).result.some((one) => one.userId === stranger));
});

test('both sides of a grant name who manages it', async () => {
  const {grantId} = await api('POST', `/management/v1/projects/${project}/grants`, {grantedOrgId: other}, {org});
  const holder = await machine(other);
  await api('POST', '/management/v1/orgs/me/members', {userId: holder.userId, roles: ['ORG_OWNER']}, {org: other});
  const path = `/management/v1/projects/${project}/grants/${grantId}/members`;
  await as(holder)('POST', path, {userId: stranger, roles: ['PROJECT_GRANT_OWNER']});
  assert.deepEqual((await as(owner)('POST', `${path}/_search`, {})).result.map((one) => one.userId), [stranger]);
  await as(owner)('PUT', `${path}/${stranger}`, {roles: ['PROJECT_GRANT_OWNER_VIEWER']});
  await as(holder)('DELETE', `${path}/${stranger}`);
  assert.equal((await as(owner)('POST', `${path}/_search`, {})).result, undefined);
  const outsider = await machine(other);
  await as(outsider)('POST', `${path}/_search`, {}, 403);
});

test('who manages a grant, and nothing else, names and removes its managers, and no other grant\'s', async () => {
  const third = (await api('POST', '/management/v1/orgs', {name: fresh('Third')})).id;
  const grant = async (granted) => `/management/v1/projects/${project}/grants/${(await api('POST', `/management/v1/projects/${project}/grants`, {grantedOrgId: granted}, {org})).grantId}/members`;
  const holder = (await api('POST', '/management/v1/orgs', {name: fresh('Holder')})).id;
  const [own, foreign] = [await grant(holder), await grant(third)];
  const [manager, viewer, colleague] = [await machine(holder), await machine(holder), await machine(holder)];
  await api('POST', own, {userId: manager.userId, roles: ['PROJECT_GRANT_OWNER']}, {org});
  await api('POST', own, {userId: viewer.userId, roles: ['PROJECT_GRANT_OWNER_VIEWER']}, {org});

  await as(manager)('POST', own, {userId: colleague.userId, roles: ['PROJECT_GRANT_OWNER_VIEWER']});
  await as(manager)('PUT', `${own}/${colleague.userId}`, {roles: ['PROJECT_GRANT_OWNER']});
  assert.equal((await as(viewer)('POST', `${own}/_search`, {})).result.length, 3);
  await as(viewer)('POST', own, {userId: colleague.userId, roles: ['PROJECT_GRANT_OWNER']}, 403);
  await as(manager)('DELETE', `${own}/${colleague.userId}`);
  for (const caller of [manager, viewer]) {
    assert.ok((await as(caller)('POST', '/management/v1/projects/grants/members/roles/_search', {})).result.includes('PROJECT_GRANT_OWNER'));
    for (const at of [holder, third, org]) {
      const elsewhere = (method, path, body) => api(method, path, body, {token: caller.token, want: 403, org: at});
      await elsewhere('POST', `${foreign}/_search`, {});
      await elsewhere('POST', foreign, {userId: caller.userId, roles: ['PROJECT_GRANT_OWNER']});
      await elsewhere('PUT', `${foreign}/${caller.userId}`, {roles: ['PROJECT_GRANT_OWNER']});
      await elsewhere('DELETE', `${foreign}/${caller.userId}`);
    }
    await as(caller)('POST', `/management/v1/projects/${project}/members/_search`, {}, 403);
  }
  await as(colleague)('POST', '/management/v1/projects/grants/members/roles/_search', {}, 403);
});

test('the instance\'s members are the instance owner\'s affair', async () => {
  await as(owner)('POST', '/admin/v1/members/_search', {}, 403);
  await api('POST', '/admin/v1/members', {userId: person, roles: ['IAM_OWNER_VIEWER']});
  const sorted = await api('POST', '/admin/v1/members/_search', {sortingColumn: 'MEMBER_FIELD_NAME_CREATION_DATE', query: {limit: 1}});
  assert.equal(sorted.result[0].userId, person, 'the newest first');
  await api('PUT', `/admin/v1/members/${person}`, {roles: ['IAM_USER_MANAGER']});
  await api('DELETE', `/admin/v1/members/${person}`);
  assert.ok((await api('POST', '/admin/v1/members/roles/_search', {})).roles.includes('IAM_OWNER'));
});

test('callers learn what they manage, may do, and were granted', async () => {
  const call = as(owner);
  const {result: memberships} = await call('POST', '/auth/v1/memberships/me/_search', {});
  assert.deepEqual(memberships.map((one) => [one.orgId, one.roles]), [[org, ['ORG_OWNER']]]);
  assert.equal((await call('POST', '/auth/v1/memberships/me/_search', {queries: [{iamQuery: {iam: true}}]})).result, undefined);
  const {result: permissions} = await call('POST', '/auth/v1/permissions/zitadel/me/_search', {});
  assert.ok(permissions.includes('org.write') && !permissions.includes('iam.write'));
  assert.equal((await call('POST', '/auth/v1/permissions/me/_search', {})).result, undefined, 'this token is of no application');

  // The roles of the project whose application the token was issued to.
  const shop = await RelyingParty.create(org);
  const browser = await openBrowser();
  try {
    const name = fresh('grace');
    const id = await importUser(org, name, {password});
    const {appId, projectId} = await appOf(shop);
    assert.ok(appId);
    await api('POST', `/management/v1/projects/${projectId}/roles`, {roleKey: 'reader', displayName: 'r'}, {org});
    await api('POST', `/management/v1/users/${id}/grants`, {projectId, roleKeys: ['reader']}, {org});
    const page = await browser.newPage();
    await page.goto(await shop.begin({scope: 'openid urn:zitadel:iam:org:project:id:zitadel:aud'}));
    await signIn(page, name, password);
    await page.waitForURL(`${shop.origin}/callback**`);
    const {access_token: token} = await shop.finish();
    assert.deepEqual((await as({token})('POST', '/auth/v1/permissions/me/_search', {})).result, ['reader']);
    const spelled = await fetch(`${base}/auth/v1/permissions/me/_search`, {method: 'POST', body: '{}', headers: {'grpc-metadata-authorization': `Bearer ${token}`}});
    assert.deepEqual((await spelled.json()).result, ['reader'], 'the header as the reference\'s gateway also takes it');
  } finally {
    await browser.close();
    shop.close();
  }
});

async function appOf(shop) {
  const clientId = shop.config.clientMetadata().client_id;
  const {result: projects} = await api('POST', '/management/v1/projects/_search', {}, {org});
  for (const {id: projectId} of projects) {
    const {result: apps = []} = await api('POST', `/management/v1/projects/${projectId}/apps/_search`, {}, {org});
    const app = apps.find((one) => one.oidcConfig?.clientId === clientId);
    if (app) return {appId: app.id, projectId};
  }
  throw new Error(`no application ${clientId} at ${base}`);
}
