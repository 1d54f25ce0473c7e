// @zitadel/node, the SDK of the reference: service users sign in with their key files (JWT profile) and call the API over gRPC.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {createAdminClient, createAuthClient, createManagementClient, createServiceAccountInterceptor} from '@zitadel/node/dist/api/index.js';
import {Application, ServiceAccount} from '@zitadel/node/dist/credentials/index.js';
import * as jose from 'jose';
import {Metadata} from 'nice-grpc-common';
import {Workspace, api, base, fresh} from '../../harness/api.mjs';

let work;
before(async () => {
  work = await Workspace.create();
});

/** The key file that AddMachineKey or AddAppKey answers. */
const keyFile = async (path) => Buffer.from((await work.call('POST', `${path}/keys`, {type: 'KEY_TYPE_JSON'})).keyDetails, 'base64').toString();

/** A service user with a key file. */
async function robot(accessTokenType) {
  const {userId} = await work.call('POST', '/management/v1/users/machine', {userName: fresh('robot'), name: 'Robot', accessTokenType});
  const account = ServiceAccount.fromJsonString(await keyFile(`/management/v1/users/${userId}`));
  assert.equal(account.userId, userId);
  return {userId, account, asRobot: createServiceAccountInterceptor(base, account, {apiAccess: true})};
}

for (const type of ['ACCESS_TOKEN_TYPE_BEARER', 'ACCESS_TOKEN_TYPE_JWT']) {
  test(`a service user calls what its roles allow: ${type}`, async () => {
    const {userId, asRobot} = await robot(type);
    const auth = createAuthClient(base, asRobot);
    const management = createManagementClient(base, asRobot);
    assert.equal((await auth.getMyUser({})).user.id, userId);
    await assert.rejects(management.addProject({name: 'early'}), (error) => error.code === 7);

    await work.call('POST', '/management/v1/orgs/me/members', {userId, roles: ['ORG_OWNER']});
    assert.equal((await management.getMyOrg({})).org.id, work.org);
    const {id} = await management.addProject({name: fresh('project')});
    assert.equal((await management.getProjectByID({id})).project.details.resourceOwner, work.org);
    const {result} = await management.listUsers({queries: [{userNameQuery: {userName: work.userName, method: 0}}]});
    assert.deepEqual(result.map((user) => user.id), [work.user]);
    await assert.rejects(createAdminClient(base, asRobot).listIAMMembers({}), (error) => error.code === 7);
  });
}

test('a service user of the instance names the organization', async () => {
  const {userId, asRobot} = await robot('ACCESS_TOKEN_TYPE_JWT');
  await api('POST', '/admin/v1/members', {userId, roles: ['IAM_OWNER']});
  const members = await createAdminClient(base, asRobot).listIAMMembers({});
  assert.ok(members.result.some((member) => member.userId === userId));
  const other = await Workspace.create('Another');
  const metadata = Metadata({'x-zitadel-orgid': other.org});
  assert.equal((await createManagementClient(base, asRobot).getMyOrg({}, {metadata})).org.id, other.org);
});

// The SDK's assertions have no jti: those of one second are the same.
test('many sign in at once with one key', async () => {
  const {account, userId} = await robot('ACCESS_TOKEN_TYPE_JWT');
  const tokens = await Promise.all(Array.from({length: 8}, () => account.authenticate(base)));
  assert.deepEqual(new Set(tokens.map((token) => jose.decodeJwt(token).sub)), new Set([userId]));
});

test('roles and audiences are what the token says, and what an API with a key is told', async () => {
  const {account, userId} = await robot('ACCESS_TOKEN_TYPE_JWT');
  await work.call('POST', `/management/v1/projects/${work.project}/roles`, {roleKey: 'editor', displayName: 'Editor'});
  await work.call('POST', `/management/v1/users/${userId}/grants`, {projectId: work.project, roleKeys: ['editor']});
  const {appId} = await work.call('POST', `/management/v1/projects/${work.project}/apps/api`, {name: fresh('api'), authMethodType: 'API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT'});
  const application = Application.fromJsonString(await keyFile(`/management/v1/projects/${work.project}/apps/${appId}`));

  const token = await account.authenticate(base, {projectAudiences: [work.project], additionalScopes: ['urn:zitadel:iam:org:projects:roles']});
  const keys = jose.createRemoteJWKSet(new URL(`${base}/oauth/v2/keys`));
  const {payload} = await jose.jwtVerify(token, keys, {issuer: base, audience: work.project});
  assert.equal(payload.sub, userId);
  assert.deepEqual(Object.keys(payload[`urn:zitadel:iam:org:project:${work.project}:roles`].editor), [work.org]);

  const endpoint = `${base}/oauth/v2/introspect`;
  const introspect = async (what) => (await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await application.getSignedJwt(base),
      token: what,
    }),
  })).json();
  const [said, again] = await Promise.all([introspect(token), introspect(token)]);
  assert.equal(said.active, true);
  assert.equal(said.sub, userId);
  assert.deepEqual(said, again);
  assert.deepEqual(await introspect(await account.authenticate(base, {apiAccess: true})), {active: false});
});

test('a key that is removed signs nobody in', async () => {
  const {account, userId} = await robot('ACCESS_TOKEN_TYPE_BEARER');
  await account.authenticate(base);
  await work.call('DELETE', `/management/v1/users/${userId}/keys/${account.keyId}`);
  await assert.rejects(account.authenticate(base), (error) => error.response?.data.error === 'invalid_grant');
});

test('a key signs for its own user only', async () => {
  const [one, other] = [await robot('ACCESS_TOKEN_TYPE_BEARER'), await robot('ACCESS_TOKEN_TYPE_BEARER')];
  const stolen = new ServiceAccount(other.userId, one.account.keyId, one.account.key);
  await assert.rejects(stolen.authenticate(base), (error) => error.response?.data.error === 'invalid_grant');
});
