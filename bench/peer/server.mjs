// node-oidc-provider as its documentation sets it up: one process, everything in memory, development keys. Prints {port, token} once it
// serves; the token is good for its userinfo endpoint and may be asked about at its introspection endpoint by the client bench:bench, which
// gets JWT access tokens (RS256) for the resource urn:api by client credentials.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: 'bench', client_secret: 'bench', redirect_uris: ['http://localhost/callback'],
    grant_types: ['authorization_code', 'client_credentials'] }],
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'locale', 'preferred_username'], email: ['email', 'email_verified'] },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'read', audience: 'urn:api', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  async findAccount(_, id) {
    return {
      accountId: id,
      async claims() {
        return { sub: id, name: 'Ann Lee', given_name: 'Ann', family_name: 'Lee', locale: 'en', preferred_username: 'ann',
          email: 'ann@example.com', email_verified: true };
      },
    };
  },
});

const client = await provider.Client.find('bench');
const grant = new provider.Grant({ accountId: 'ann', clientId: client.clientId });
grant.addOIDCScope('openid profile email');
const token = new provider.AccessToken({ accountId: 'ann', client, grantId: await grant.save(), scope: 'openid profile email', gty: 'authorization_code' });
const value = await token.save();
createServer(provider.callback()).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ port, token: value })));
