// People who came with a migration (GODWIT_PEOPLE) sign in as they did in the system they came from. Run by tests/migrate/proof_test.py.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {after, before, test} from 'node:test';
import {api, eventually, openBrowser, RelyingParty, signIn, storedHash, strictPage} from './lib.mjs';

const people = JSON.parse(process.env.GODWIT_PEOPLE);
const changed = 'Changed-Password-1';
let browser, shop;

before(async () => {
  shop = await RelyingParty.create((await api('POST', '/management/v1/orgs', {name: 'Shops'})).id);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** RFC 6238: the digits of now. */
function code({base32, text, algorithm = 'sha1', digits = 6, period = 30}) {
  const bits = base32 && [...base32].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = text ? Buffer.from(text) : Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / period)));
  const mac = createHmac(algorithm.toLowerCase(), key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

async function visit(person, password, use) {
  const context = await browser.newContext({locale: 'en-US'});
  context.setDefaultTimeout(240_000);  // bcrypt of cost 14 on a busy machine
  try {
    const page = await strictPage(context, [shop.origin]);
    await page.goto(await shop.begin());
    await signIn(page, person.loginName, password);
    await use(page);
    assert.deepEqual(page.problems, []);
  } finally {
    await context.close();
  }
}

/** At the shop, as who they were. */
async function arrived(page, person) {
  await page.waitForURL(`${shop.origin}/callback**`);
  const claims = (await shop.finish()).claims();
  assert.equal(claims.sub, person.id);
  return claims;
}

async function enterCode(page, person) {
  await page.fill('input[name=code]', code(person.code));
  await page.click('button[type=submit]');
}

async function staysOutside(page) {
  await page.waitForSelector('[role=alert]');
  assert.ok(!page.url().startsWith(shop.origin));
}

for (const person of people) {
  test(`${person.loginName}: ${person.expect ?? (person.code ? 'lets in with a code' : 'lets in')}`, async () => {
    const before = storedHash(person.id);
    assert.doesNotMatch(before, /^\$argon2id\$v=19\$m=19456/, 'the hash is the one that came');
    if (person.expect === 'refused') {
      await visit(person, person.password, staysOutside);
      assert.equal(storedHash(person.id), before);
      return;
    }
    const often = !person.slow;
    if (often && !person.code && !person.expect) await visit(person, `${person.password}x`, staysOutside);
    await visit(person, person.password, async (page) => {
      if (person.code) {
        await page.waitForSelector('input[name=code]');
        await enterCode(page, person);
      }
      if (person.expect === 'change') {
        await page.fill('input[name=newPassword]', changed);
        await page.fill('input[name=newPasswordConfirmation]', changed);
        await page.click('button[type=submit]');
      }
      const claims = await arrived(page, person);
      assert.deepEqual(claims.amr.includes('otp'), Boolean(person.code));
    });
    // Stored anew in the form of this server, behind the sign-in.
    await eventually(() => storedHash(person.id) !== before && storedHash(person.id).startsWith('$argon2id$'), 'the hash is stored anew', 120_000);
    if (person.code || !often) return;  // whose code is good only once
    await visit(person, person.expect === 'change' ? changed : person.password, (page) => arrived(page, person));
  });
}
