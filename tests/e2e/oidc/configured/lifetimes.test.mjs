// A server whose configuration says `OIDC.DefaultAccessTokenLifetime: 1h`: what instances have that say nothing of it, and what is shown.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Workspace, api} from '../../../harness/api.mjs';
import {endpoint, post} from '../party.mjs';

async function lifetime() {
  const machine = await (await Workspace.create()).machine();
  const form = {grant_type: 'client_credentials', client_id: machine.clientId, client_secret: machine.clientSecret, scope: 'openid'};
  return (await post(endpoint.token, form)).body.expires_in;
}

test('the settings that are shown are those that hold', async () => {
  const {details, ...shown} = (await api('GET', '/admin/v1/settings/oidc')).settings;
  assert.deepEqual(shown, {accessTokenLifetime: '3600s', idTokenLifetime: '43200s', refreshTokenIdleExpiration: '2592000s', refreshTokenExpiration: '7776000s'});
  assert.ok(details.resourceOwner);
  assert.equal(await lifetime(), 3600);
  await api('PUT', '/admin/v1/settings/oidc', shown, {want: 400});  // no change

  // The built-in value is a choice like any other.
  await api('PUT', '/admin/v1/settings/oidc', {...shown, accessTokenLifetime: '43200s'});
  assert.equal((await api('GET', '/admin/v1/settings/oidc')).settings.accessTokenLifetime, '43200s');
  assert.equal(await lifetime(), 43_200);
});
