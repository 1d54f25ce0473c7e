// A person's browser without the browser: keeps cookies, follows redirects, and fills in the forms that the hosted pages show.
import {base, password as usualPassword} from './api.mjs';

const entities = {amp: '&', lt: '<', gt: '>', quot: '"'};
const unescape = (text) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, number, name) => (hex ? String.fromCodePoint(parseInt(hex, 16)) : number ? String.fromCodePoint(+number) : entities[name] ?? all));
const attribute = (tag, name) => unescape(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? '');

/** The forms of a page: where they lead, and their fields with the values they came with. */
function formsOf(url, html) {
  return [...html.matchAll(/<form[^>]*>[^]*?<\/form>/g)].map(([text]) => ({
    action: new URL(attribute(text.match(/<form[^>]*>/)[0], 'action'), url),
    fields: Object.fromEntries([...text.matchAll(/<input[^>]*>/g)].map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')])),
  }));
}

export class Visitor {
  /** `origins`: where it goes by itself besides the provider; a redirect to anywhere else is where it stops. */
  constructor(origins = []) {
    this.origins = [new URL(base).origin, ...origins];
    this.jar = new Map();
    this.setCookies = [];  // every Set-Cookie line, as it came
  }

  /**
   * Asks for an address, or posts `form` to it, and goes where the answers send it. Answers the last page: {url, status, headers, text,
   * forms}; or, where a redirect or a form leads away from `origins`, {left, form}: the address, and what would be posted to it.
   */
  async open(url, form) {
    for (let hops = 0; hops < 20; ++hops) {
      url = new URL(url);
      if (!this.origins.includes(url.origin)) return {left: url, form};
      const cookies = this.jar.get(url.hostname) ?? new Map();
      const response = await fetch(url, {
        method: form ? 'POST' : 'GET',
        body: form && new URLSearchParams(Object.entries(form).filter(([, value]) => value !== undefined)),
        headers: {accept: 'text/html', ...(cookies.size ? {cookie: [...cookies].map((pair) => pair.join('=')).join('; ')} : {})},
        redirect: 'manual',
      });
      this.keep(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (!location) {
        const text = await response.text();
        return {url, status: response.status, headers: response.headers, text, forms: formsOf(url, text)};
      }
      await response.body?.cancel();
      url = new URL(location, url);
      form = undefined;
    }
    throw new Error(`redirected without end, last to ${url}`);
  }

  keep(url, lines) {
    const cookies = this.jar.get(url.hostname) ?? new Map();
    this.jar.set(url.hostname, cookies);
    for (const line of lines) {
      this.setCookies.push(line);
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/;\s*max-age=0(;|$)/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  /** Fills in the form of `page` that has all fields of `typed`, and sends it by the button `pressed` ({name: value}). */
  submit(page, typed = {}, pressed = {}) {
    const form = page.forms.find(({fields}) => Object.keys(typed).every((name) => name in fields));
    if (!form) throw new Error(`no form with ${Object.keys(typed)} at ${page.url}: ${page.status} ${page.text}`);
    return this.open(form.action, {...form.fields, ...typed, ...pressed});
  }

  /** Goes to an authorization request's address and signs in where that is asked. Answers what `open` does. */
  async signIn(url, loginName, password = usualPassword) {
    return this.through(await this.fillIn(await this.open(url), loginName, password));
  }

  /** Fills in the screens of a sign-in, beginning with `page`, agrees where that is asked, and answers the page or address after them. */
  async fillIn(page, loginName, password = usualPassword) {
    for (let screens = 0; page.forms && screens < 5; ++screens) {
      const asks = (name) => page.forms.some(({fields}) => name in fields);
      const consent = page.forms.find(({action}) => action.pathname.endsWith('/consent'));
      if (asks('loginName') && !asks('password')) page = await this.submit(page, {loginName});
      else if (asks('password')) page = await this.submit(page, {password});
      else if (consent) page = await this.open(consent.action, {...consent.fields, do: 'allow'});
      else break;
    }
    return page;
  }

  /** The page that posts an answer to the application does so without a person (response_mode=form_post). */
  through(page) {
    const form = page.forms?.length === 1 && !this.origins.includes(page.forms[0].action.origin) && page.forms[0];
    return form ? {left: form.action, form: form.fields} : page;
  }
}

/** The parameters of the answer an application gets, whichever way they came. */
export function answerOf({left, form, status, text}) {
  if (!left) throw new Error(`the browser did not leave: ${status} ${text}`);
  return form ?? Object.fromEntries(new URLSearchParams(left.hash ? left.hash.slice(1) : left.search));
}
