// Token requests by JWT profile (RFC 7523), one a line, each with an assertion of its own. usage: assertions.mjs KEY.json AUDIENCE SCOPE COUNT
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, audience, scope, count] = process.argv.slice(2);
const { keyId, key, userId } = JSON.parse(readFileSync(file, 'utf8'));
const secret = createPrivateKey(key);
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const lines = [];
for (let i = 0; i < Number(count); ++i) {
  const text = `${part({ alg: 'RS256', kid: keyId })}.${part({ iss: userId, sub: userId, aud: audience, iat: now, exp: now + 3000, jti: `${process.pid}-${i}` })}`;
  const assertion = `${text}.${sign('sha256', Buffer.from(text), secret).toString('base64url')}`;
  lines.push(`grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=${encodeURIComponent(scope)}&assertion=${assertion}`);
}
process.stdout.write(lines.join('\n') + '\n');
