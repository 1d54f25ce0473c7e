// @auth/core, by its own ZITADEL provider and by a plain OpenID one.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Auth} from '@auth/core';
import Zitadel from '@auth/core/providers/zitadel';
import {Workspace, base} from '../../harness/api.mjs';
import {Visitor} from '../../harness/visitor.mjs';
import {serve} from './lib.mjs';

// It reads the profile from the id_token, where the application asks for it to be there, or from userinfo.
const providers = {
  'its ZITADEL provider': {make: (credentials) => Zitadel({issuer: base, ...credentials}), app: {idTokenUserinfoAssertion: true}},
  'a plain OpenID provider, every check': {
    make: (credentials) => ({id: 'godwit', name: 'Godwit', type: 'oidc', issuer: base, checks: ['pkce', 'state', 'nonce'], idToken: false, ...credentials}),
    app: {},
  },
};

/** Node's server as @auth/core wants it: requests and responses of the web platform. */
function adapt(origin, config) {
  return async (request, response) => {
    const body = request.method === 'POST' ? Buffer.concat(await request.toArray()) : undefined;
    const answer = await Auth(new Request(new URL(request.url, origin()), {method: request.method, headers: request.headers, body}), config());
    response.writeHead(answer.status, [...answer.headers].flat());
    response.end(await answer.text());
  };
}

for (const [name, {make, app}] of Object.entries(providers)) {
  test(`@auth/core with ${name}`, async (t) => {
    const work = await Workspace.create();
    let config;
    const origin = await serve(t, adapt(() => origin, () => config));
    const id = make({}).id;
    const {clientId, clientSecret} = await work.app({redirectUris: [`${origin}/auth/callback/${id}`], ...app});
    config = {
      providers: [make({clientId, clientSecret})],
      secret: 'only for this test',
      trustHost: true,
      basePath: '/auth',
      logger: {error: (error) => t.diagnostic(String(error.cause?.err ?? error))},
    };

    const visitor = new Visitor([origin]);
    const {csrfToken} = JSON.parse((await visitor.open(`${origin}/auth/csrf`)).text);
    const begun = await visitor.open(`${origin}/auth/signin/${id}`, {csrfToken, callbackUrl: `${origin}/auth/session`});
    const done = await visitor.signIn(begun.url, work.userName);
    assert.equal(done.url.pathname, '/auth/session', done.text);
    const session = JSON.parse(done.text);
    assert.equal(session.user.name, 'Road Runner');
    assert.equal(session.user.email, `${work.userName.replace('-', '')}@example.com`);
  });
}
