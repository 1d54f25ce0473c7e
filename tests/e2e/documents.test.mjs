// The two documents of the guide that people follow today (documents/: as they stand there, e-mail addresses filled in).
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {api, fresh} from './lib.mjs';

const document = (name) => readFileSync(new URL(`documents/${name}.json`, import.meta.url), 'utf8');

test('the single document is taken, with its hash, its code and its link', async () => {
  const org = (await api('POST', '/management/v1/orgs', {name: fresh('Road')})).id;
  const idp = await api('POST', '/management/v1/idps/generic_oidc', {
    name: 'Accounts', issuer: 'https://accounts.example.com', clientId: 'c', clientSecret: 's', scopes: ['openid'],
    providerOptions: {isCreationAllowed: true, isLinkingAllowed: true},
  }, {org});
  const {userId} = await api('POST', '/management/v1/users/human/_import', JSON.parse(document('single').replace('124425861423228496', idp.id)), {org});
  const {user} = await api('GET', `/management/v1/users/${userId}`, undefined, {org});
  assert.equal(user.state, 'USER_STATE_ACTIVE');
  assert.equal(user.userName, 'test9@test9');
  const links = await api('POST', `/management/v1/users/${userId}/idps/_search`, {}, {org});
  assert.equal(links.result[0].idpId, idp.id);
  // The bulk document has a user of the same name, and names are unique in an instance.
  await api('DELETE', `/management/v1/users/${userId}`, undefined, {org});
});

test('the bulk document is taken whole', async () => {
  const answer = await api('POST', '/admin/v1/import', JSON.parse(document('bulk')));
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  assert.deepEqual(answer.success.orgs[0].humanUserIds, ['104133391271651848', '120080115081209416', '145195347319252359']);
  const states = [];
  for (const id of answer.success.orgs[0].humanUserIds) states.push((await api('GET', `/management/v1/users/${id}`, undefined, {org: '104133391254874632'})).user.state);
  assert.deepEqual(states, ['USER_STATE_ACTIVE', 'USER_STATE_ACTIVE', 'USER_STATE_INITIAL']);
});
