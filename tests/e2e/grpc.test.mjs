// An existing gRPC client of the contract, unchanged: @zitadel/node (nice-grpc) as the instance owner and as a service user with a key.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {createAccessTokenInterceptor, createAdminClient, createAuthClient, createManagementClient} from '@zitadel/node/dist/api/index.js';
import {ServiceAccount} from '@zitadel/node/dist/credentials/index.js';
import {api, base, fresh} from './lib.mjs';

const token = readFileSync(process.env.GODWIT_ADMIN_PAT, 'utf8').trim();
const asOwner = createAccessTokenInterceptor(token);

test('reads, writes and searches over gRPC', async () => {
  const management = createManagementClient(base, asOwner);
  const {org} = await management.getMyOrg({});
  assert.equal(org.name, 'ZITADEL');

  const userName = fresh('grpc');
  const {userId} = await management.importHumanUser({
    userName,
    profile: {firstName: 'Gr', lastName: 'Pc'},
    email: {email: `${userName}@example.com`, isEmailVerified: true},
    hashedPassword: {value: '$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy'},
  });
  const {user} = await management.getUserByID({id: userId});
  assert.equal(user.userName, userName);
  assert.equal(user.human.profile.displayName, 'Gr Pc');
  const found = await management.listUsers({query: {limit: 5}, queries: [{userNameQuery: {userName, method: 0}}]});
  assert.deepEqual(found.result.map((u) => u.id), [userId]);
});

test('answers errors with code, message and the contract\'s detail', async () => {
  const management = createManagementClient(base, asOwner);
  await assert.rejects(management.getUserByID({id: 'nope'}), (error) => error.code === 5);
  await assert.rejects(management.importHumanUser({userName: ''}), (error) => error.code === 3);
  await assert.rejects(createManagementClient(base).getMyOrg({}), (error) => error.code === 16);
  await assert.rejects(createAdminClient(base, asOwner).listOrgs({}), (error) => error.code === 12);
});

test('a service user signs its way in with a key', async () => {
  const {userId} = await api('POST', '/management/v1/users/machine', {userName: fresh('svc'), name: 'Service', accessTokenType: 'ACCESS_TOKEN_TYPE_JWT'});
  const {keyDetails} = await api('POST', `/management/v1/users/${userId}/keys`, {type: 'KEY_TYPE_JSON', expirationDate: '2099-01-01T00:00:00Z'});
  const account = ServiceAccount.fromJsonString(Buffer.from(keyDetails, 'base64').toString());
  const accessToken = await account.authenticate(base, {apiAccess: true});
  const auth = createAuthClient(base, createAccessTokenInterceptor(accessToken));
  const {user} = await auth.getMyUser({});
  assert.equal(user.id, userId);
});
