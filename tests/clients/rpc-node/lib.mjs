// Where the server is, and who calls.
import {readFileSync} from 'node:fs';

export const base = process.env.GODWIT_BASE;
export const token = readFileSync(process.env.GODWIT_ADMIN_PAT, 'utf8').trim();

let unique = Date.now() % 1e9;
export const fresh = (name) => `${name}-${(unique++).toString(36)}`;
