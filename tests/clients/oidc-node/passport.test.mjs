// passport-openidconnect in an express application, as its documentation sets it up.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import {Workspace, base} from '../../harness/api.mjs';
import {Visitor} from '../../harness/visitor.mjs';
import {serve} from './lib.mjs';

test('passport-openidconnect signs a person in, and says why not', async (t) => {
  const work = await Workspace.create();
  const app = express();
  const origin = await serve(t, app);
  const {clientId, clientSecret} = await work.app({redirectUris: [`${origin}/oauth2/redirect`]});
  const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();

  const authenticator = new passport.Passport();
  authenticator.use(new OpenIDConnectStrategy({
    issuer: metadata.issuer,
    authorizationURL: metadata.authorization_endpoint,
    tokenURL: metadata.token_endpoint,
    userInfoURL: metadata.userinfo_endpoint,
    clientID: clientId,
    clientSecret,
    callbackURL: `${origin}/oauth2/redirect`,
    scope: ['profile', 'email'],
    nonce: true,
    skipUserProfile: false,
  }, (issuer, profile, done) => done(null, {issuer, ...profile})));
  authenticator.serializeUser((user, done) => done(null, user));
  authenticator.deserializeUser((user, done) => done(null, user));
  app.use(session({secret: 'only for this test', resave: false, saveUninitialized: false}));
  app.use(authenticator.initialize(), authenticator.session());
  app.get('/login', authenticator.authenticate('openidconnect'));
  app.get('/silent', authenticator.authenticate('openidconnect', {prompt: 'none'}));
  app.get('/oauth2/redirect', authenticator.authenticate('openidconnect', {failWithError: true}), (_, response) => response.redirect('/'));
  app.get('/', (request, response) => response.json(request.user ?? null));
  app.use((error, request, response, next) => response.status(403).json({refused: error.code}));

  const stranger = new Visitor([origin]);
  assert.deepEqual(JSON.parse((await stranger.open(`${origin}/silent`)).text), {refused: 'login_required'});

  const visitor = new Visitor([origin]);
  const home = await visitor.signIn(`${origin}/login`, work.userName);
  assert.equal(home.url.pathname, '/', home.text);
  const user = JSON.parse(home.text);
  assert.equal(user.issuer, base);
  assert.equal(user.id, work.user);
  assert.equal(user.displayName, 'Road Runner');
  assert.deepEqual(user.emails.map(({value}) => value), [`${work.userName.replace('-', '')}@example.com`]);
});
